//! Which accounts and codes a question about one referrer can hang on.

use ledger::{AccountId, Position};

use crate::codes::CodeId;
use crate::state::State;

/// Accounts and codes, each list ascending and without repeats.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// Those of which every event is needed.
    pub(super) whole: Vec<AccountId>,
    /// Those of which only facts are: who stands above, and whose invitee the referrer is.
    pub(super) beside: Vec<AccountId>,
    /// The referrer's codes, and the one that its own family registered with.
    pub(super) codes: Vec<CodeId>,
}

impl Reach {
    /// All accounts.
    pub(super) fn accounts(&self) -> Vec<AccountId> {
        ascending([&*self.whole, &*self.beside].concat())
    }

    /// What a referrer reaches as of a position; none where that has more events than so many.
    pub(super) fn of(state: &State, referrer: AccountId, upto: Position, events_max: u64) -> Option<Reach> {
        let mut reach = Reach::default();
        let mut events = 0;
        // A code of a sub-account was its own before that one was known to be one.
        for member in &state.descendants(referrer, upto) {
            reach.add_whole(state, *member, &mut events);
            for code in state.codes.named_owner(*member) {
                if state.codes.get(*code).terms.first(upto).is_some() {
                    let invitees = state.codes.get(*code).invitees.iter().filter(|invitee| **invitee != referrer);
                    reach.codes.push(*code);
                    reach.add_families(state, invitees, upto, &mut events, events_max)?;
                }
            }
        }
        for above in state.chain_above(referrer, upto) {
            reach.beside.push(above);
            reach.add_referrer_of(state, above, upto);
        }
        let Reach { whole, beside, codes } = reach;
        let mut codes = codes;
        codes.sort_unstable();
        codes.dedup();
        let is_light = events <= events_max;
        is_light.then(|| Reach { whole: ascending(whole), beside: ascending(beside), codes })
    }

    fn add_whole(&mut self, state: &State, account: AccountId, events: &mut u64) {
        *events += state.index.positions(account).len() as u64;
        self.whole.push(account);
    }

    /// The families of major accounts; none as soon as there are more events than so many.
    fn add_families<'s>(
        &mut self,
        state: &State,
        heads: impl Iterator<Item = &'s AccountId>,
        upto: Position,
        events: &mut u64,
        events_max: u64,
    ) -> Option<()> {
        for invitee in heads {
            if state.account(*invitee).registered.is_some_and(|registered| registered.is_by(upto)) {
                for member in state.descendants(*invitee, upto) {
                    self.add_whole(state, member, events);
                }
                // The families of a large referrer are not all looked at for nothing.
                if *events > events_max {
                    return None;
                }
            }
        }
        Some(())
    }

    /// The code that an account registered with, and who may earn by it.
    fn add_referrer_of(&mut self, state: &State, account: AccountId, upto: Position) {
        let registered = state.account(account).registered.filter(|registered| registered.is_by(upto));
        let Some(code) = registered.and_then(|registered| registered.code()) else { return };
        self.codes.push(code);
        if let Some(owner) = state.codes.get(code).owner {
            self.beside.extend(state.chain_above(owner, upto));
        }
    }
}

impl State {
    /// An account and those that its parents lead to, as far as they are registered up to a position.
    fn chain_above(&self, account: AccountId, upto: Position) -> Vec<AccountId> {
        let mut chain = vec![account];
        let mut at = account;
        while let Some(parent) = self.account(at).registered.filter(|row| row.is_by(upto)).and_then(|row| row.parent())
        {
            // Where the chain turns back on itself, there is no major account above.
            if chain.contains(&parent) {
                break;
            }
            chain.push(parent);
            at = parent;
        }
        chain
    }
}

fn ascending(mut accounts: Vec<AccountId>) -> Vec<AccountId> {
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}
