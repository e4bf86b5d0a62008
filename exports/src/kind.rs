//! The kinds of export: what each row is, in which columns, in which order.

mod audit;
mod clawbacks;
mod codes;
mod daily;
mod entries;
mod events;
mod postings;
mod referrals;
mod rewards;
mod trades;
mod withheld;

use ledger::{LedgerReader, Position};
use projections::View;
use schemas::{Event, Uid};

use crate::column::Column;
use crate::error::ExportError;
use crate::filter::{Filter, FilterError};
use crate::sink::{Outlet, Sink, Table};

/// How many entries are read before it is said how far it is.
const ENTRIES_BETWEEN_PROGRESS: u64 = 4_096;

/// Declares the kinds once: variant, name, module.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal in $module:ident::$table:ident,)*) => {
        /// What is exported.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $variant,)* }

        impl Kind {
            /// All kinds.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant,)*];
            /// Their names.
            pub const NAMES: &'static [&'static str] = &[$($name,)*];

            /// The kind of a name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Kind> {
                match name { $($name => Some(Kind::$variant),)* _ => None }
            }

            /// Its name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Kind::$variant => $name,)* }
            }

            /// Its columns in their order.
            #[must_use]
            pub fn columns(self) -> &'static [Column] {
                match self { $(Kind::$variant => $module::$table::COLUMNS,)* }
            }

            /// What its rows are, in Parquet's schema.
            pub(crate) fn title(self) -> &'static str {
                match self { $(Kind::$variant => $module::$table::TITLE,)* }
            }

            /// Gives its rows, batch by batch.
            pub(crate) fn give(self, source: &Source<'_>, outlet: &mut dyn Outlet) -> Result<(), ExportError> {
                match self { $(Kind::$variant => {
                    let mut sink = Sink::<$module::$table>::new(outlet);
                    $module::give(source, &mut sink)?;
                    sink.finish()
                })* }
            }
        }
    };
}

kinds! {
    /// Every event, as a CloudEvent.
    Events = "events" in events::EventColumns,
    /// Every event with its position and a column a field.
    Entries = "entries" in entries::EntryColumns,
    /// Every posting of every entry.
    Postings = "postings" in postings::PostingColumns,
    /// Every trade, explained.
    Trades = "trades" in trades::TradeColumns,
    /// Every invitee, as the referral list shows it.
    Referrals = "referrals" in referrals::ReferralColumns,
    /// Every code in force that belongs to somebody.
    Codes = "codes" in codes::CodeColumns,
    /// Every record of rewards, of both kinds.
    Rewards = "rewards" in rewards::RewardColumns,
    /// Every day of a referrer, code, country and product.
    Daily = "daily" in daily::DailyColumns,
    /// Every trade that something was withheld of, and what takes one back.
    Withheld = "withheld" in withheld::WithheldColumns,
    /// Every trade that a reversal took something back of.
    Clawbacks = "clawbacks" in clawbacks::ClawbackColumns,
    /// Everything done by somebody who is known.
    Audit = "audit" in audit::AuditColumns,
}

impl Kind {
    /// Whether its rows have a position, after which an export can go on.
    #[must_use]
    pub fn has_position(self) -> bool {
        match self {
            Kind::Entries | Kind::Postings | Kind::Trades => true,
            Kind::Events
            | Kind::Referrals
            | Kind::Codes
            | Kind::Rewards
            | Kind::Daily
            | Kind::Withheld
            | Kind::Clawbacks
            | Kind::Audit => false,
        }
    }

    /// Whether its rows are a referrer's.
    #[must_use]
    pub fn has_referrer(self) -> bool {
        match self {
            Kind::Postings
            | Kind::Trades
            | Kind::Referrals
            | Kind::Codes
            | Kind::Rewards
            | Kind::Daily
            | Kind::Withheld
            | Kind::Clawbacks => true,
            Kind::Events | Kind::Entries | Kind::Audit => false,
        }
    }
}

