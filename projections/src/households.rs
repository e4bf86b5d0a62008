//! What a shard asks of families: where an account's chain of parents ends, and who follows an account. Ledgers that share
//! the accounts of a platform by families send on by it what lies with the wrong one.

use ledger::Position;
use schemas::{AccountType, Uid};

use crate::history::PRESENT;
use crate::parents::{Above, end_of_chain};
use crate::state::State;

impl State {
    /// The account at which the chain of parents of a registered sub-account ends, as far as it is known: a major account,
    /// or one that is not registered here. None for an account that is not registered as a sub-account, and where the
    /// chain turns back on itself.
    #[must_use]
    pub fn chain_top(&self, uid: Uid) -> Option<Uid> {
        let account = self.find_account(uid)?;
        self.account(account).registered.as_ref()?.parent()?;
        let top = end_of_chain(account, |at| {
            let registered = self.account(at).registered.as_ref();
            Some(registered.and_then(|registered| registered.parent()).map_or(Above::Nothing, Above::Parent))
        })?;
        Some(self.uid(top))
    }

    /// Where the registration of a major account stands; none for any other account.
    #[must_use]
    pub fn major_registration(&self, uid: Uid) -> Option<Position> {
        let registered = self.account(self.find_account(uid)?).registered.as_ref()?;
        (registered.account_type == AccountType::Major).then(|| registered.position.get())
    }

    /// The registered accounts whose chain of parents leads through an account, at any depth; that one itself is not among
    /// them.
    #[must_use]
    pub fn followers_of(&self, uid: Uid) -> Vec<Uid> {
        let Some(account) = self.find_account(uid) else { return Vec::new() };
        let followers = self.descendants(account, PRESENT).into_iter().filter(|follower| *follower != account);
        followers.map(|follower| self.uid(follower)).collect()
    }

    /// The positions of an account's entries, ascending.
    pub fn entries_of(&self, uid: Uid) -> impl Iterator<Item = Position> + '_ {
        self.find_account(uid).into_iter().flat_map(|account| self.index.positions(account))
    }

    /// Whether the events of any code name this account as its owner.
    #[must_use]
    pub fn owns_codes(&self, uid: Uid) -> bool {
        self.find_account(uid).is_some_and(|account| !self.codes.named_owner(account).is_empty())
    }
}
