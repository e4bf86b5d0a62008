//! Which referrers there are: for those who may look at any, to find one.

use std::cmp::Reverse;
use std::collections::HashMap;

use ledger::AccountId;
use schemas::Uid;

use super::View;
use crate::history::PRESENT;

/// A referrer, with how many registered with its codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Referrer {
    /// The referrer.
    pub uid: Uid,
    /// Accounts that registered with its codes.
    pub invitees: u64,
}

impl View<'_> {
    /// The referrers with the most accounts registered with their codes, the largest first; equals by uid.
    #[must_use]
    pub fn largest_referrers(&self, limit: usize) -> Vec<Referrer> {
        let mut invitees: HashMap<AccountId, u64> = HashMap::new();
        for (code, row) in self.state.codes.iter() {
            if let Some(owner) = self.state.code_owner(code, PRESENT) {
                *invitees.entry(owner).or_default() += row.invitees.len() as u64;
            }
        }
        let with_uids = invitees.into_iter().map(|(owner, invitees)| (Reverse(invitees), self.state.index.uid(owner)));
        let mut all: Vec<(Reverse<u64>, Uid)> = with_uids.collect();
        if all.len() > limit {
            all.select_nth_unstable(limit);
            all.truncate(limit);
        }
        all.sort_unstable();
        all.into_iter().map(|(Reverse(invitees), uid)| Referrer { uid, invitees }).collect()
    }

    /// The referrer's codes in force, by code: their names alone, however many registered with them.
    #[must_use]
    pub fn code_names(&self, uid: Uid) -> Vec<String> {
        let codes = self.account(uid).map_or_else(Vec::new, |account| self.state.codes_of(account, PRESENT));
        let in_force = codes.into_iter().filter(|code| self.created_at(*code).is_some());
        let mut names: Vec<String> = in_force.map(|code| self.state.codes.get(code).text.to_string()).collect();
        names.sort_unstable();
        names
    }
}
