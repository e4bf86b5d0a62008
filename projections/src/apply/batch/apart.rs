//! Which accounts of a batch go apart: their events are applied one by one, in order, with all that are not plain.
//!
//! An account may be batched if what its plain events come to is the same rated as everything stands behind the batch
//! as rated in their order. So it goes apart as soon as an entry of the batch may change who earns from it, or brings a
//! rate that is effective before a trade of its own that came earlier.

use hashbrown::HashMap;
use ledger::{AccountId, Position};
use schemas::{AccountType, Body, Event, Registration};

use super::by_account::{ByAccount, Group};
use super::plain::{PlainEvent, Says};
use super::settled::{CodesInBatch, RateFact};
use crate::codes::CodeId;
use crate::history::PRESENT;
use crate::state::State;

/// An entry of the batch is the account's.
const SEEN: u8 = 1;
/// The account goes apart, whatever else.
const APART: u8 = 2;
/// It registers in the batch.
const REGISTERS: u8 = 4;

/// What the entries of a batch say of accounts and codes, gathered in their order before any is applied.
#[derive(Default)]
pub(super) struct Marks {
    of_account: Vec<u8>,
    /// The entries of codes known before, by code.
    pub(super) codes: HashMap<CodeId, Vec<RateFact>>,
    /// The code that an account registers with in the batch, where it is not apart.
    registers_with: HashMap<AccountId, CodeId>,
    /// Standings that the batch brings, by referrer.
    pub(super) standings: HashMap<AccountId, Vec<RateFact>>,
}

impl Marks {
    fn of(&self, account: AccountId) -> u8 {
        self.of_account.get(account.index()).copied().unwrap_or(0)
    }

    fn has(&self, account: AccountId, mark: u8) -> bool {
        self.of(account) & mark != 0
    }

    /// Whether an account registers in the batch.
    pub(super) fn registers(&self, account: AccountId) -> bool {
        self.has(account, REGISTERS)
    }

    fn set(&mut self, account: AccountId, mark: u8) {
        if self.of_account.len() <= account.index() {
            self.of_account.resize(account.index() + 1, 0);
        }
        self.of_account[account.index()] |= mark;
    }

    pub(super) fn note_plain(&mut self, account: AccountId) {
        self.set(account, SEEN);
    }
}

impl State {
    /// Takes note of an entry that is not plain, and gives the accounts that it mentions their ids, in the order in which
    /// applying it does.
    pub(super) fn note_other(&mut self, position: Position, event: &Event<'_>, marks: &mut Marks) {
        let account = super::super::event_uid(event).map(|uid| self.intern(uid));
        let fact = RateFact { position, time: event.time };
        if let Some(account) = account {
            let mark = match &event.body {
                Body::Registration(data) => REGISTERS | self.mark_of_registration(account, data, marks),
                Body::Affiliate(_) => {
                    marks.standings.entry(account).or_default().push(fact);
                    APART
                }
                Body::Kyc(_)
                | Body::Deposit(_)
                | Body::Trade(_)
                | Body::Reversal(_)
                | Body::Vip(_)
                | Body::Code(_)
                | Body::Rebate(_)
                | Body::Note(_)
                | Body::Program(_)
                | Body::Offer(_)
                | Body::Campaign(_)
                | Body::Join(_)
                | Body::Application(_) => APART,
            };
            marks.set(account, SEEN | mark);
        }
        match &event.body {
            Body::Registration(data) => {
                if let Some(parent) = data.parent_uid {
                    let parent = self.intern(parent);
                    marks.set(parent, APART);
                }
            }
            Body::Code(data) => {
                if let Some(code) = self.codes.find(&data.code) {
                    marks.codes.entry(code).or_default().push(fact);
                }
                self.intern(data.owner_uid);
            }
            // It comes before all others of the batch.
            Body::Program(_)
            | Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Trade(_)
            | Body::Reversal(_)
            | Body::Vip(_)
            | Body::Affiliate(_)
            | Body::Rebate(_)
            | Body::Note(_)
            | Body::Offer(_)
            | Body::Campaign(_)
            | Body::Join(_)
            | Body::Application(_) => {}
        }
    }

