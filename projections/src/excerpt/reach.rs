//! Which accounts, codes and entries a question about one referrer can hang on.

use std::collections::HashSet;

use ledger::{AccountId, Position};

use crate::codes::CodeId;
use crate::parents::{Above, end_of_chain};
use crate::state::State;

/// Accounts, codes and entries, each list ascending and without repeats.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// The accounts of which every event is needed, and those of which only facts are: who stands above, and whose invitee
    /// the referrer is.
    pub(super) accounts: Vec<AccountId>,
    /// The referrer's codes, and the one that its own family registered with.
    pub(super) codes: Vec<CodeId>,
    /// The events that are needed.
    pub(super) events: Vec<Position>,
}

/// What is gathered of whole families.
struct Families<'s> {
    state: &'s State,
    upto: Position,
    events_max: u64,
    accounts: HashSet<AccountId>,
    events: Vec<Position>,
}

impl Families<'_> {
    /// Adds a major account with all that follow it. None as soon as there are more events than so many: the families of
    /// a large referrer are not all looked at for nothing. What came later, or came already, does not count.
    fn add(&mut self, head: AccountId) -> Option<()> {
        for member in self.state.descendants(head, self.upto) {
            if self.accounts.insert(member) {
                let room = self.events_max - self.events.len() as u64;
                let room = usize::try_from(room).unwrap_or(usize::MAX);
                let upto = self.upto;
                let events = self.state.index.positions(member).take_while(|position| *position <= upto);
                self.events.extend(events.take(room.saturating_add(1)));
                if self.events.len() as u64 > self.events_max {
                    return None;
                }
            }
        }
        Some(())
    }
}

impl Reach {
    /// What a referrer reaches as of a position; none where that has more events than so many.
    pub(super) fn of(state: &State, referrer: AccountId, upto: Position, events_max: u64) -> Option<Reach> {
        let mut codes = Vec::new();
        let mut families = Families { state, upto, events_max, accounts: HashSet::new(), events: Vec::new() };
        families.add(referrer)?;
        // A code of a sub-account was its own before that one was known to be one.
        for member in state.descendants(referrer, upto) {
            for code in state.codes.named_owner(member) {
                let row = state.codes.get(*code);
                if row.terms.first(upto).is_some() {
                    codes.push(*code);
                    let is_by = |account: AccountId| {
                        state.account(account).registered.is_some_and(|registered| registered.is_by(upto))
                    };
                    let invitees = row.invitees.iter().filter(|invitee| **invitee != referrer && is_by(**invitee));
                    for invitee in invitees {
                        families.add(*invitee)?;
                    }
                }
            }
        }
        let Families { accounts, mut events, .. } = families;
        let mut accounts: Vec<AccountId> = accounts.into_iter().collect();
        for above in state.chain_above(referrer, upto) {
            accounts.push(above);
            if let Some((code, owner)) = state.code_of(above, upto) {
                codes.push(code);
                accounts.extend(owner.into_iter().flat_map(|owner| state.chain_above(owner, upto)));
            }
        }
        events.sort_unstable();
        Some(Reach { accounts: ascending(accounts), codes: ascending(codes), events })
    }
}

impl State {
    /// The code that an account registered with, and who may earn by it.
    pub(super) fn code_of(&self, account: AccountId, upto: Position) -> Option<(CodeId, Option<AccountId>)> {
        let registered = self.account(account).registered.filter(|registered| registered.is_by(upto));
        let code = registered.and_then(|registered| registered.code())?;
        Some((code, self.codes.get(code).owner))
    }

    /// An account and those that its parents lead to, as far as they are registered up to a position. Where the chain turns
    /// back on itself, some of them come twice.
    pub(super) fn chain_above(&self, account: AccountId, upto: Position) -> Vec<AccountId> {
        let mut chain = Vec::new();
        end_of_chain(account, |at| {
            chain.push(at);
            let registered = self.account(at).registered.filter(|registered| registered.is_by(upto))?;
            registered.parent().map(Above::Parent)
        });
        chain
    }
}

fn ascending<K: Ord>(mut keys: Vec<K>) -> Vec<K> {
    keys.sort_unstable();
    keys.dedup();
    keys
}
