//! What is in force: settings from defaults, a TOML file, `TRIBUTARY_…` variables and flags, in rising order,
//! each with where it came from.

mod auth;
mod backup;
mod cassandra;
mod environment;
mod file;
mod http;
mod kafka;
mod kafka_security;
mod keys;
mod listing;
mod problems;
mod ranges;
mod read;
mod replication;
mod settings;
mod shards;
mod traces;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

pub(crate) use auth::Auth;
pub(crate) use backup::Backup;
pub(crate) use kafka::KafkaMode;
pub(crate) use kafka_security::{KafkaTokens, TokenEndpoint};
pub(crate) use keys::Key;
pub(crate) use listing::listing;
pub(crate) use problems::check;
pub(crate) use replication::{ElectionSettings, LeaderAddress};
pub(crate) use settings::{Limits, Log, LogFormat, Settings};

pub(crate) use traces::Traces;
pub(crate) use value::Value;

/// The file that is read when none is named, if it is there.
pub(crate) const DEFAULT_FILE: &str = "tributary.toml";

/// The variable that names the file.
pub(crate) const FILE_VARIABLE: &str = "TRIBUTARY_CONFIG";

/// Where a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody said anything.
    Default,
    /// A line of the file, from 1.
    File { path: PathBuf, line: usize },
    /// A variable of the environment.
    Variable { name: String },
    /// A flag of the command line.
    Flag { name: &'static str },
}

impl Origin {
    /// How strong the layer is: a higher one goes over a lower one.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Origin::Default => 0,
            Origin::File { .. } => 1,
            Origin::Variable { .. } => 2,
            Origin::Flag { .. } => 3,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => out.write_str("default"),
            Origin::File { path, line } => write!(out, "{}:{line}", path.display()),
            Origin::Variable { name } => out.write_str(name),
            Origin::Flag { name } => write!(out, "--{name}"),
        }
    }
}

/// What a layer says about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// What the command line says: a key, its flag's name and its value.
pub(crate) type Flags = Vec<(Key, &'static str, Value)>;

/// All settings that somebody gave, the strongest layer's value for each, and of those that are tables each entry by
/// itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layers {
    pub(crate) given: BTreeMap<Key, Given>,
    pub(crate) pairs: BTreeMap<(Key, String), Given>,
}

impl Layers {
    /// What a key comes to, its default where nobody said anything.
    fn value(&self, key: Key) -> Option<Value> {
        self.given.get(&key).map(|given| given.value.clone()).or_else(|| key.default_value())
    }

    /// Whether other layers come to the same of a key, wherever they say it.
    pub(crate) fn says_the_same(&self, other: &Layers, key: Key) -> bool {
        let entries = |layers: &Layers| -> BTreeMap<String, Value> {
            let of_key = layers.pairs.iter().filter(|((of, _), _)| *of == key);
            of_key.map(|((_, name), given)| (name.clone(), given.value.clone())).collect()
        };
        self.value(key) == other.value(key) && entries(self) == entries(other)
    }

    /// Takes of a key what other layers say, whatever these say.
    pub(crate) fn keep(&mut self, key: Key, other: &Layers) {
        self.pairs.retain(|(of, _), _| *of != key);
        let entries = other.pairs.iter().filter(|((of, _), _)| *of == key);
        self.pairs.extend(entries.map(|(name, given)| (name.clone(), given.clone())));
        match other.given.get(&key) {
            Some(given) => drop(self.given.insert(key, given.clone())),
            None => drop(self.given.remove(&key)),
        }
    }

    /// Takes what a layer says over what the layers below said.
    fn put(&mut self, key: Key, given: Given) {
        match given.value {
            // A table is a map: a layer adds to it, and overrides only what it names.
            Value::Pairs(pairs) => {
                for (name, value) in pairs {
                    let given = Given { value: Value::Text(value), origin: given.origin.clone() };
                    self.pairs.insert((key, name), given);
                }
            }
            Value::Text(_) | Value::Flag(_) | Value::Count(_) | Value::Texts(_) => {
                self.given.insert(key, given);
            }
        }
    }
}

/// Why the settings can't be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("{}: {cause}", path.display())]
    Unreadable { path: PathBuf, cause: std::io::Error },
    #[error("{}:{line}: {message}", path.display())]
    Syntax { path: PathBuf, line: usize, message: String },
    #[error("{origin}: no setting is called \"{name}\"; known are {known}")]
    UnknownKey { origin: Origin, name: String, known: String },
    #[error("{origin}: \"{key}\" has to be {expected}, not {found}")]
    WrongKind { origin: Origin, key: &'static str, expected: &'static str, found: String },
    #[error("{origin}: \"{key}\" has to be {expected}, not \"{found}\"")]
    Invalid { origin: Origin, key: &'static str, expected: &'static str, found: String },
    #[error("{origin}: \"{key}\" needs \"{needs}\" too")]
    Incomplete { origin: Origin, key: &'static str, needs: &'static str },
    #[error("{origin}: \"{key}\" means nothing without {needs}")]
    Idle { origin: Origin, key: &'static str, needs: &'static str },
    #[error("{origin}: \"{key}\" and \"{other}\" exclude each other")]
    Exclusive { origin: Origin, key: &'static str, other: &'static str },
}

/// The variables of the surroundings that begin with `TRIBUTARY_`.
pub(crate) fn surroundings() -> impl Iterator<Item = (String, String)> {
    // What is not UTF-8 is refused for its content later on, and other programs' variables are not our matter.
    let ours = std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value));
    ours.filter(|(name, _)| name.starts_with("TRIBUTARY_"))
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
}

/// Reads all layers: the file named, or `TRIBUTARY_CONFIG`, or `tributary.toml` if it is there; the variables;
/// the flags.
///
/// # Errors
/// Says which setting of which layer is unknown, of the wrong kind, or out of range: the first of them.
pub(crate) fn load(
    file: Option<&Path>,
    variables: impl IntoIterator<Item = (String, String)>,
    flags: Flags,
) -> Result<(Settings, Layers), ConfigError> {
    let mut problems = Vec::new();
    let layers = read_layers(file, variables, flags, &mut problems);
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem);
    }
    let settings = Settings::from_layers(&layers)?;
    Ok((settings, layers))
}

/// Reads all layers as far as they can be read; what is wrong with the rest joins the problems.
fn read_layers(
    file: Option<&Path>,
    variables: impl IntoIterator<Item = (String, String)>,
    flags: Flags,
    problems: &mut Vec<ConfigError>,
) -> Layers {
    let variables: Vec<(String, String)> = variables.into_iter().collect();
    let named = file.map(Path::to_path_buf).or_else(|| {
        let of_file = variables.iter().find(|(name, value)| name == FILE_VARIABLE && !value.is_empty());
        of_file.map(|(_, value)| PathBuf::from(value))
    });
    let path = named.or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()));

    let mut layers = Layers::default();
    if let Some(path) = path {
        file::read(&path, &mut layers, problems);
    }
    environment::read(&variables, &mut layers, problems);
    for (key, name, value) in flags {
        layers.put(key, Given { value, origin: Origin::Flag { name } });
    }
    layers
}

#[cfg(test)]
mod tests;
