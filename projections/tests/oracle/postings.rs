//! Postings by their definition (SPEC 2): what an entry posts is the difference between what all trades come to with
//! it and without it, by trade and account.

use std::collections::BTreeMap;

use schemas::{Trade, Uid};
use serde_json::{Value, json};

use super::{Entry, Known, Position, usd};

/// An account of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// What the platform pays.
    CommissionExpense,
    /// What it owes to a referrer or an invitee.
    Payable(Uid),
}

impl Account {
    /// The name on the wire.
    pub fn name(self) -> String {
        match self {
            Account::CommissionExpense => "commission_expense".to_owned(),
            Account::Payable(uid) => format!("payable:{uid}"),
        }
    }
}

/// A posting of one entry for one trade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The entry that posted it.
    pub position: Position,
    /// The account.
    pub account: Account,
    /// In units of 10^-8 USD: positive is a debit, negative a credit; never 0.
    pub debit: i128,
    /// The trade's uid, source and id.
    pub trade: (Uid, String, String),
}

impl Posting {
    fn side(&self) -> &'static str {
        if self.debit > 0 { "debit" } else { "credit" }
    }

    /// As explain shows it.
    pub(super) fn shown_in_explain(&self) -> Value {
        json!({
            "position": self.position,
            "account": self.account.name(),
            "side": self.side(),
            "amount": usd(self.debit.abs()),
        })
    }

    /// As the feed shows it.
    pub(super) fn shown_in_feed(&self) -> Value {
        let (uid, source, id) = &self.trade;
        json!({
            "account": self.account.name(),
            "side": self.side(),
            "amount": usd(self.debit.abs()),
            "trade": { "uid": uid, "source": source, "id": id },
        })
    }
}

/// What stands in the books for a trade, as debits.
type Books = BTreeMap<Account, i128>;

impl<'a> Known<'a> {
    /// The same, up to an earlier position.
    pub(super) fn up_to(self, position: Position) -> Known<'a> {
        Known { entries: &self.entries[..position as usize], now: self.now }
    }

    /// The books of one trade: its entry and, if it is taken back, the opposite one. Empty while it is not there.
    fn books(self, entry: &'a Entry, trade: &'a Trade<'static>) -> Books {
        let mut books = Books::new();
        let rated = self.rate(entry, trade);
        let is_there = self.entries.len() as Position >= entry.position;
        if let (Some(home), Some(referrer), true, None) = (rated.home, rated.referrer, is_there, rated.reversal) {
            *books.entry(Account::CommissionExpense).or_default() += rated.amounts.total;
            *books.entry(Account::Payable(referrer)).or_default() -= rated.amounts.commission;
            *books.entry(Account::Payable(home.invitee)).or_default() -= rated.amounts.rebate;
        }
        books
    }

    /// What one entry posted for one trade.
    fn posted(self, position: Position, entry: &'a Entry, trade: &'a Trade<'static>) -> Vec<Posting> {
        let mut difference = self.up_to(position).books(entry, trade);
        for (account, debit) in self.up_to(position - 1).books(entry, trade) {
            *difference.entry(account).or_default() -= debit;
        }
        let name = || (trade.uid, entry.event.source.to_string(), entry.event.id.to_string());
        difference
            .into_iter()
            .filter(|(_, debit)| *debit != 0)
            .map(|(account, debit)| Posting { position, account, debit, trade: name() })
            .collect()
    }

    /// All postings of one entry, by trade and account.
    pub fn postings(self, position: Position) -> Vec<Posting> {
        let mut postings: Vec<Posting> =
            self.trades().flat_map(|(entry, trade)| self.posted(position, entry, trade)).collect();
        postings.sort_by(|one, other| (&one.trade, one.account).cmp(&(&other.trade, other.account)));
        postings
    }

    /// Every posting that was made for one trade, by whichever entry, in order of position.
    pub(super) fn postings_for(self, entry: &'a Entry, trade: &'a Trade<'static>) -> Vec<Posting> {
        (1..=self.entries.len() as Position).flat_map(|position| self.posted(position, entry, trade)).collect()
    }
}
