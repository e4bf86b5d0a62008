//! Codes as they are known: by events of their own, by registrations that name them, or both.

mod held;

use ledger::AccountId;
use ledger::column::{Column, List, Shards, Shared};
use schemas::{Country, Rate, Timestamp};

pub(crate) use self::held::{CodesPart, Held, SliceMut};

use crate::history::History;
use crate::slices::Slice;

/// The dense number of a code's text, in order of first mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CodeId(pub(crate) u32);

/// A code's state from a moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodeTerms {
    pub(crate) spot_rebate_rate: Rate,
    pub(crate) futures_rebate_rate: Rate,
    pub(crate) note: Box<str>,
    pub(crate) is_default: bool,
}

impl CodeTerms {
    /// What a code's event says.
    pub(crate) fn of(data: &schemas::Code<'_>) -> CodeTerms {
        CodeTerms {
            spot_rebate_rate: data.spot_rebate_rate,
            futures_rebate_rate: data.futures_rebate_rate,
            note: (&*data.note).into(),
            is_default: data.is_default,
        }
    }
}

/// One code: its owner and states if it has appeared, who registered with it, and what they did.
#[derive(Clone, Debug, Default)]
pub(crate) struct CodeRow {
    pub(crate) text: Box<str>,
    /// The owner as the code's events name it; none while the code is unknown.
    pub(crate) owner: Option<AccountId>,
    pub(crate) terms: History<CodeTerms>,
    /// The major accounts that registered with it, in order of arrival.
    pub(crate) invitees: List<AccountId>,
    /// The latest time at which one of them registered.
    pub(crate) last_registration: Option<Timestamp>,
    /// What its invitees did, by country; few enough to look through.
    pub(crate) slices: Vec<(Option<Country>, Shared<Slice>)>,
}

/// All codes, by number and by text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Codes {
    pub(crate) rows: Column<Shared<CodeRow>>,
    pub(crate) by_text: Shards<Box<str>, CodeId>,
    pub(crate) by_owner: Shards<AccountId, Vec<CodeId>>,
    pub(crate) held: Held,
}

impl Codes {
    /// The number of a text, given now if it is new.
    pub(crate) fn intern(&mut self, text: &str) -> CodeId {
        if let Some(code) = self.by_text.get(text) {
            return *code;
        }
        let code = CodeId(self.rows.len() as u32);
        self.rows.push(Shared::new(CodeRow { text: text.into(), ..CodeRow::default() }));
        self.held.rows += size_of::<CodeRow>() + text.len();
        self.by_text.insert(text.into(), code);
        code
    }

    pub(crate) fn find(&self, text: &str) -> Option<CodeId> {
        self.by_text.get(text).copied()
    }

    pub(crate) fn get(&self, code: CodeId) -> &CodeRow {
        &self.rows[code.0 as usize]
    }

    pub(crate) fn get_mut(&mut self, code: CodeId) -> &mut CodeRow {
        self.row_mut(code).0
    }

    /// Notes who owns a code; its first event says so, and none after it may differ.
    pub(crate) fn set_owner(&mut self, code: CodeId, owner: AccountId) {
        let row = self.get_mut(code);
        if row.owner.is_none() {
            row.owner = Some(owner);
            self.by_owner.entry(owner).or_default().push(code);
        }
    }

    /// The codes whose events name this account as owner.
    pub(crate) fn named_owner(&self, account: AccountId) -> &[CodeId] {
        self.by_owner.get(&account).map_or(&[], Vec::as_slice)
    }

    /// How many texts have a number.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (CodeId, &CodeRow)> {
        self.rows.iter().enumerate().map(|(number, row)| (CodeId(number as u32), &**row))
    }

    /// How many pointers to rows a clone copies.
    pub(crate) fn pointers(&self) -> usize {
        self.rows.pointers()
    }
}
