//! What was not earned: withheld because of a rule, or taken back.

use schemas::{Country, Day, Product, Timestamp, Uid, Usd};

use super::{List, ReversalLine, TradeKey};
use crate::rating::WhyNothing;

/// What trades did not give, added up. Of what is withheld the amounts are net of trades that were taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgone {
    /// How many trades: those made in the range, of clawbacks those taken back in it.
    pub trades: u64,
    /// Their fees, in USD.
    pub fee_usd: Usd,
    /// What the referrers did not get, or had to give back, in USD.
    pub commission: Usd,
    /// What the invitees did not get, or had to give back, in USD.
    pub rebate: Usd,
}

impl Forgone {
    /// `commission + rebate`.
    #[must_use]
    pub fn total(&self) -> Usd {
        self.commission + self.rebate
    }

    pub(crate) fn add(&mut self, more: &Forgone) {
        self.trades += more.trades;
        self.fee_usd += more.fee_usd;
        self.commission += more.commission;
        self.rebate += more.rebate;
    }
}

/// What was forgone under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgoneRow {
    /// The uid, the reason, the code, the country (`ZZ` where it is unknown) or the date.
    pub key: String,
    /// The figures.
    pub sum: Forgone,
}

/// `GET /v1/withheld`, `GET /v1/clawbacks`: the list, with what it was narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgoneSums {
    /// The referrer; none for all of them together.
    pub uid: Option<Uid>,
    /// The code it is narrowed to, if any.
    pub code: Option<String>,
    /// The countries it is narrowed to, if any; `ZZ` is the unknown.
    pub country: Option<Vec<String>>,
    /// The reasons it is narrowed to, if any.
    pub reason: Option<Vec<String>>,
    /// The first day counted.
    pub from: Day,
    /// The last day counted.
    pub to: Day,
    /// What a row is of.
    pub by: &'static str,
    /// The sum of all rows, those of other pages too.
    pub sum: Forgone,
    /// The rows.
    pub list: List<ForgoneRow>,
}

/// A trade that gave no commission, or was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgoneTrade {
    /// The trade, whose explanation tells the rest.
    pub trade: TradeKey,
    /// Where it stands in the ledger.
    pub position: u64,
    /// When it was made.
    pub time: Timestamp,
    /// The day that the row counts on: the trade's, or that of the reversal.
    pub date: Day,
    /// The product.
    pub product: Product,
    /// The invitee: the major account behind the trade.
    pub invitee_uid: Uid,
    /// Who owns the code: who would have earned, or had earned.
    pub referrer_uid: Uid,
    /// The code of the invitee's registration.
    pub code: String,
    /// The invitee's country; none where it is unknown.
    pub country: Option<Country>,
    /// Why there was no commission; none for a clawback.
    pub reason: Option<WhyNothing>,
    /// What it did not give, in USD; negative where a trade that had given nothing was taken back.
    pub sum: Forgone,
    /// The reversal, where the row is of one.
    pub reversal: Option<ReversalLine>,
}

/// `GET /v1/withheld/trades`, `GET /v1/clawbacks/trades`: the list, with what it was narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgoneTrades {
    /// The referrer; none for all of them together.
    pub uid: Option<Uid>,
    /// The code it is narrowed to, if any.
    pub code: Option<String>,
    /// The countries it is narrowed to, if any; `ZZ` is the unknown.
    pub country: Option<Vec<String>>,
    /// The reasons it is narrowed to, if any.
    pub reason: Option<Vec<String>>,
    /// The first day counted.
    pub from: Day,
    /// The last day counted.
    pub to: Day,
    /// The sum of all rows, those of other pages too.
    pub sum: Forgone,
    /// The rows.
    pub list: List<ForgoneTrade>,
}
