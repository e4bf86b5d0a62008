//! Who joined a campaign.

use ledger::AccountId;
use ledger::column::Shared;
use roaring::RoaringBitmap;

/// Accounts, each once, by their number. A clone shares them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Joined(Shared<RoaringBitmap>);

impl Joined {
    pub(crate) fn insert(&mut self, account: AccountId) {
        // A second join changes nothing, so nothing is copied for it.
        if !self.0.contains(account.0) {
            self.0.insert(account.0);
        }
    }

    pub(crate) fn contains(&self, account: AccountId) -> bool {
        self.0.contains(account.0)
    }

    pub(crate) fn len(&self) -> usize {
        // There are fewer accounts than 2^32.
        self.0.len() as usize
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.0.iter().map(AccountId)
    }
}
