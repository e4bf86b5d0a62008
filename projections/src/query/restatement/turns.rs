//! The entries at which what earlier trades come to may turn: rates, codes and registrations that arrived late.
//!
//! More may stand here than turns anything; whether an entry did is told by rating the trades that it reaches.

use ledger::{AccountId, Position};
use schemas::{AccountType, Timestamp};

use super::super::View;
use crate::codes::CodeId;
use crate::history::{History, PRESENT};

/// Before every trade: what turns there reaches all of them.
const ALWAYS: Timestamp = Timestamp(i64::MIN);

/// An entry that may change what earlier trades come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    pub(super) position: Position,
    /// The moment from which on trades are reached.
    pub(super) reaches: Timestamp,
}

/// The facts that arrived after a position, each of which holds from its time on.
fn later_facts<T>(history: Option<&History<T>>, since: Position) -> impl Iterator<Item = Turn> + '_ {
    let facts = history.into_iter().flat_map(|history| history.iter(PRESENT));
    facts.filter(move |fact| fact.position > since).map(|fact| Turn { position: fact.position, reaches: fact.time })
}

impl View<'_> {
    /// Turns for all invitees of a referrer: the platform's rules, and its own standing.
    pub(super) fn turns_of_referrer(&self, referrer: AccountId, since: Position) -> Vec<Turn> {
        let standings = later_facts(self.state.affiliates.get(&referrer), since);
        later_facts(Some(&self.state.program), since).chain(standings).collect()
    }

    /// Turns for all invitees of a code: who its owner is found to be.
    pub(super) fn turns_of_owner(&self, code: CodeId, since: Position) -> Vec<Turn> {
        let owner = self.state.codes.get(code).owner;
        owner.map_or_else(Vec::new, |owner| self.turns_of_registrations(owner, since))
    }

    /// Turns for the family of an invitee of a code: its own rates, and those agreed when it registered, with which
    /// the code comes to be known, too.
    pub(super) fn turns_of_family(&self, head: AccountId, code: CodeId, since: Position) -> Vec<Turn> {
        let mut turns: Vec<Turn> = later_facts(self.state.rebates.get(&head), since).collect();
        let terms = &self.state.codes.get(code).terms;
        let Some(registered) = self.state.account(head).registered else { return turns };
        let in_force =
            |upto: Position| terms.at(registered.time, upto).or_else(|| terms.first(upto)).map(|fact| fact.position);
        let later = terms.positions().filter(|position| *position > since);
        let changing = later.filter(|position| in_force(position - 1) != in_force(*position));
        turns.extend(changing.map(|position| Turn { position, reaches: ALWAYS }));
        turns
    }

    /// Turns for what an account does or owns: its registration, and those that lead from it to its major account.
    pub(super) fn turns_of_registrations(&self, account: AccountId, since: Position) -> Vec<Turn> {
        let leads_somewhere = self.state.major(account, PRESENT).is_some();
        let mut turns = Vec::new();
        let mut next = Some(account);
        while let Some(registered) = next.and_then(|account| self.state.account(account).registered) {
            let position = registered.position.get();
            if position > since {
                turns.push(Turn { position, reaches: ALWAYS });
            }
            next = match registered.account_type {
                AccountType::Major => None,
                // Where parents are missing or go in a circle, nothing beyond its own registration changes anything.
                AccountType::Sub | AccountType::Other => registered.parent().filter(|_| leads_somewhere),
            };
        }
        turns
    }
}
