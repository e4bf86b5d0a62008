//! What is in force, as rows for people and programs; secrets are masked.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::keys::is_secret_property;
use super::value::{Kind, Value};
use super::{Given, Key, Layers, Origin};

/// What is shown in place of a secret, whatever its length.
pub(crate) const MASK: &str = "********";

/// All settings, in the order of the example file.
#[derive(Serialize)]
pub(crate) struct Listing {
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    key: String,
    /// Null where nothing is set.
    value: Json,
    from: String,
}

/// Lists what is in force.
pub(crate) fn listing(layers: &Layers) -> Listing {
    let mut rows = Vec::new();
    for key in Key::ALL {
        if key.kind() == Kind::Pairs {
            for ((_, name), given) in layers.pairs.iter().filter(|((of, _), _)| of == key) {
                let is_secret = *key == Key::KafkaProperties && is_secret_property(name);
                let value = if is_secret { json!(MASK) } else { shown(&given.value) };
                rows.push(row(&format!("{}.{name}", key.name()), value, &given.origin));
            }
            continue;
        }
        let given = layers.given.get(key).cloned();
        let given = given.or_else(|| Some(Given { value: key.default_value()?, origin: Origin::Default }));
        match given {
            Some(given) => {
                let masked = key.is_secret() && given.value != Value::Text(String::new());
                let value = if masked { json!(MASK) } else { shown(&given.value) };
                rows.push(row(key.name(), value, &given.origin));
            }
            None => rows.push(row(key.name(), Json::Null, &Origin::Default)),
        }
    }
    Listing { rows }
}

fn row(key: &str, value: Json, from: &Origin) -> Row {
    Row { key: key.to_owned(), value, from: from.to_string() }
}

fn shown(value: &Value) -> Json {
    match value {
        Value::Text(text) => json!(text),
        Value::Flag(flag) => json!(flag),
        Value::Count(count) => json!(count),
        Value::Texts(texts) => json!(texts),
        Value::Pairs(pairs) => json!(pairs),
    }
}
