//! Rules as they were written, in TOML or JSON: values in one form, with their lines where those are known.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// A value and the line it stands in, from 1; none in JSON.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Located {
    pub(super) line: Option<usize>,
    pub(super) node: Node,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    /// As JSON writes it.
    Number(String),
    /// A number that JSON has no form for.
    OddNumber,
    Text(String),
    /// A date or a time of TOML's own.
    Moment,
    List(Vec<Located>),
    /// In the order written; a key of JSON may be there twice.
    Table(Vec<(String, Located)>),
}

/// A text that is no TOML or no JSON.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) line: Option<usize>,
    pub(super) detail: String,
}

impl Node {
    /// What it is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Bool(_) => "true or false",
            Node::Number(_) | Node::OddNumber => "a number",
            Node::Text(_) => "a text",
            Node::Moment => "a date or time without quotes",
            Node::List(_) => "a list",
            Node::Table(_) => "a table",
        }
    }
}

impl Located {
    /// Appends the value as JSON; gives the first value that JSON has no form for.
    pub(super) fn write_json(&self, out: &mut String) -> Result<(), &Located> {
        match &self.node {
            Node::Null => out.push_str("null"),
            Node::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Node::Number(number) => out.push_str(number),
            Node::Text(text) => out.push_str(&quoted(text)),
            Node::OddNumber | Node::Moment => return Err(self),
            Node::List(values) => {
                out.push('[');
                for (at, value) in values.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    value.write_json(out)?;
                }
                out.push(']');
            }
            Node::Table(fields) => {
                out.push('{');
                for (at, (name, value)) in fields.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    out.push_str(&quoted(name));
                    out.push(':');
                    value.write_json(out)?;
                }
                out.push('}');
            }
        }
        Ok(())
    }
}

/// A text as JSON writes it.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Reads TOML.
pub(super) fn of_toml(text: &str) -> Result<Located, Unreadable> {
    let line_of = |byte: usize| 1 + text.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count();
    match DeTable::parse(text) {
        Ok(table) => Ok(Located { line: None, node: table_node(table.get_ref(), &line_of) }),
        Err(error) => {
            let line = error.span().map(|span| line_of(span.start));
            Err(Unreadable { line, detail: format!("this is no TOML: {}", error.message()) })
        }
    }
}

fn table_node(table: &DeTable<'_>, line_of: &dyn Fn(usize) -> usize) -> Node {
    let mut fields: Vec<_> = table.iter().collect();
    fields.sort_by_key(|(key, _)| key.span().start);
    let located = |(key, value): (&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| {
        let mut value = located(value, line_of);
        // Where a key is wrong, its line is looked for; a value may begin further down.
        if !matches!(value.node, Node::List(_) | Node::Table(_)) {
            value.line = Some(line_of(key.span().start));
        }
        (key.get_ref().to_string(), value)
    };
    Node::Table(fields.into_iter().map(located).collect())
}

fn located(value: &Spanned<DeValue<'_>>, line_of: &dyn Fn(usize) -> usize) -> Located {
    let node = match value.get_ref() {
        DeValue::Boolean(flag) => Node::Bool(*flag),
        DeValue::String(text) => Node::Text(text.to_string()),
        DeValue::Datetime(_) => Node::Moment,
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(integer) => Node::Number(integer.to_string()),
            Err(_) => Node::OddNumber,
        },
        DeValue::Float(float) => {
            let number = float.as_str().parse().ok().and_then(serde_json::Number::from_f64);
            number.map_or(Node::OddNumber, |number| Node::Number(number.to_string()))
        }
        DeValue::Array(values) => Node::List(values.iter().map(|value| located(value, line_of)).collect()),
        DeValue::Table(table) => table_node(table, line_of),
    };
    Located { line: Some(line_of(value.span().start)), node }
}

/// Reads JSON.
pub(super) fn of_json(text: &str) -> Result<Located, Unreadable> {
    serde_json::from_str(text).map_err(|error| {
        let line = Some(error.line()).filter(|line| *line > 0);
        Unreadable { line, detail: format!("this is no JSON: {error}") }
    })
}

impl<'de> Deserialize<'de> for Located {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Located, D::Error> {
        let node = deserializer.deserialize_any(NodeVisitor)?;
        Ok(Located { line: None, node })
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Node, E> {
        Ok(Node::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Number(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Number(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        let number = serde_json::Number::from_f64(number);
        Ok(number.map_or(Node::OddNumber, |number| Node::Number(number.to_string())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Node::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Node::Table(fields))
    }
}
