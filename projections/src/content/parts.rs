//! How a content is cut: sections, and within them parts that begin where they always begin.

use ledger::fields::Fields;

use crate::output::Output;

/// Declares the sections, each with the number that its parts begin with.
macro_rules! sections {
    ($($(#[doc = $doc:literal])* $section:ident = $number:literal),* $(,)?) => {
        /// What a part is of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Section {
            $($(#[doc = $doc])* $section = $number,)*
        }

        impl Section {
            /// The section of a number.
            pub(super) fn of(number: u8) -> Option<Section> {
                match number {
                    $($number => Some(Section::$section),)*
                    _ => None,
                }
            }
        }
    };
}

sections! {
    /// What is one of its kind. The last part of all.
    Head = 0,
    /// A piece of the index.
    Index = 1,
    /// Of accounts, what seldom changes.
    Accounts = 2,
    /// Of accounts, what their trades change.
    Activity = 3,
    /// Sums of accounts that are too wide for their rows.
    WideTotals = 4,
    /// Codes and their owners.
    Codes = 5,
    /// Invitees of one code, a full block.
    InviteeBlock = 6,
    /// The invitees behind the full blocks of some codes.
    Invitees = 7,
    /// Cells of the last days of some codes.
    Cells = 8,
    /// Cells of days long past of some codes.
    PackedCells = 9,
    /// Who joined a campaign.
    Joins = 10,
    /// The reversals of trades.
    Reversals = 11,
    /// Reversals that wait for their trades.
    PendingReversals = 12,
    /// Entries that changed earlier trades, and whose.
    Late = 13,
    /// Entries of commands that were made with an idempotency key.
    KeyedCommands = 14,
    /// The entries of all other facts.
    Facts = 15,
    /// The latest event times.
    EventTimes = 16,
}

/// How many positions are of one stretch.
pub(super) const POSITIONS: u64 = 1 << 18;

/// Gives parts to who takes them, one after the other.
pub(crate) struct Parts<'t, E> {
    take: &'t mut dyn FnMut(&[u8]) -> Result<(), E>,
    bytes: Vec<u8>,
    count: u64,
}

impl<'t, E> Parts<'t, E> {
    pub(crate) fn new(take: &'t mut dyn FnMut(&[u8]) -> Result<(), E>) -> Parts<'t, E> {
        Parts { take, bytes: Vec::new(), count: 0 }
    }

    /// How many were given so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// One more part.
    pub(crate) fn part(&mut self, section: Section, fill: impl FnOnce(&mut Output<'_>)) -> Result<(), E> {
        self.bytes.clear();
        let out = &mut Output(&mut self.bytes);
        out.u8(section as u8);
        fill(out);
        self.count += 1;
        (self.take)(&self.bytes)
    }

    /// Entries under numbers, sorted by them: those of a stretch of so many numbers are a part.
    pub(super) fn stretches<T>(
        &mut self,
        section: Section,
        stretch: u64,
        mut entries: Vec<(u64, T)>,
        put: impl Fn(&T, &mut Output<'_>),
    ) -> Result<(), E> {
        entries.sort_by_key(|(number, _)| *number);
        for entries in entries.chunk_by(|one, next| one.0 / stretch == next.0 / stretch) {
            self.part(section, |out| {
                out.count(entries.len());
                let mut before = 0;
                for (number, entry) in entries {
                    out.varint(number - before);
                    before = *number;
                    put(entry, out);
                }
            })?;
        }
        Ok(())
    }
}

/// Reads the entries of a stretch, each with its number.
pub(super) fn read_stretch(
    fields: &mut Fields<'_>,
    mut read: impl FnMut(&mut Fields<'_>, u64) -> Option<()>,
) -> Option<()> {
    let mut number = 0u64;
    for _ in 0..fields.count()? {
        number = number.checked_add(fields.varint()?)?;
        read(fields, number)?;
    }
    Some(())
}
