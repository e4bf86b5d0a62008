//! The accounts that postings are on.

use std::fmt;

use schemas::Uid;

/// The account that commissions and rebates are an expense of, as the API writes it.
const EXPENSE: &str = "commission_expense";

/// The account of a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PostingAccount {
    /// What commissions and rebates are an expense of.
    CommissionExpense,
    /// What is owed to a referrer or an invitee.
    Payable(Uid),
}

impl PostingAccount {
    /// The parts of its text, one after the other: what it is, and whose.
    #[must_use]
    pub fn parts(self) -> (&'static str, Option<Uid>) {
        match self {
            PostingAccount::CommissionExpense => (EXPENSE, None),
            PostingAccount::Payable(uid) => ("payable:", Some(uid)),
        }
    }
}

impl fmt::Display for PostingAccount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, whose) = self.parts();
        out.write_str(what)?;
        whose.map_or(Ok(()), |uid| write!(out, "{uid}"))
    }
}
