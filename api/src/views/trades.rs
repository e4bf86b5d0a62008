//! One trade explained (SPEC 4.4).

use schemas::{Event, Rate, Timestamp, Uid, Usd};
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::{Shown, shaped};
use super::{Actor, AsOf};

/// An event, named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventRef {
    /// CloudEvents `source`.
    pub source: String,
    /// CloudEvents `id`.
    pub id: String,
    /// CloudEvents `type`.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub event_type: &'static str,
    /// When it happened.
    pub time: Timestamp,
    /// Where it stands in the ledger.
    pub position: u64,
    /// Who sent it in or gave the command that it comes from; null where that is not kept, or not the asker's to see.
    pub actor: Option<Actor>,
}

impl Shown for projections::views::EventRef {
    type Shape = EventRef;

    fn shown(self) -> EventRef {
        let projections::views::EventRef { source, id, event_type, time, position } = self;
        // Who it was is told by the ledger, and to whom by who asks.
        EventRef { source, id, event_type, time, position, actor: None }
    }
}

/// A rate, and the event that set it; null for a built-in default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RateInForce {
    /// The rate; a rebate rate as capped.
    pub rate: Rate,
    /// The event that set it.
    pub event: Option<EventRef>,
}

shaped!(struct RateInForce { rate, event });

/// Which side of an account a posting is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Debit.
    Debit,
    /// Credit.
    Credit,
}

shaped!(
    enum Side {
        Debit,
        Credit,
    }
);

/// A posting made for a trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PostingLine {
    /// The entry that made it.
    pub position: u64,
    /// `commission_expense` or `payable:<uid>`.
    pub account: String,
    /// The side.
    pub side: Side,
    /// The amount, above 0.
    pub amount: Usd,
}

shaped!(struct PostingLine { position, account, side, amount });

/// The reversal that took a trade back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReversalLine {
    /// CloudEvents `source` of the reversal.
    pub source: String,
    /// CloudEvents `id` of the reversal.
    pub id: String,
    /// When.
    pub time: Timestamp,
    /// Why.
    pub reason: String,
    /// Where it stands in the ledger.
    pub position: u64,
    /// Who sent it in; null where that is not kept, or not the asker's to see.
    pub actor: Option<Actor>,
}

impl Shown for projections::views::ReversalLine {
    type Shape = ReversalLine;

    fn shown(self) -> ReversalLine {
        let projections::views::ReversalLine { source, id, time, reason, position } = self;
        ReversalLine { source, id, time, reason, position, actor: None }
    }
}

/// A trade's identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
pub struct TradeKey {
    /// The account that traded.
    pub uid: Uid,
    /// CloudEvents `source` of the trade.
    pub source: String,
    /// CloudEvents `id` of the trade.
    pub id: String,
}

shaped!(struct TradeKey { uid, source, id });

/// Why a trade has no commission: exactly one reason, the first that holds in this order (SPEC 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyNothing {
    /// The account, or a parent of it, is not registered.
    NotRegistered,
    /// The trade is stamped earlier than the registration.
    BeforeRegistration,
    /// The code is the invitee's own.
    SelfReferral,
    /// No code, or one that nobody owns.
    NotAttributed,
    /// The referral does not cover the product group.
    Relationship,
    /// The VIP level is above the limit in force.
    VipLevel,
    /// No fee, or a maker rebate.
    FeeNotPositive,
    /// The futures window has ended.
    WindowEnded,
    /// The referrer is suspended.
    Suspended,
    /// The trade is eligible and its commission comes to 0.
    RateZero,
}

shaped!(enum WhyNothing of projections::WhyNothing {
    NotRegistered, BeforeRegistration, SelfReferral, NotAttributed, Relationship, VipLevel, FeeNotPositive,
    WindowEnded, Suspended, RateZero
});

