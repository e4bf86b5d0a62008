//! An event as CloudEvents JSON (SPEC 1): every field of its data, defaults filled in, null where it is absent.

use schemas::{Body, Event, Offer};
use serde_json::{Value, json};

/// The event in structured mode.
pub(super) fn cloud_event(event: &Event<'_>) -> Value {
    json!({
        "specversion": "1.0",
        "type": event.event_type().name(),
        "source": event.source,
        "id": event.id,
        "time": event.time,
        "data": data(&event.body),
    })
}

fn data(body: &Body<'_>) -> Value {
    match body {
        Body::Registration(data) => json!({
            "uid": data.uid,
            "account_type": data.account_type,
            "country": data.country,
            "code": data.code,
            "relationship": data.relationship,
            "parent_uid": data.parent_uid,
        }),
        Body::Kyc(data) => json!({ "uid": data.uid, "status": data.status }),
        Body::Deposit(data) => json!({
            "uid": data.uid,
            "channel": data.channel,
            "asset": data.asset,
            "amount": data.amount,
            "amount_usd": data.amount_usd,
        }),
        Body::Trade(data) => json!({
            "uid": data.uid,
            "product": data.product,
            "symbol": data.symbol,
            "volume_usd": data.volume_usd,
            "fee_usd": data.fee_usd,
            "fee_asset": data.fee_asset,
            "fee_amount": data.fee_amount,
            "vip_level": data.vip_level,
        }),
        Body::Reversal(data) => json!({
            "uid": data.uid,
            "trade_source": data.trade_source,
            "trade_id": data.trade_id,
            "reason": data.reason,
        }),
        Body::Vip(data) => json!({ "uid": data.uid, "vip_level": data.vip_level }),
        Body::Affiliate(data) => json!({
            "uid": data.uid,
            "status": data.status,
            "spot_rate": data.spot_rate,
            "futures_rate": data.futures_rate,
            "futures_window_days": data.futures_window_days,
        }),
        Body::Code(data) => json!({
            "code": data.code,
            "owner_uid": data.owner_uid,
            "spot_rebate_rate": data.spot_rebate_rate,
            "futures_rebate_rate": data.futures_rebate_rate,
            "note": data.note,
            "is_default": data.is_default,
        }),
        Body::Rebate(data) => json!({
            "uid": data.uid,
            "spot_rebate_rate": data.spot_rebate_rate,
            "futures_rebate_rate": data.futures_rebate_rate,
        }),
        Body::Note(data) => json!({ "uid": data.uid, "note": data.note }),
        Body::Program(data) => json!({
            "default_spot_rate": data.default_spot_rate,
            "default_futures_rate": data.default_futures_rate,
            "default_futures_window_days": data.default_futures_window_days,
            "spot_vip_max": data.spot_vip_max,
            "futures_vip_max": data.futures_vip_max,
        }),
        Body::Offer(data) => offer(data),
        Body::Campaign(data) => json!({
            "id": data.id,
            "visibility": data.visibility,
            "title": data.title,
            "description": data.description,
            "url": data.url,
            "starts": data.starts,
            "ends": data.ends,
        }),
        Body::Join(data) => json!({ "uid": data.uid, "campaign_id": data.campaign_id }),
        Body::Application(data) => json!({ "uid": data.uid, "message": data.message }),
    }
}

fn offer(data: &Offer<'_>) -> Value {
    let tiers = data.tiers.iter().map(|tier| {
        let conditions =
            tier.all.iter().map(|condition| json!({ "metric": condition.metric, "at_least": condition.at_least }));
        json!({ "name": tier.name, "reward": tier.reward, "all": conditions.collect::<Vec<_>>() })
    });
    json!({
        "id": data.id,
        "kind": data.kind,
        "title": data.title,
        "url": data.url,
        "period": data.period,
        "starts": data.starts,
        "ends": data.ends,
        "affiliates_only": data.affiliates_only,
        "tiers": tiers.collect::<Vec<_>>(),
    })
}
