//! Answers that explain trades.

use projections::WhyNothing;
use projections::query::{DateRange, RewardTrade};
use projections::views::{
    AgreedRates, AsOf, EventRef, Explained, InviteeRange, PostingLine, RateInForce, ReferralDetail, ReversalLine, Side,
    TradeKey, TradeRules,
};
use schemas::{Event, EventType, Program, Timestamp, Uid};
use serde_json::Value;

use super::{Fields, Read, referral, reward};
use crate::query::referrals::InviteeHistory;
use crate::views::Actor;

/// Who events are of, by their positions.
type Actors = Vec<(u64, Actor)>;

/// The answer of `GET /v1/trades/explain`, with who the events are of that it names.
pub(crate) fn explained(fields: Fields) -> Read<(Explained, Actors)> {
    let mut actors = Vec::new();
    let explained = of_trade(fields, &mut actors)?;
    explained.as_of.is_some().then_some((explained, actors))
}

/// The answer of `GET /v1/referrals/{invitee}`.
pub(crate) fn referral_detail(mut fields: Fields) -> Read<ReferralDetail> {
    let as_of = fields.as_of()?;
    let referral = referral(fields.object("referral")?)?;
    Some(ReferralDetail { referral, trades: fields.rows("trades", |trade| of_trade(trade, &mut Vec::new()))?, as_of })
}

/// The answer of `GET /v1/referrals/{invitee}/history`.
pub(crate) fn referral_history(mut fields: Fields) -> Read<InviteeHistory> {
    let range = InviteeRange {
        range: DateRange { from: fields.day("from")?, to: fields.day("to")? },
        records: fields.rows("records", reward)?,
        trades: fields.rows("trades", |trade| of_trade(trade, &mut Vec::new()))?,
        trades_total: fields.count("trades_total")?,
    };
    Some(InviteeHistory { range, agreed: fields.rows("rates", agreed)?, as_of: fields.as_of()? })
}

/// The answer of `GET /v1/rewards/trades`, with what it reflects.
pub(crate) fn reward_trades(mut fields: Fields) -> Read<(Vec<RewardTrade>, AsOf)> {
    Some((fields.rows("rows", reward_trade)?, fields.as_of()?))
}

fn reward_trade(mut row: Fields) -> Read<RewardTrade> {
    let trade = row.object("trade")?;
    let trade = TradeKey { uid: trade.uid("uid")?, source: trade.owned("source")?, id: trade.owned("id")? };
    let (fee_usd, amount) = (row.usd("fee_usd")?, row.usd("amount")?);
    Some(RewardTrade { trade, time: row.time("time")?, is_reversal: row.flag("is_reversal")?, fee_usd, amount })
}

/// The answer of `GET /v1/trades/rules`.
pub(crate) fn trade_rules(mut fields: Fields) -> Read<TradeRules> {
    let days = |fields: &Fields, name: &str| fields.or_null(name, || fields.small(name));
    let program = Program {
        default_spot_rate: fields.rate("default_spot_rate")?,
        default_futures_rate: fields.rate("default_futures_rate")?,
        default_futures_window_days: days(&fields, "default_futures_window_days")?,
        spot_vip_max: fields.small("spot_vip_max")?,
        futures_vip_max: fields.small("futures_vip_max")?,
    };
    Some(TradeRules {
        program,
        program_event: fields.object_or_null("event", event_ref)?,
        counts_from: fields.time_or_null("counts_from")?,
        invitee_registered_at: fields.time_or_null("invitee_registered_at")?,
        futures_window_days: days(&fields, "futures_window_days")?,
        is_suspended: fields.flag("suspended")?,
    })
}

fn agreed(mut fields: Fields) -> Read<AgreedRates> {
    Some(AgreedRates {
        since: fields.time("since")?,
        spot: fields.rate("spot_rebate_rate")?,
        futures: fields.rate("futures_rebate_rate")?,
        event: event_ref(fields.object("event")?)?,
    })
}

fn of_trade(mut fields: Fields, actors: &mut Actors) -> Read<Explained> {
    let position = fields.count("position")?;
    keep(actors, &mut fields, position)?;
    let explained = Explained {
        event: event(fields.0.remove("event")?)?,
        position,
        account_uid: fields.uid("account_uid")?,
        invitee_uid: uid_or_null(&fields, "invitee_uid")?,
        parent_uid: uid_or_null(&fields, "parent_uid")?,
        referrer_uid: uid_or_null(&fields, "referrer_uid")?,
        code: fields.owned_or_null("code")?,
        base_rate: fields.object_or_null("base_rate", |rate| in_force(rate, actors))?,
        rebate_rate: fields.object_or_null("rebate_rate", |rate| in_force(rate, actors))?,
        eligible: fields.flag("eligible")?,
        reason: fields
            .text_or_null("reason", |text| WhyNothing::ALL.into_iter().find(|reason| reason.as_str() == text))?,
        total: fields.usd("total")?,
        commission: fields.usd("commission")?,
        rebate: fields.usd("rebate")?,
        postings: fields.rows("postings", posting)?,
        reversal: fields.object_or_null("reversal", |line| reversal(line, actors))?,
        as_of: if fields.is_absent("as_of") { None } else { Some(fields.as_of()?) },
    };
    Some(explained)
}

/// Keeps who the event at a position is of, where that is told.
fn keep(actors: &mut Actors, of: &mut Fields, position: u64) -> Read<()> {
    actors.extend(of.object_or_null("actor", actor)?.map(|actor| (position, actor)));
    Some(())
}

fn actor(fields: Fields) -> Read<Actor> {
    Some(Actor {
        who: fields.owned_or_null("who")?,
        role: fields.owned("role")?,
        address: fields.owned_or_null("address")?,
        request_id: fields.owned_or_null("request_id")?,
    })
}

fn uid_or_null(fields: &Fields, name: &str) -> Read<Option<Uid>> {
    fields.or_null(name, || fields.uid(name))
}

/// An event as it was written. It was taken when it came, so that its time is bounded by no arrival any more.
fn event(value: Value) -> Read<Event<'static>> {
    let text = serde_json::to_vec(&value).ok()?;
    Some(schemas::json::read_event(&text, Timestamp(i64::MAX)).ok()?.into_owned())
}

/// An event, named.
pub(super) fn event_ref(fields: Fields) -> Read<EventRef> {
    Some(EventRef {
        source: fields.owned("source")?,
        id: fields.owned("id")?,
        event_type: fields.text("type", EventType::from_name)?.name(),
        time: fields.time("time")?,
        position: fields.count("position")?,
    })
}

fn in_force(mut fields: Fields, actors: &mut Actors) -> Read<RateInForce> {
    let event = fields.object_or_null("event", |mut event| {
        let position = event.count("position")?;
        keep(actors, &mut event, position)?;
        event_ref(event)
    })?;
    Some(RateInForce { rate: fields.rate("rate")?, event })
}

fn posting(fields: Fields) -> Read<PostingLine> {
    Some(PostingLine {
        position: fields.count("position")?,
        account: fields.owned("account")?,
        side: fields.text("side", |text| [Side::Debit, Side::Credit].into_iter().find(|side| side.as_str() == text))?,
        amount: fields.usd("amount")?,
    })
}

fn reversal(mut fields: Fields, actors: &mut Actors) -> Read<ReversalLine> {
    let position = fields.count("position")?;
    keep(actors, &mut fields, position)?;
    Some(ReversalLine {
        source: fields.owned("source")?,
        id: fields.owned("id")?,
        time: fields.time("time")?,
        reason: fields.owned("reason")?,
        position,
    })
}
