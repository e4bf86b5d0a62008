//! The first verification and the first deposit of an invitee: the earliest of its own and of its sub-accounts', none
//! earlier than the registration of the account that it is of (SPEC 2).
//!
//! A sub-account only ever joins a family, and its own first only ever moves to an earlier moment. So the earliest of all
//! sub-accounts is kept, and no event has to look at the others.

mod of_family;

use schemas::Timestamp;

use crate::accounts::{AccountRow, NEVER};
use crate::slices::Count;

/// What of an invitee happens for a first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum First {
    Verified,
    Deposited,
}

/// The earliest moments among the sub-accounts of a major account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SubAccountFirsts {
    verified: Timestamp,
    deposited: Timestamp,
}

impl Default for SubAccountFirsts {
    fn default() -> Self {
        SubAccountFirsts { verified: NEVER, deposited: NEVER }
    }
}

impl First {
    pub(crate) const ALL: [First; 2] = [First::Verified, First::Deposited];

    /// Of an account alone, as stamped.
    pub(crate) fn of_row(self, row: &mut AccountRow) -> &mut Timestamp {
        match self {
            First::Verified => &mut row.first_verified,
            First::Deposited => &mut row.first_deposit,
        }
    }

    /// The same, to be read.
    pub(crate) fn of_account(self, row: &AccountRow) -> Timestamp {
        match self {
            First::Verified => row.first_verified,
            First::Deposited => row.first_deposit,
        }
    }

    fn of_sub_accounts(self, firsts: &mut SubAccountFirsts) -> &mut Timestamp {
        match self {
            First::Verified => &mut firsts.verified,
            First::Deposited => &mut firsts.deposited,
        }
    }

    /// Where a slice counts it.
    pub(crate) fn count(self) -> Count {
        match self {
            First::Verified => Count::Verified,
            First::Deposited => Count::Deposited,
        }
    }
}