/// One trade explained: its amounts as they stand now, the rates in force with the event that set each, and
/// every posting made for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Explained {
    /// The trade, as a CloudEvent.
    #[schema(value_type = Object)]
    pub event: serde_json::Value,
    /// Where it stands in the ledger.
    pub position: u64,
    /// Who sent it in; null where that is not kept, or not the asker's to see.
    pub actor: Option<Actor>,
    /// The account that traded.
    pub account_uid: Uid,
    /// The invitee: the major account behind it; null where it is not registered.
    pub invitee_uid: Option<Uid>,
    /// The parent of a sub or other account.
    pub parent_uid: Option<Uid>,
    /// Who earns; null if the trade is not attributed.
    pub referrer_uid: Option<Uid>,
    /// The code in the invitee's registration, whoever owns it.
    pub code: Option<String>,
    /// The referrer's base rate; null if the trade is not attributed.
    pub base_rate: Option<RateInForce>,
    /// The invitee's rebate rate, capped at the base rate; null if the trade is not attributed.
    pub rebate_rate: Option<RateInForce>,
    /// Whether it is an eligible trade (SPEC 2).
    pub eligible: bool,
    /// Why there is no commission; null where there is one.
    pub reason: Option<WhyNothing>,
    /// `commission + rebate`.
    pub total: Usd,
    /// What the referrer earns.
    pub commission: Usd,
    /// What the invitee earns.
    pub rebate: Usd,
    /// Every posting made for it, by position.
    pub postings: Vec<PostingLine>,
    /// The reversal that took it back, if any.
    pub reversal: Option<ReversalLine>,
    /// What the answer reflects; absent inside another answer, which bears its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<AsOf>,
}

impl Shown for projections::views::Explained {
    type Shape = Explained;

    fn shown(self) -> Explained {
        let projections::views::Explained {
            event,
            position,
            account_uid,
            invitee_uid,
            parent_uid,
            referrer_uid,
            code,
            base_rate,
            rebate_rate,
            eligible,
            reason,
            total,
            commission,
            rebate,
            postings,
            reversal,
            as_of,
        } = self;
        Explained {
            event: event_json(&event),
            position,
            actor: None,
            account_uid,
            invitee_uid,
            parent_uid,
            referrer_uid,
            code,
            base_rate: base_rate.shown(),
            rebate_rate: rebate_rate.shown(),
            eligible,
            reason: reason.shown(),
            total,
            commission,
            rebate,
            postings: postings.shown(),
            reversal: reversal.shown(),
            as_of: as_of.shown(),
        }
    }
}

/// `GET /v1/trades/rules`: what a trade was measured by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TradeRules {
    /// The account that traded.
    pub account_uid: Uid,
    /// The invitee: the major account behind it; null where it is not registered.
    pub invitee_uid: Option<Uid>,
    /// Who earns; null if the trade is not attributed.
    pub referrer_uid: Option<Uid>,
    /// The code in the invitee's registration, whoever owns it.
    pub code: Option<String>,
    /// Base rate of spot and margin, at the trade, of who has no affiliate event.
    pub default_spot_rate: Rate,
    /// The same of futures.
    pub default_futures_rate: Rate,
    /// The futures window, at the trade, of who has no affiliate event; null: no window.
    pub default_futures_window_days: Option<u16>,
    /// The highest VIP level whose spot and margin trades earned then.
    pub spot_vip_max: u8,
    /// The highest VIP level whose futures trades earned then.
    pub futures_vip_max: u8,
    /// The event that set these; null for the built-in ones.
    pub event: Option<EventRef>,
    /// From when on trades of the account count; null while it is not registered.
    pub counts_from: Option<Timestamp>,
    /// When the invitee registered itself; null while one of them is not registered.
    pub invitee_registered_at: Option<Timestamp>,
    /// So many days after that futures trades give nothing any more; null without a window or a referrer.
    pub futures_window_days: Option<u16>,
    /// Whether the referrer was suspended at the trade.
    pub suspended: bool,
    /// What the answer reflects.
    pub as_of: AsOf,
}

/// An event as CloudEvents JSON.
#[must_use]
pub fn event_json(event: &Event<'_>) -> serde_json::Value {
    let mut text = Vec::new();
    schemas::json::write_event(event, &mut text);
    // What the writer writes is JSON.
    serde_json::from_slice(&text).unwrap_or(serde_json::Value::Null)
}
