//! Answers that explain trades.

use projections::WhyNothing;
use projections::views::{EventRef, Explained, PostingLine, RateInForce, ReferralDetail, ReversalLine, Side};
use schemas::{Event, EventType, Timestamp, Uid};
use serde_json::Value;

use super::{Fields, Read, referral};
use crate::views::Actor;

/// Why there is no commission, all there is.
const REASONS: [WhyNothing; 10] = [
    WhyNothing::NotRegistered,
    WhyNothing::BeforeRegistration,
    WhyNothing::SelfReferral,
    WhyNothing::NotAttributed,
    WhyNothing::Relationship,
    WhyNothing::VipLevel,
    WhyNothing::FeeNotPositive,
    WhyNothing::WindowEnded,
    WhyNothing::Suspended,
    WhyNothing::RateZero,
];

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
        reason: fields.text_or_null("reason", |text| REASONS.into_iter().find(|reason| reason.as_str() == text))?,
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