    /// Whether who registers goes apart: unless it is a major account of which nothing was known, with no code or one
    /// that somebody owns already.
    fn mark_of_registration(&self, account: AccountId, data: &Registration<'_>, marks: &mut Marks) -> u8 {
        let is_new = !marks.has(account, SEEN) && self.index.positions(account).len() == 0;
        if !is_new || data.account_type != AccountType::Major || self.account(account).has_children {
            return APART;
        }
        let Some(code) = &data.code else { return 0 };
        match self.codes.find(code).filter(|code| self.codes.get(*code).owner.is_some()) {
            Some(code) => {
                marks.registers_with.insert(account, code);
                0
            }
            None => APART,
        }
    }

    /// The accounts that may be batched, with the heads of their families; the events of the others come into `apart`.
    pub(super) fn batched(&self, sorted: &ByAccount, marks: &Marks, apart: &mut Vec<PlainEvent>) -> Vec<Group> {
        let mut codes = CodesInBatch::new(self, marks);
        let mut batched = Vec::new();
        for group in sorted.groups() {
            match self.head_in_batch(&group, sorted.events(&group), marks, &mut codes) {
                Some(head) => batched.push(Group { head, ..group }),
                None => apart.extend_from_slice(sorted.events(&group)),
            }
        }
        batched
    }

    /// The head of the account's family; none if it goes apart.
    fn head_in_batch(
        &self,
        group: &Group,
        events: &[PlainEvent],
        marks: &Marks,
        codes: &mut CodesInBatch<'_>,
    ) -> Option<AccountId> {
        let (account, row) = (group.account, self.account(group.account));
        if marks.has(account, APART) {
            return None;
        }
        if row.has_pending_reversals && self.may_claim(account, events) {
            return None;
        }
        let Some(registered) = &row.registered else {
            // It counts for nobody, unless it registers in the batch.
            let code = marks.registers_with.get(&account);
            return code.is_none_or(|code| codes.are_settled(*code, None, events)).then_some(account);
        };
        let is_major = registered.account_type == AccountType::Major;
        // The chain above is whole, so none of it registers in the batch.
        let head = if is_major { account } else { self.major(account, PRESENT)?.head };
        let is_family = !is_major || row.has_children;
        // A rate agreed with the head is one of its whole family.
        if marks.has(head, APART) {
            return None;
        }
        let moves_first = |event: &PlainEvent| match event.says {
            Says::Did(first) => event.time < first.of_account(row),
            Says::Traded(_) | Says::Vip | Says::NoFigure | Says::TakesBack | Says::Aside => false,
        };
        if is_family && events.iter().any(moves_first) {
            return None;
        }
        let head_row = self.account(head);
        let Some(registered) = &head_row.registered else { return Some(head) };
        let Some(code) = registered.code() else { return Some(head) };
        let is_settled = codes.are_settled(code, Some(registered.time), events)
            && (head_row.ordinal.get().is_some() || !self.is_attributed(head));
        is_settled.then_some(head)
    }

    /// Whether a trade among events may be the one that a reversal of the account waits for.
    fn may_claim(&self, account: AccountId, events: &[PlainEvent]) -> bool {
        let waiting = self.pending_reversals.get(&account).map_or(&[][..], Vec::as_slice);
        let is_named = |event: &PlainEvent| waiting.iter().any(|reversal| reversal.names == event.mark);
        events.iter().any(|event| matches!(event.says, Says::Traded(_)) && is_named(event))
    }

    fn is_attributed(&self, account: AccountId) -> bool {
        self.attribution(account, PRESENT).is_some_and(|attribution| attribution.referrer().is_some())
    }
}

/// The plain events that go apart, in their order.
pub(super) fn in_order(mut apart: Vec<PlainEvent>) -> Vec<Position> {
    apart.sort_unstable_by_key(|event| event.position);
    apart.into_iter().map(|event| event.position).collect()
}
