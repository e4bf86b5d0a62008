//! What was withheld, and what was taken back.

use projections::views;
use schemas::{Country, Day, Product, Timestamp, Uid, Usd};
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::Shown;
use super::{List, ReversalLine, TradeKey, WhyNothing};

/// What trades did not give, added up. Of what is withheld the amounts are net of trades that were taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Forgone {
    /// How many trades: those made in the range; of clawbacks those taken back in it.
    pub trades: u64,
    /// Their fees, in USD.
    pub fee_usd: Usd,
    /// What the referrers did not get, or had to give back, in USD.
    pub commission: Usd,
    /// What the invitees did not get, or had to give back, in USD.
    pub rebate: Usd,
    /// `commission + rebate`.
    pub total: Usd,
}

impl Shown for views::Forgone {
    type Shape = Forgone;

    fn shown(self) -> Forgone {
        let total = self.total();
        let views::Forgone { trades, fee_usd, commission, rebate } = self;
        Forgone { trades, fee_usd, commission, rebate, total }
    }
}

/// What was forgone under one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ForgoneRow {
    /// As `by` says: the uid of the referrer, the reason, the code, the country (`ZZ` where it is unknown) or the date.
    pub key: String,
    /// The figures.
    #[serde(flatten)]
    pub sum: Forgone,
}

impl Shown for views::ForgoneRow {
    type Shape = ForgoneRow;

    fn shown(self) -> ForgoneRow {
        let views::ForgoneRow { key, sum } = self;
        ForgoneRow { key, sum: sum.shown() }
    }
}

/// `GET /v1/withheld`, `GET /v1/clawbacks`: the list, with what it was narrowed to and the range it used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ForgoneSums {
    /// The referrer; null for all of them together.
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
    pub by: String,
    /// The sum of all rows, those of other pages too.
    pub sum: Forgone,
    /// The rows.
    #[serde(flatten)]
    pub list: List<ForgoneRow>,
}

impl Shown for views::ForgoneSums {
    type Shape = ForgoneSums;

    fn shown(self) -> ForgoneSums {
        let views::ForgoneSums { uid, code, country, reason, from, to, by, sum, list } = self;
        let (by, sum, list) = (by.to_owned(), sum.shown(), list.shown());
        ForgoneSums { uid, code, country, reason, from, to, by, sum, list }
    }
}

/// A trade that gave no commission, or was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
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
    /// Who owns the code: who would have earned, or had earned; of a self-referral the invitee itself.
    pub referrer_uid: Uid,
    /// The code of the invitee's registration.
    pub code: String,
    /// The invitee's country; null where it is unknown.
    pub country: Option<Country>,
    /// Why there was no commission; null for a clawback.
    pub reason: Option<WhyNothing>,
    /// Its fee, in USD; negative where what was withheld is taken back.
    pub fee_usd: Usd,
    /// What the referrer did not get, or had to give back, in USD; negative likewise.
    pub commission: Usd,
    /// What the invitee did not get, or had to give back, in USD; negative likewise.
    pub rebate: Usd,
    /// `commission + rebate`.
    pub total: Usd,
    /// The reversal, where the row is of one.
    pub reversal: Option<ReversalLine>,
}

impl Shown for views::ForgoneTrade {
    type Shape = ForgoneTrade;

    fn shown(self) -> ForgoneTrade {
        let total = self.sum.total();
        let views::ForgoneTrade {
            trade,
            position,
            time,
            date,
            product,
            invitee_uid,
            referrer_uid,
            code,
            country,
            reason,
            sum: views::Forgone { trades: _, fee_usd, commission, rebate },
            reversal,
        } = self;
        ForgoneTrade {
            trade: trade.shown(),
            position,
            time,
            date,
            product,
            invitee_uid,
            referrer_uid,
            code,
            country,
            reason: reason.shown(),
            fee_usd,
            commission,
            rebate,
            total,
            reversal: reversal.shown(),
        }
    }
}

/// `GET /v1/withheld/trades`, `GET /v1/clawbacks/trades`: the list, with what it was narrowed to and the range it used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ForgoneTrades {
    /// The referrer; null for all of them together.
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
    #[serde(flatten)]
    pub list: List<ForgoneTrade>,
}

impl Shown for views::ForgoneTrades {
    type Shape = ForgoneTrades;

    fn shown(self) -> ForgoneTrades {
        let views::ForgoneTrades { uid, code, country, reason, from, to, sum, list } = self;
        ForgoneTrades { uid, code, country, reason, from, to, sum: sum.shown(), list: list.shown() }
    }
}
