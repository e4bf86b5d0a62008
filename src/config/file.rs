//! The TOML file: every key in it must be a setting, of the right kind; a mistake is told with its line.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::value::{Kind, Value};
use super::{ConfigError, Given, Key, Layers, Origin};

/// Reads a file into the layers; what of it cannot be taken joins the problems.
pub(super) fn read(path: &Path, layers: &mut Layers, problems: &mut Vec<ConfigError>) {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(cause) => return problems.push(ConfigError::Unreadable { path: path.to_path_buf(), cause }),
    };
    match DeTable::parse(&text) {
        Ok(document) => Reader { path, text: &text, layers, problems }.table("", document.get_ref()),
        Err(error) => problems.push(ConfigError::Syntax {
            path: path.to_path_buf(),
            line: line_of(&text, error.span().map_or(0, |span| span.start)),
            message: error.message().to_owned(),
        }),
    }
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    layers: &'a mut Layers,
    problems: &'a mut Vec<ConfigError>,
}

impl Reader<'_> {
    fn table(&mut self, section: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name =
                if section.is_empty() { key.get_ref().to_string() } else { format!("{section}.{}", key.get_ref()) };
            let origin = Origin::File { path: self.path.to_path_buf(), line: line_of(self.text, key.span().start) };
            match (Key::from_name(&name), value.get_ref()) {
                (Some(key), value) => match read_value(key.kind(), value) {
                    Some(value) => self.layers.put(key, Given { value, origin }),
                    None => self.problems.push(ConfigError::WrongKind {
                        origin,
                        key: key.name(),
                        expected: key.kind().expected(),
                        found: found(value),
                    }),
                },
                (None, DeValue::Table(inner)) if is_section(&name) => self.table(&name, inner),
                (None, _) => {
                    let known = Key::known_beside(&name);
                    self.problems.push(ConfigError::UnknownKey { origin, name, known });
                }
            }
        }
    }
}

fn is_section(name: &str) -> bool {
    Key::ALL.iter().any(|key| key.name().strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

fn read_value(kind: Kind, value: &DeValue<'_>) -> Option<Value> {
    match (kind, value) {
        (Kind::Text, DeValue::String(text)) => Some(Value::Text(text.to_string())),
        (Kind::Flag, DeValue::Boolean(flag)) => Some(Value::Flag(*flag)),
        (Kind::Count, DeValue::Integer(number)) => {
            u64::from_str_radix(number.as_str(), number.radix()).ok().map(Value::Count)
        }
        (Kind::Texts, DeValue::Array(list)) => {
            let texts = list.iter().map(|item| item.get_ref().as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>().map(Value::Texts)
        }
        // One text stands for a list of one: it reads well for a single broker or topic.
        (Kind::Texts, DeValue::String(text)) => Kind::Texts.read_text(text),
        (Kind::Pairs, DeValue::Table(table)) => read_pairs("", table).map(Value::Pairs),
        _ => None,
    }
}

/// The properties of a table; `fetch.min.bytes = …` without quotes is a table in tables, and means the same.
fn read_pairs(prefix: &str, table: &DeTable<'_>) -> Option<BTreeMap<String, String>> {
    let mut pairs = BTreeMap::new();
    for (name, value) in table {
        let name = format!("{prefix}{}", name.get_ref());
        match value.get_ref() {
            DeValue::String(text) => drop(pairs.insert(name, text.to_string())),
            DeValue::Integer(number) => drop(pairs.insert(name, number.to_string())),
            DeValue::Float(number) => drop(pairs.insert(name, number.as_str().to_owned())),
            DeValue::Boolean(flag) => drop(pairs.insert(name, flag.to_string())),
            DeValue::Table(inner) => pairs.extend(read_pairs(&format!("{name}."), inner)?),
            DeValue::Array(_) | DeValue::Datetime(_) => return None,
        }
    }
    Some(pairs)
}

fn found(value: &DeValue<'_>) -> String {
    format!("{} {}", if value.is_array() || value.is_integer() { "an" } else { "a" }, value.type_str())
}

/// The line of a byte, from 1.
fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
}
