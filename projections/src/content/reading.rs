//! A state made again from its parts, one after the other.

use ledger::column::Column;
use ledger::fields::Fields;
use ledger::{AccountId, EventReader, IndexReader};

use super::parts::Section;
use super::{ContentError, Named, references, some_time};
use crate::state::State;

/// Takes the parts that [`State::write_parts`] gave, in the same order, and holds none of them.
#[derive(Default)]
pub struct StateReader {
    pub(super) state: State,
    pub(super) named: Named,
    index: IndexReader,
    parts: u64,
    /// How many accounts have their activity.
    pub(super) active: usize,
    /// Whether the last part was read, and said that all others were.
    is_whole: bool,
}

impl StateReader {
    /// Before the first part.
    #[must_use]
    pub fn new() -> StateReader {
        StateReader::default()
    }

    /// Reads the next part.
    ///
    /// # Errors
    /// If it is not what was written next.
    pub fn part(&mut self, bytes: &[u8]) -> Result<(), ContentError> {
        let fields = &mut Fields(bytes);
        let section = fields.u8().and_then(Section::of).filter(|_| !self.is_whole).ok_or(ContentError::Malformed)?;
        if section == Section::Index {
            self.index.part(fields.0)?;
        } else {
            let is_read = self.read(section, fields).is_some() && fields.0.is_empty();
            is_read.then_some(()).ok_or(ContentError::Malformed)?;
        }
        self.parts += 1;
        Ok(())
    }

    fn read(&mut self, section: Section, fields: &mut Fields<'_>) -> Option<()> {
        match section {
            Section::Head => self.read_head(fields),
            // The index reads its own.
            Section::Index => None,
            Section::Accounts => self.read_accounts(fields),
            Section::Activity => self.read_activity(fields),
            Section::WideTotals => self.read_wide_totals(fields),
            Section::Codes => self.read_codes(fields),
            Section::InviteeBlock => self.read_invitee_block(fields),
            Section::Invitees => self.read_invitees(fields),
            Section::Cells => self.read_cells(fields),
            Section::PackedCells => self.read_packed_cells(fields),
            Section::Joins => self.read_joins(fields),
            Section::Reversals => self.read_reversals(fields),
            Section::PendingReversals => self.read_pending_reversals(fields),
            Section::Late => self.read_late(fields),
            Section::KeyedCommands => self.read_keyed_commands(fields),
            Section::Facts => self.read_facts(fields),
            Section::EventTimes => self.state.event_times.read(fields),
        }
    }

    fn read_head(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let state = &mut self.state;
        let (parts, accounts, codes) = (fields.varint()?, fields.varint()?, fields.varint()?);
        state.position = fields.u64()?;
        state.recorded_at = some_time(fields.i64()?);
        state.event_time = some_time(fields.i64()?);
        state.counters.read(fields)?;
        let (held_accounts, held_codes) = (state.accounts.len(), state.codes.len());
        self.is_whole = parts == self.parts
            && accounts == held_accounts as u64
            && self.active == held_accounts
            && codes == held_codes as u64;
        self.is_whole.then_some(())
    }

    /// The state, with its facts from the ledger's entries.
    ///
    /// # Errors
    /// If a part is missing, or one names an entry that cannot be read.
    pub fn finish(self, reader: &dyn EventReader) -> Result<State, ContentError> {
        let StateReader { mut state, named, index, is_whole, .. } = self;
        state.index = index.finish(reader)?;
        let is_complete = is_whole && state.index.account_count() == state.accounts.len();
        if !is_complete || !references::are_all_there(&state) {
            return Err(ContentError::Malformed);
        }
        state.codes.count_held();
        for (trade, positions) in named.reversals {
            let history = state.reversals.entry(trade).or_default();
            for position in positions {
                history.insert(&reader.event(position)?, position, ());
            }
        }
        for position in named.facts {
            state.insert_fact(position, &reader.event(position)?);
        }
        if mutants::mutant!("key-forgotten-over-a-restart") {
            state.keyed_commands = Default::default();
        }
        if mutants::mutant!("late-entries-forgotten-over-a-restart") {
            state.late = Default::default();
        }
        state.rebuild_children();
        state.rebuild_sub_account_firsts();
        Ok(state)
    }
}

impl State {
    fn rebuild_children(&mut self) {
        for number in 0..self.accounts.len() as u32 {
            let account = AccountId(number);
            if let Some(parent) = self.account(account).registered.and_then(|registered| registered.parent()) {
                self.children.entry(parent).or_default().push(account);
            }
        }
    }
}

/// Changes so many rows from one on; none where they are not all there.
pub(super) fn change_rows<T: Clone>(
    rows: &mut Column<T>,
    first: usize,
    count: usize,
    mut change: impl FnMut(&mut T) -> Option<()>,
) -> Option<()> {
    (first..first.checked_add(count)?).try_for_each(|row| change(rows.get_mut(row)?))
}
