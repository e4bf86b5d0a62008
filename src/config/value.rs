//! A setting's value before it has its meaning: as TOML and variables can say it.

use std::collections::BTreeMap;

/// A value of one of the kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Flag(bool),
    Count(u64),
    Texts(Vec<String>),
    Pairs(BTreeMap<String, String>),
}

/// The kind of value a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Flag,
    Count,
    Texts,
    Pairs,
}

impl Kind {
    /// What a value of this kind is, for people.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Kind::Text => "a text",
            Kind::Flag => "true or false",
            Kind::Count => "a whole number of at least 0",
            Kind::Texts => "a list of texts",
            Kind::Pairs => "a table of texts",
        }
    }

    /// The value that a variable says: lists by commas, pairs as `name=value` by semicolons.
    pub(crate) fn read_text(self, text: &str) -> Option<Value> {
        match self {
            Kind::Text => Some(Value::Text(text.to_owned())),
            Kind::Flag => text.parse().ok().map(Value::Flag),
            Kind::Count => text.replace('_', "").parse().ok().map(Value::Count),
            Kind::Texts => Some(Value::Texts(read_list(text, ','))),
            Kind::Pairs => {
                let pairs = read_list(text, ';').into_iter().map(|pair| {
                    let (name, value) = pair.split_once('=')?;
                    Some((name.trim().to_owned(), value.trim().to_owned()))
                });
                pairs.collect::<Option<_>>().map(Value::Pairs)
            }
        }
    }
}

fn read_list(text: &str, separator: char) -> Vec<String> {
    text.split(separator).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
