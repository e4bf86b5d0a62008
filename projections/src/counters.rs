//! What became of the events read (SPEC 1) that are neither in the ledger nor in quarantine, and how far sources were
//! read.

use std::collections::BTreeMap;

use ledger::column::Shared;
use ledger::fields::Fields;

use crate::output::Output;
use crate::places::Places;

/// So many sources are counted by name.
const SOURCES_MAX: usize = 10_000;

/// The name under which the duplicates of all further sources are counted together; those of a source that has it
/// are among them.
const OTHER_SOURCES: &str = "(other sources)";

/// Counts and positions that frames bring beside their events.
#[derive(Clone, Default)]
pub(crate) struct Counters {
    /// Duplicates by CloudEvents source.
    pub(crate) duplicates: Shared<BTreeMap<Box<str>, u64>>,
    /// How far each topic and partition was read.
    pub(crate) places: Shared<Places>,
    /// Trades stamped before their account's registration.
    pub(crate) trades_before_registration: u64,
}

impl Counters {
    /// In the order of the frames the first sources have their names, so that a replay counts the same.
    pub(crate) fn count_duplicates(&mut self, source: &str, count: u64) {
        let is_known = self.duplicates.contains_key(source);
        let name = if is_known || self.duplicates.len() < SOURCES_MAX { source } else { OTHER_SOURCES };
        *self.duplicates.entry(name.into()).or_default() += count;
    }

    pub(crate) fn encode(&self, out: &mut Output<'_>) {
        out.count(self.duplicates.len());
        for (source, count) in self.duplicates.iter() {
            out.bytes(source.as_bytes());
            out.u64(*count);
        }
        self.places.encode(out);
        out.u64(self.trades_before_registration);
    }

    pub(crate) fn read(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        for _ in 0..fields.count()? {
            let source: Box<str> = fields.text()?.into();
            self.duplicates.insert(source, fields.u64()?);
        }
        self.places.read(fields)?;
        self.trades_before_registration = fields.u64()?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates_are_counted_by_name_for_so_many_sources_and_together_for_all_others() {
        let mut counters = Counters::default();
        for number in 0..SOURCES_MAX + 500 {
            counters.count_duplicates(&format!("/source/{number}"), 1);
        }
        counters.count_duplicates("/source/0", 2);
        assert_eq!(counters.duplicates.len(), SOURCES_MAX + 1);
        assert_eq!(counters.duplicates["/source/0"], 3);
        assert_eq!(counters.duplicates[OTHER_SOURCES], 500);
        assert_eq!(counters.duplicates.values().sum::<u64>(), SOURCES_MAX as u64 + 502, "each one is counted");
        // Kept and read again, it goes on the same.
        let mut bytes = Vec::new();
        counters.encode(&mut Output(&mut bytes));
        let mut read = Counters::default();
        read.read(&mut Fields(&bytes)).expect("it was just written");
        assert_eq!(*read.duplicates, *counters.duplicates);
        read.count_duplicates("/new", 1);
        assert_eq!(read.duplicates[OTHER_SOURCES], 501);
    }
}
