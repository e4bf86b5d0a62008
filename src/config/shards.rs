//! The settings of `[route]`: events divided by families among several ledgers.

use super::read::Read;
use super::{ConfigError, Key};

/// A topic's name has 249 characters at most, and the longest that is put behind a prefix is `.accounts`.
const PREFIX_MAX: usize = 240;
/// How events are routed to shards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// What the topics between routers and shards begin with.
    pub(crate) prefix: String,
    /// A router's own name among those of its group.
    pub(crate) id: String,
    /// The group of the routers.
    pub(crate) group: String,
}

impl Read<'_> {
    pub(super) fn route(&self) -> Result<Route, ConfigError> {
        let name = |text: &str| Some(text.to_owned()).filter(|name| !name.is_empty());
        Ok(Route {
            prefix: self.parsed(
                Key::RoutePrefix,
                "the beginning of topics' names: 1 to 240 letters, digits, points, dashes and underscores",
                |text| name(text).filter(|prefix| is_prefix(prefix)),
            )?,
            id: self.parsed(Key::RouteId, "a name that no other router of the group has", name)?,
            group: self.parsed(Key::RouteGroup, "the name of a group", name)?,
        })
    }
}

fn is_prefix(prefix: &str) -> bool {
    prefix.len() <= PREFIX_MAX && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}
