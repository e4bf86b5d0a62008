//! Which accounts of a batch go apart: their events are applied one by one, in order, with all that are not plain.
//!
//! An account may be batched if what its plain events come to is the same rated as everything stands behind the batch
//! as rated in their order. So it goes apart as soon as an entry of the batch may change who earns from it, or brings a
//! rate that is effective before a trade that came earlier.

use hashbrown::{HashMap, HashSet};
use ledger::{AccountId, Position};
use schemas::{AccountType, Body, Event, Registration, Timestamp};

use super::by_account::{ByAccount, Group};
use super::plain::{PlainEvent, Says};
use crate::codes::CodeId;
use crate::history::PRESENT;
use crate::state::State;

/// An entry of the batch is the account's.
const SEEN: u8 = 1;
/// The account goes apart, whatever else.
const APART: u8 = 2;
/// It registers in the batch.
const REGISTERS: u8 = 4;
/// Its standing changes in the batch, effective before a trade that came earlier.
const STANDING: u8 = 8;

/// What the entries of a batch say of accounts and codes, gathered in their order before any is applied.
#[derive(Default)]
pub(super) struct Marks {
    of_account: Vec<u8>,
    /// The latest trade so far.
    latest_trade: Option<Timestamp>,
    /// Codes known before that have an entry in the batch.
    codes: HashSet<CodeId>,
    /// The code that an account registers with in the batch, where it is not apart.
    registers_with: HashMap<AccountId, CodeId>,
    /// An entry that may reach any account is effective before a trade that came earlier.
    is_all_apart: bool,
}

impl Marks {
    fn of(&self, account: AccountId) -> u8 {
        self.of_account.get(account.index()).copied().unwrap_or(0)
    }

    fn has(&self, account: AccountId, mark: u8) -> bool {
        self.of(account) & mark != 0
    }

    fn set(&mut self, account: AccountId, mark: u8) {
        if self.of_account.len() <= account.index() {
            self.of_account.resize(account.index() + 1, 0);
        }
        self.of_account[account.index()] |= mark;
    }

    /// Whether a fact effective from `time` on reaches a trade of the batch before it.
    fn reaches_back(&self, time: Timestamp) -> bool {
        self.latest_trade.is_some_and(|latest| latest >= time)
    }

    pub(super) fn note_plain(&mut self, account: AccountId, event: &PlainEvent) {
        self.set(account, SEEN);
        if let Says::Traded(_) = event.says {
            self.latest_trade = self.latest_trade.max(Some(event.time));
        }
    }
}

impl State {
    /// Takes note of an entry that is not plain, and gives the accounts that it mentions their ids, in the order in which
    /// applying it does.
    pub(super) fn note_other(&mut self, event: &Event<'_>, marks: &mut Marks) {
        let account = super::super::event_uid(event).map(|uid| self.intern(uid));
        if let Some(account) = account {
            let mark = match &event.body {
                Body::Registration(data) => REGISTERS | self.mark_of_registration(account, data, marks),
                Body::Affiliate(_) if marks.reaches_back(event.time) => APART | STANDING,
                Body::Affiliate(_)
                | Body::Kyc(_)
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
                marks.codes.extend(self.codes.find(&data.code));
                self.intern(data.owner_uid);
            }
            Body::Program(_) => marks.is_all_apart |= marks.reaches_back(event.time),
            Body::Kyc(_)
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
        if marks.is_all_apart || marks.has(account, APART) || row.has_pending_reversals {
            return None;
        }
        let Some(registered) = &row.registered else {
            // It counts for nobody, unless it registers in the batch.
            let code = marks.registers_with.get(&account);
            return code.is_none_or(|code| codes.are_settled(*code)).then_some(account);
        };
        let is_major = registered.account_type == AccountType::Major;
        // The chain above is whole, so none of it registers in the batch.
        let head = if is_major { account } else { self.major(account, PRESENT)?.head };
        let is_family = !is_major || row.has_children;
        // A rate agreed with the head is one of its whole family.
        if marks.has(head, APART) {
            return None;
        }
        if is_family && events.iter().any(|event| matches!(event.says, Says::Did(_))) {
            return None;
        }
        let head_row = self.account(head);
        let code = head_row.registered.and_then(|registered| registered.code());
        let Some(code) = code else { return Some(head) };
        let is_settled = codes.are_settled(code) && (head_row.ordinal.get().is_some() || !self.is_attributed(head));
        is_settled.then_some(head)
    }

    fn is_attributed(&self, account: AccountId) -> bool {
        self.attribution(account, PRESENT).is_some_and(|attribution| attribution.referrer().is_some())
    }
}

/// Of each code, found out once, whether the same account earns by it at the same rates all along the batch.
struct CodesInBatch<'s> {
    state: &'s State,
    marks: &'s Marks,
    known: Vec<Option<bool>>,
}

impl<'s> CodesInBatch<'s> {
    fn new(state: &'s State, marks: &'s Marks) -> CodesInBatch<'s> {
        CodesInBatch { state, marks, known: Vec::new() }
    }

    fn are_settled(&mut self, code: CodeId) -> bool {
        let at = code.0 as usize;
        if self.known.len() <= at {
            self.known.resize(at + 1, None);
        }
        *self.known[at].get_or_insert_with(|| is_settled(self.state, self.marks, code))
    }
}

fn is_settled(state: &State, marks: &Marks, code: CodeId) -> bool {
    if marks.codes.contains(&code) {
        return false;
    }
    let Some(owner) = state.codes.get(code).owner else { return true };
    if marks.has(owner, REGISTERS) {
        return false;
    }
    let is_known = state.account(owner).registered.is_some();
    // Who owns a code may stand below others; the chain is whole, or goes apart.
    let referrer = if is_known { state.major(owner, PRESENT).map(|major| major.head) } else { Some(owner) };
    referrer.is_some_and(|referrer| !marks.has(referrer, STANDING))
}

/// The plain events that go apart, in their order.
pub(super) fn in_order(mut apart: Vec<PlainEvent>) -> Vec<Position> {
    apart.sort_unstable_by_key(|event| event.position);
    apart.into_iter().map(|event| event.position).collect()
}
