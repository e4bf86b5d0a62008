//! The chain of parents, from an account up to its major account, and down again to all that follow it.
//!
//! Each account names one parent. So a walk up costs what its own chain is long, and a walk down meets every account
//! once; only the one that it began with can come again, where the parents go in a circle.

use ledger::{AccountId, Position};
use schemas::{AccountType, Timestamp};

use crate::state::State;

/// The major account behind an account, and since when the account counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Major {
    pub(crate) head: AccountId,
    /// The latest registration in the chain from the account up to the major account.
    pub(crate) since: Timestamp,
}

/// What stands above an account.
pub(crate) enum Above {
    /// Nothing: it is a major account.
    Nothing,
    Parent(AccountId),
}

/// An account that follows another one, or that one itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Follower {
    pub(crate) account: AccountId,
    /// The latest registration in the chain from it up to the one that it follows.
    pub(crate) since: Timestamp,
}

/// Follows a chain up to its end. None where `above` gives none, or where the chain turns back on itself.
pub(crate) fn end_of_chain(from: AccountId, mut above: impl FnMut(AccountId) -> Option<Above>) -> Option<AccountId> {
    // Brent's way to find a circle: an account is remembered after 1, 2, 4, … steps, and in a circle met again. So
    // there are no more than three times as many steps as there are accounts in the chain.
    let (mut at, mut remembered) = (from, from);
    let (mut steps, mut steps_max) = (0u64, 1u64);
    loop {
        match above(at)? {
            Above::Nothing => return Some(at),
            Above::Parent(parent) => at = parent,
        }
        if at == remembered {
            return None;
        }
        steps += 1;
        if steps == steps_max {
            (remembered, steps, steps_max) = (at, 0, steps_max * 2);
        }
    }
}

impl State {
    /// Follows parents up to a major account. None while one of the chain is not registered, or if the chain
    /// turns back on itself.
    pub(crate) fn major(&self, account: AccountId, upto: Position) -> Option<Major> {
        let mut since = Timestamp(i64::MIN);
        let head = end_of_chain(account, |at| {
            let registered = self.account(at).registered.as_ref().filter(|registered| registered.is_by(upto))?;
            since = since.max(registered.time);
            match registered.account_type {
                AccountType::Major => Some(Above::Nothing),
                AccountType::Sub | AccountType::Other => registered.parent().map(Above::Parent),
            }
        })?;
        Some(Major { head, since })
    }

    /// An account and all whose chain of parents leads through it, registered up to a position.
    pub(crate) fn followers(&self, account: AccountId, upto: Position) -> Vec<Follower> {
        let row = self.account(account);
        let registered = row.registered.as_ref().filter(|registered| registered.is_by(upto));
        let since = registered.map_or(Timestamp(i64::MIN), |registered| registered.time);
        let mut followers = vec![Follower { account, since }];
        if !row.has_children {
            return followers;
        }
        let mut next = 0;
        while let Some(parent) = followers.get(next).copied() {
            next += 1;
            for child in self.children.get(&parent.account).into_iter().flatten() {
                let registered = self.account(*child).registered.as_ref();
                if let Some(registered) = registered.filter(|registered| registered.is_by(upto) && *child != account) {
                    followers.push(Follower { account: *child, since: parent.since.max(registered.time) });
                }
            }
        }
        followers
    }

    /// The same accounts alone.
    pub(crate) fn descendants(&self, account: AccountId, upto: Position) -> Vec<AccountId> {
        if !self.account(account).has_children {
            return vec![account];
        }
        self.followers(account, upto).into_iter().map(|follower| follower.account).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end of the chain that begins at account 0, and how many accounts were looked at. Each names the next one,
    /// the last what `last` says.
    fn walk(length: u32, last: impl Fn() -> Option<Above>) -> (Option<AccountId>, u32) {
        let mut looked_at = 0;
        let end = end_of_chain(AccountId(0), |at| {
            looked_at += 1;
            if at.0 + 1 < length { Some(Above::Parent(AccountId(at.0 + 1))) } else { last() }
        });
        (end, looked_at)
    }

    #[test]
    fn a_walk_up_costs_what_its_own_chain_is_long() {
        for length in [1, 2, 3, 5, 64, 1_000] {
            assert_eq!(walk(length, || Some(Above::Nothing)), (Some(AccountId(length - 1)), length));
            assert_eq!(walk(length, || None), (None, length));
            for back_to in [0, length / 2, length - 1] {
                let (end, looked_at) = walk(length, || Some(Above::Parent(AccountId(back_to))));
                assert_eq!(end, None, "{length} accounts, the last of which names {back_to}");
                assert!(looked_at <= 3 * length, "{looked_at} steps of {length} accounts back to {back_to}");
            }
        }
    }
}