impl Filter {
    /// Checks the filter against the kind, and against the last position that is exported where it is known.
    ///
    /// # Errors
    /// Says what the kind cannot give.
    pub fn check(&self, kind: Kind, last: Option<Position>) -> Result<(), FilterError> {
        self.range.open().map_err(FilterError::Range)?;
        if self.uid.is_some() && !kind.has_referrer() {
            return Err(FilterError::NoUid { kind: kind.as_str() });
        }
        if let Some(after) = self.after {
            if !kind.has_position() {
                return Err(FilterError::NoPosition { kind: kind.as_str() });
            }
            if let Some(last) = last.filter(|last| after > *last) {
                return Err(FilterError::AfterEnd { after, last });
            }
        }
        Ok(())
    }
}

/// What rows are made of.
pub(crate) struct Source<'a> {
    pub(crate) view: &'a View<'a>,
    pub(crate) ledger: &'a LedgerReader,
    pub(crate) filter: &'a Filter,
    /// Entries up to this position only, which is not after the state's.
    pub(crate) last: Position,
    /// The columns that are wanted by name; of others a cell may be anything. None is all.
    pub(crate) wanted: Option<&'a [&'static str]>,
}

/// An entry of the ledger.
pub(crate) struct Entry<'e> {
    pub(crate) position: u64,
    pub(crate) recorded_at: schemas::Timestamp,
    pub(crate) event: Event<'e>,
}

impl Source<'_> {
    /// Whether one of these columns is wanted.
    fn wants(&self, columns: &[&str]) -> bool {
        self.wanted.is_none_or(|wanted| columns.iter().any(|column| wanted.contains(column)))
    }

    /// The way of a kind, in the measure in which it says how far it is.
    pub(crate) fn way(&self, kind: Kind) -> u64 {
        match kind {
            Kind::Events | Kind::Entries | Kind::Postings | Kind::Trades => {
                self.last.saturating_sub(self.filter.after.unwrap_or(0))
            }
            Kind::Referrals | Kind::Codes | Kind::Rewards | Kind::Daily | Kind::Withheld => {
                self.referrers().len() as u64
            }
            // They come in the order of the ledger.
            Kind::Clawbacks => self.last,
            Kind::Audit => self.view.state.index().deeds().frames() as u64,
        }
    }

    /// Gives the entries up to the state's position that the filter lets through, in order.
    fn each_entry<T: Table>(
        &self,
        sink: &mut Sink<'_, T>,
        mut give: impl FnMut(&Entry<'_>, &mut Sink<'_, T>) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let last = self.last;
        let after = self.filter.after.unwrap_or(0);
        if after >= last {
            return Ok(());
        }
        let range = self.filter.range()?;
        let (from, to) = (range.from.start(), range.to.end());
        let dictionary = self.ledger.dictionary();
        for frame in self.ledger.frames_from(after + 1)? {
            let frame = frame?;
            let recorded_at = frame.recorded_at();
            for entry in frame.entries(&dictionary) {
                let (position, event) = entry?;
                if position <= after {
                    continue;
                }
                if position > last {
                    return Ok(());
                }
                if position % ENTRIES_BETWEEN_PROGRESS == 0 {
                    sink.progress(position - after)?;
                }
                if from <= event.time && event.time < to {
                    give(&Entry { position, recorded_at, event }, sink)?;
                }
            }
        }
        Ok(())
    }

    /// Gives the referrers, ascending by uid.
    fn each_referrer<T: Table>(
        &self,
        sink: &mut Sink<'_, T>,
        mut give: impl FnMut(Uid, &mut Sink<'_, T>) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        for (done, referrer) in self.referrers().into_iter().enumerate() {
            sink.progress(done as u64)?;
            give(referrer, sink)?;
        }
        Ok(())
    }

    fn referrers(&self) -> Vec<Uid> {
        self.filter.uid.map_or_else(|| self.view.referrers(), |uid| vec![uid])
    }
}
