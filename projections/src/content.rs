//! What of a state is kept: sums, firsts and indexes as plain integers, facts by position.
//!
//! A fact is never written, only the position of the entry that brought it: it is read again from the ledger. So kept
//! bytes never say what a rate is. They are under no checksum here; whoever keeps them guards them.
//!
//! A content is made of *parts*, cut at places that stay where they are: so many accounts, so many codes, a stretch of
//! positions. A part hangs on no other one, and stays byte for byte the same as long as nothing of its place is changed,
//! so whoever keeps a later state need not keep it again. The same state gives the same parts in every process.

mod accounts;
mod cells;
mod codes;
mod facts;
mod lists;
pub(crate) mod parts;
mod reading;
mod references;

use ledger::{IndexDecodeError, Position, ReadError};
use schemas::Timestamp;

use self::parts::{Parts, Section};
pub use self::reading::StateReader;
use crate::state::State;

/// "None" among dense ids and ordinals.
const NONE: u32 = u32::MAX;

/// Why bytes are no state: they are thrown away, and the ledger replayed.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// They end early, go on too long or say what cannot be.
    #[error("the kept state makes no sense")]
    Malformed,
    /// Their index is none, or stands on runs that are not there.
    #[error(transparent)]
    Index(#[from] IndexDecodeError),
    /// An entry that they name cannot be read.
    #[error(transparent)]
    Ledger(#[from] ReadError),
}

impl State {
    /// Gives what is kept of the state, a part at a time; [`StateReader`] takes them in the same order. The bytes of a
    /// part are there until the next one is asked for.
    ///
    /// # Errors
    /// Those of who takes them: the first one ends it.
    pub fn write_parts<E>(&self, take: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let parts = &mut Parts::new(take);
        self.index.write_parts(&mut |part| parts.part(Section::Index, |out| out.0.extend_from_slice(part)))?;
        self.write_accounts(parts)?;
        self.write_codes(parts)?;
        self.write_cells(parts)?;
        self.write_lists(parts)?;
        self.write_facts(parts)?;
        self.event_times.write(parts)?;
        self.write_head(parts)
    }

    /// The last part: what is one of its kind, and what tells whether the others are all there.
    fn write_head<E>(&self, parts: &mut Parts<'_, E>) -> Result<(), E> {
        let parts_before = parts.count();
        parts.part(Section::Head, |out| {
            out.varint(parts_before);
            out.count(self.accounts.len());
            out.count(self.codes.len());
            out.u64(self.position);
            out.i64(self.recorded_at.map_or(i64::MIN, |time| time.0));
            out.i64(self.event_time.map_or(i64::MIN, |time| time.0));
            self.counters.encode(out);
        })
    }
}

fn some_time(micros: i64) -> Option<Timestamp> {
    (micros != i64::MIN).then_some(Timestamp(micros))
}

fn some_id(id: u32) -> Option<u32> {
    (id != NONE).then_some(id)
}

/// What kept bytes name of the ledger, to be read again there.
#[derive(Default)]
struct Named {
    facts: Vec<Position>,
    /// The reversals of each trade.
    reversals: Vec<(Position, Vec<Position>)>,
}
