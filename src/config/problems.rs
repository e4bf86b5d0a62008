//! All that is wrong with the settings, and not the first alone: what is wrong is left out, and the rest looked at.

use std::path::Path;

use super::value::Value;
use super::{ConfigError, Flags, Key, Layers, Settings, read_layers};

/// Reads all layers as [`super::load`] does.
///
/// # Errors
/// Every problem, those of the file and the variables first.
pub(crate) fn check(
    file: Option<&Path>,
    variables: impl IntoIterator<Item = (String, String)>,
    flags: Flags,
) -> Result<(Settings, Layers), Vec<ConfigError>> {
    let mut problems = Vec::new();
    let layers = read_layers(file, variables, flags, &mut problems);
    let mut left = layers.clone();
    loop {
        match Settings::from_layers(&left) {
            Ok(settings) if problems.is_empty() => return Ok((settings, layers)),
            Ok(_) => return Err(problems),
            Err(problem) => {
                let keys = keys_of(&problem, &left);
                let is_left_out = keys.iter().filter_map(|key| left.given.remove(key)).count() > 0;
                // What stands at its default is wrong beside another one that was told already.
                if is_left_out || problems.is_empty() {
                    problems.push(problem);
                }
                if !is_left_out {
                    return Err(problems);
                }
            }
        }
    }
}

/// The settings that a problem is about.
fn keys_of(problem: &ConfigError, layers: &Layers) -> Vec<Key> {
    match problem {
        ConfigError::WrongKind { key, .. }
        | ConfigError::Invalid { key, .. }
        | ConfigError::Incomplete { key, .. }
        | ConfigError::Idle { key, .. }
        | ConfigError::Exclusive { key, .. } => Key::from_name(key).into_iter().collect(),
        // A file that a setting names.
        ConfigError::Unreadable { path, .. } => {
            let names = |value: &Value| matches!(value, Value::Text(text) if Path::new(text) == path);
            layers.given.iter().filter(|(_, given)| names(&given.value)).map(|(key, _)| *key).collect()
        }
        ConfigError::Syntax { .. } | ConfigError::UnknownKey { .. } => Vec::new(),
    }
}
