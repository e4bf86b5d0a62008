//! The books as a whole: every entry's postings balance, and all of them come to the amounts as they stand.

use ledger::{AccountId, Position, ReadError};
use schemas::Usd;

use super::{PostingAccount, View};
use crate::views::Side;

/// What the postings of all entries come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// Entries looked at.
    pub entries: u64,
    /// Postings that they gave.
    pub postings: u64,
    /// The balance of `commission_expense`, as debit.
    pub expense: Usd,
    /// The first entry whose postings do not add up to 0, if there is one.
    pub unbalanced: Option<Position>,
    /// The amounts as they stand: all commission and rebate of all invitees.
    pub amounts: Usd,
}

impl Books {
    /// Whether every entry balances, and the postings come to the amounts as they stand.
    #[must_use]
    pub fn are_in_order(&self) -> bool {
        self.unbalanced.is_none() && self.expense == self.amounts
    }
}

impl View<'_> {
    /// Adds up the postings of every entry, and tells of the position now and then.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn books(&self, mut progress: impl FnMut(Position)) -> Result<Books, ReadError> {
        let mut books = Books::default();
        for position in 1..=self.state.position {
            let event = self.reader.event(position)?;
            let mut sum = Usd::ZERO;
            self.each_posting_by::<ReadError>(position, &event, &mut |posting| {
                let debit = match posting.side {
                    Side::Debit => posting.amount,
                    Side::Credit => -posting.amount,
                };
                sum += debit;
                books.postings += 1;
                if posting.account == PostingAccount::CommissionExpense {
                    books.expense += debit;
                }
                Ok(())
            })?;
            if !sum.is_zero() && books.unbalanced.is_none() {
                books.unbalanced = Some(position);
            }
            books.entries += 1;
            if position % 65_536 == 0 {
                progress(position);
            }
        }
        let heads = (0..self.state.accounts.len() as u32).map(AccountId);
        let totals = heads.map(|head| self.state.totals(head));
        books.amounts = totals.map(|totals| totals.commission + totals.rebate).sum();
        Ok(books)
    }
}
