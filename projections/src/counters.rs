//! What became of every event read (SPEC 1): counts, source offsets and the heads of what is in quarantine.

use std::collections::BTreeMap;

/// Counts and positions that frames bring beside their events.
#[derive(Default)]
pub(crate) struct Counters {
    /// Duplicates by CloudEvents source.
    pub(crate) duplicates: BTreeMap<Box<str>, u64>,
    /// The next offset of each topic and partition read.
    pub(crate) offsets: BTreeMap<(Box<str>, i32), i64>,
    /// Trades stamped before their account's registration.
    pub(crate) trades_before_registration: u64,
}
