//! From an event to its record of version 1.

use super::{
    AffiliateRecord, Amount, CampaignRecord, CodeRecord, ConditionRecord, DepositRecord, Envelope, LEVEL_BITS, List,
    Moment, OfferRecord, ProgramRecord, RebateRecord, RegistrationRecord, ReversalRecord, ThresholdRecord, TierRecord,
    TradeRecord, UidAndNumber, UidAndText, VERSION,
};
use crate::country::Country;
use crate::event::{Body, Condition, Event, Threshold, Tier};
use crate::record::choices::Choice;
use crate::record::{TYPE_BITS, Texts, put};

pub(in crate::record) fn encode(event: &Event<'_>, texts: &mut Texts<'_, '_>, out: &mut Vec<u8>) {
    out.push(VERSION << TYPE_BITS | event.event_type().number());
    put(&Envelope { source: texts.common(&event.source), id: &event.id, time: Moment(event.time) }, out);
    match &event.body {
        Body::Registration(data) => {
            let record = RegistrationRecord {
                uid: data.uid.0,
                account_type: data.account_type.number(),
                country: data.country.map(country_bytes),
                code: data.code.as_ref().map(|code| texts.code(code)),
                relationship: data.relationship.number(),
                parent_uid: data.parent_uid.map(|uid| uid.0),
            };
            put(&record, out);
        }
        Body::Kyc(data) => put(&UidAndNumber { uid: data.uid.0, number: data.status.number() }, out),
        Body::Deposit(data) => {
            let record = DepositRecord {
                uid: data.uid.0,
                channel: texts.common(&data.channel),
                asset: texts.common(&data.asset),
                amount: Amount::of_asset(data.amount),
                amount_usd: Amount::of_usd(data.amount_usd),
            };
            put(&record, out);
        }
        Body::Trade(data) => {
            let record = TradeRecord {
                uid: data.uid.0,
                product_and_level: data.product.number() << LEVEL_BITS | data.vip_level,
                symbol: texts.common(&data.symbol),
                volume_usd: Amount::of_usd(data.volume_usd),
                fee_usd: Amount::of_usd(data.fee_usd),
                fee_asset: texts.common(&data.fee_asset),
                fee_amount: Amount::of_asset(data.fee_amount),
            };
            put(&record, out);
        }
        Body::Reversal(data) => {
            let record = ReversalRecord {
                uid: data.uid.0,
                trade_source: texts.common(&data.trade_source),
                trade_id: &data.trade_id,
                reason: &data.reason,
            };
            put(&record, out);
        }
        Body::Vip(data) => put(&UidAndNumber { uid: data.uid.0, number: data.vip_level }, out),
        Body::Affiliate(data) => {
            let record = AffiliateRecord {
                uid: data.uid.0,
                status: data.status.number(),
                spot_rate: data.spot_rate.0,
                futures_rate: data.futures_rate.0,
                futures_window_days: data.futures_window_days,
            };
            put(&record, out);
        }
        Body::Code(data) => {
            let record = CodeRecord {
                code: texts.code(&data.code),
                owner_uid: data.owner_uid.0,
                spot_rebate_rate: data.spot_rebate_rate.0,
                futures_rebate_rate: data.futures_rebate_rate.0,
                note: &data.note,
                is_default: data.is_default,
            };
            put(&record, out);
        }
        Body::Rebate(data) => {
            let record = RebateRecord {
                uid: data.uid.0,
                spot_rebate_rate: data.spot_rebate_rate.0,
                futures_rebate_rate: data.futures_rebate_rate.0,
            };
            put(&record, out);
        }
        Body::Note(data) => put(&UidAndText { uid: data.uid.0, text: &data.note }, out),
        Body::Program(data) => {
            let record = ProgramRecord {
                default_spot_rate: data.default_spot_rate.0,
                default_futures_rate: data.default_futures_rate.0,
                default_futures_window_days: data.default_futures_window_days,
                spot_vip_max: data.spot_vip_max,
                futures_vip_max: data.futures_vip_max,
            };
            put(&record, out);
        }
        Body::Offer(data) => {
            let record = OfferRecord {
                id: &data.id,
                kind: data.kind.number(),
                title: &data.title,
                url: &data.url,
                period: data.period.number(),
                starts: data.starts.map(|day| day.0),
                ends: data.ends.map(|day| day.0),
                affiliates_only: data.affiliates_only,
                tiers: List(data.tiers.iter().map(tier_record).collect()),
            };
            put(&record, out);
        }
        Body::Campaign(data) => {
            let record = CampaignRecord {
                id: &data.id,
                visibility: data.visibility.number(),
                title: &data.title,
                description: &data.description,
                url: &data.url,
                starts: data.starts.0,
                ends: data.ends.0,
            };
            put(&record, out);
        }
        Body::Join(data) => put(&UidAndText { uid: data.uid.0, text: &data.campaign_id }, out),
        Body::Application(data) => put(&UidAndText { uid: data.uid.0, text: &data.message }, out),
    }
}

fn tier_record<'a>(tier: &'a Tier<'_>) -> TierRecord<'a> {
    let condition = |condition: &Condition| ConditionRecord {
        metric: condition.metric.number(),
        at_least: match condition.at_least {
            Threshold::Count(count) => ThresholdRecord::Count(count),
            Threshold::Usd(amount) => ThresholdRecord::Usd(Amount::of_usd(amount)),
        },
    };
    TierRecord { name: &tier.name, reward: &tier.reward, all: List(tier.all.iter().map(condition).collect()) }
}

fn country_bytes(country: Country) -> [u8; 2] {
    let code = country.as_str().as_bytes();
    // A country's code has two letters.
    [code[0], code[1]]
}
