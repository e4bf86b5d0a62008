//! Reads single keys from the layers, each of its kind and in its range.

use std::cmp::Ordering;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use super::value::Value;
use super::{ConfigError, Given, Key, Layers, Origin, ranges};

/// Reads single keys from the layers, their defaults where nobody said anything.
pub(super) struct Read<'a> {
    pub(super) layers: &'a Layers,
}

impl Read<'_> {
    pub(super) fn given(&self, key: Key) -> Option<Given> {
        self.layers.given.get(&key).cloned().or_else(|| {
            let value = key.default_value()?;
            Some(Given { value, origin: Origin::Default })
        })
    }

    pub(super) fn origin(&self, key: Key) -> Origin {
        self.layers.given.get(&key).map_or(Origin::Default, |given| given.origin.clone())
    }

    pub(super) fn text(&self, key: Key) -> Option<String> {
        match self.given(key)?.value {
            Value::Text(text) if !text.is_empty() => Some(text),
            Value::Text(_) | Value::Flag(_) | Value::Count(_) | Value::Texts(_) | Value::Pairs(_) => None,
        }
    }

    pub(super) fn path(&self, key: Key) -> Option<PathBuf> {
        self.text(key).map(PathBuf::from)
    }

    pub(super) fn texts(&self, key: Key) -> Vec<String> {
        match self.given(key).map(|given| given.value) {
            Some(Value::Texts(texts)) => texts,
            Some(Value::Text(_) | Value::Flag(_) | Value::Count(_) | Value::Pairs(_)) | None => Vec::new(),
        }
    }

    pub(super) fn flag(&self, key: Key) -> bool {
        matches!(self.given(key).map(|given| given.value), Some(Value::Flag(true)))
    }

    pub(super) fn count(&self, key: Key) -> u64 {
        match self.given(key).map(|given| given.value) {
            Some(Value::Count(count)) => count,
            Some(Value::Text(_) | Value::Flag(_) | Value::Texts(_) | Value::Pairs(_)) | None => 0,
        }
    }

    pub(super) fn invalid(&self, key: Key, expected: &'static str, found: String) -> ConfigError {
        ConfigError::Invalid { origin: self.origin(key), key: key.name(), expected, found }
    }

    pub(super) fn at_least_one(&self, key: Key) -> Result<u64, ConfigError> {
        let count = self.count(key);
        if count == 0 { Err(self.invalid(key, "at least 1", count.to_string())) } else { self.not_too_much(key) }
    }

    /// A number that is not above the most that it may be.
    pub(super) fn not_too_much(&self, key: Key) -> Result<u64, ConfigError> {
        let count = self.count(key);
        match ranges::most(key) {
            Some((most, expected)) if count > most => Err(self.invalid(key, expected, count.to_string())),
            Some(_) | None => Ok(count),
        }
    }

    pub(super) fn size(&self, key: Key) -> Result<usize, ConfigError> {
        let count = self.at_least_one(key)?;
        usize::try_from(count).map_err(|_| self.invalid(key, "a size that fits into memory", count.to_string()))
    }

    pub(super) fn parsed<T>(
        &self,
        key: Key,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let text = self.text(key).unwrap_or_default();
        parse(&text).ok_or_else(|| self.invalid(key, expected, text))
    }

    pub(super) fn at_most(&self, key: Key, most: u64, expected: &'static str) -> Result<usize, ConfigError> {
        let count = self.count(key);
        let fits = usize::try_from(count).ok().filter(|_| count <= most);
        fits.ok_or_else(|| self.invalid(key, expected, count.to_string()))
    }

    pub(super) fn within(
        &self,
        key: Key,
        range: &RangeInclusive<u64>,
        expected: &'static str,
    ) -> Result<u64, ConfigError> {
        let count = self.count(key);
        if range.contains(&count) { Ok(count) } else { Err(self.invalid(key, expected, count.to_string())) }
    }

    /// A secret, from its key or from the file that another key names, less the line end at its end. Of the two
    /// the stronger layer's goes; one layer may not say both.
    pub(super) fn secret(&self, key: Key, file_key: Key) -> Result<Option<String>, ConfigError> {
        let (secret, file) = (self.text(key), self.path(file_key));
        let Some(path) = file else { return Ok(secret) };
        if secret.is_some() {
            match self.origin(key).rank().cmp(&self.origin(file_key).rank()) {
                Ordering::Greater => return Ok(secret),
                Ordering::Less => {}
                Ordering::Equal => {
                    let origin = self.origin(file_key);
                    return Err(ConfigError::Exclusive { origin, key: file_key.name(), other: key.name() });
                }
            }
        }
        let text =
            std::fs::read_to_string(&path).map_err(|cause| ConfigError::Unreadable { path: path.clone(), cause })?;
        let secret = text.trim_end_matches(['\r', '\n']);
        if secret.is_empty() {
            return Err(self.invalid(file_key, "a file that holds a secret", path.display().to_string()));
        }
        Ok(Some(secret.to_owned()))
    }

    /// The entries of a table, by name.
    pub(super) fn pairs(&self, key: Key) -> Vec<(String, String)> {
        let of_key = self.layers.pairs.iter().filter(|((of, _), _)| *of == key);
        let text = |value: &Value| match value {
            Value::Text(text) => Some(text.clone()),
            Value::Flag(_) | Value::Count(_) | Value::Texts(_) | Value::Pairs(_) => None,
        };
        of_key.filter_map(|((_, name), given)| Some((name.clone(), text(&given.value)?))).collect()
    }

    /// An entry of a table that has no meaning.
    pub(super) fn invalid_pair(&self, key: Key, name: &str, expected: &'static str, found: String) -> ConfigError {
        let given = self.layers.pairs.get(&(key, name.to_owned()));
        let origin = given.map_or(Origin::Default, |given| given.origin.clone());
        ConfigError::Invalid { origin, key: key.name(), expected, found }
    }

    /// Whether somebody set a key.
    pub(super) fn is_given(&self, key: Key) -> bool {
        self.origin(key) != Origin::Default
    }
}

/// Whether a text is the address of a server: http or https, and a host.
pub(super) fn is_http_address(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace))
}
