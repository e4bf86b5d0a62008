//! The firsts of a family, out of those of its members.

use ledger::{AccountId, Position};
use schemas::Timestamp;

use super::First;
use crate::accounts::NEVER;
use crate::history::PRESENT;
use crate::parents::Follower;
use crate::state::State;

impl State {
    /// A first of a follower as it counts for the family; never while it has none.
    pub(crate) fn first_of(&self, follower: Follower, first: First) -> Timestamp {
        let moment = first.of_account(self.account(follower.account));
        if moment == NEVER { NEVER } else { moment.max(follower.since) }
    }

    /// A first of a major account's family, as everything stands.
    pub(crate) fn family_first(&self, head: AccountId, first: First) -> Timestamp {
        let row = self.account(head);
        let since = row.registered.map_or(NEVER, |registered| registered.time);
        let own = self.first_of(Follower { account: head, since }, first);
        if !row.has_children {
            return own;
        }
        let of_sub_accounts = self.sub_account_firsts.get(&head).copied();
        own.min(of_sub_accounts.map_or(NEVER, |mut firsts| *first.of_sub_accounts(&mut firsts)))
    }

    /// The same by the facts up to a position, looked for in every account of the family: what the one that is kept
    /// must agree with.
    pub(crate) fn family_first_upto(&self, head: AccountId, first: First, upto: Position) -> Timestamp {
        let moments = self.followers(head, upto).into_iter().map(|follower| self.first_of(follower, first));
        moments.min().unwrap_or(NEVER)
    }

    /// Keeps a first of a sub-account, where it is the earliest of all sub-accounts of its major account.
    pub(crate) fn keep_first(&mut self, head: AccountId, sub_account: Follower, first: First) {
        let moment = self.first_of(sub_account, first);
        if moment != NEVER {
            let kept = first.of_sub_accounts(self.sub_account_firsts.entry(head).or_default());
            *kept = (*kept).min(moment);
        }
    }

    /// Keeps the firsts of an account and of those that follow it, once they have a major account.
    pub(crate) fn keep_firsts_of(&mut self, account: AccountId) {
        let Some(major) = self.major(account, PRESENT) else { return };
        for follower in self.followers(account, PRESENT) {
            if follower.account != major.head {
                let since = follower.since.max(major.since);
                First::ALL.iter().for_each(|first| self.keep_first(major.head, Follower { since, ..follower }, *first));
            }
        }
    }

    /// Finds again what is kept of all sub-accounts.
    pub(crate) fn rebuild_sub_account_firsts(&mut self) {
        for account in (0..self.accounts.len() as u32).map(AccountId) {
            let row = self.account(account);
            if First::ALL.iter().all(|first| first.of_account(row) == NEVER) {
                continue;
            }
            let Some(major) = self.major(account, PRESENT).filter(|major| major.head != account) else { continue };
            let sub_account = Follower { account, since: major.since };
            First::ALL.iter().for_each(|first| self.keep_first(major.head, sub_account, *first));
        }
    }
}
