//! The accounts that postings are on.

use std::fmt;

use schemas::Uid;

/// The account that commissions and rebates are an expense of, as the API writes it.
pub(super) const EXPENSE: &str = "commission_expense";

/// The account of a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PostingAccount {
    /// What commissions and rebates are an expense of.
    CommissionExpense,
    /// What is owed to a referrer or an invitee.
    Payable(Uid),
}

impl fmt::Display for PostingAccount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PostingAccount::CommissionExpense => out.write_str(EXPENSE),
            PostingAccount::Payable(uid) => write!(out, "payable:{uid}"),
        }
    }
}
