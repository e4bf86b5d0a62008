//! From a record of version 1 to its event.

use std::borrow::Cow;

use super::{
    AffiliateRecord, CampaignRecord, CodeRecord, DepositRecord, Envelope, LEVEL_BITS, OfferRecord, ProgramRecord,
    RebateRecord, RegistrationRecord, ReversalRecord, ThresholdRecord, TierRecord, TradeRecord, UidAndNumber,
    UidAndText, VERSION,
};
use crate::country::Country;
use crate::dictionary::Dictionary;
use crate::event::{
    AccountType, Affiliate, AffiliateStatus, Application, Body, Campaign, Code, Condition, Deposit, Event, EventType,
    Join, Kyc, KycStatus, Metric, Note, Offer, OfferKind, Period, Product, Program, Rebate, Registration, Relationship,
    Reversal, Threshold, Tier, Trade, Uid, Vip, Visibility,
};
use crate::money::Rate;
use crate::record::choices::Choice;
use crate::record::{Decoder, RecordError, decoder, remaining, take};
use crate::time::Day;

pub(in crate::record) fn decode<'a>(
    kind: u8,
    bytes: &'a [u8],
    dictionary: &'a Dictionary,
) -> Result<Event<'a>, RecordError> {
    let kind = EventType::of_number(kind).map_err(|_| RecordError::UnknownType { found: kind, version: VERSION })?;
    let mut from = decoder(bytes);
    let envelope: Envelope<'a> = take(&mut from)?;
    let body = body(kind, &mut from, dictionary)?;
    let count = remaining(&mut from);
    if count != 0 {
        return Err(RecordError::TrailingBytes { count });
    }
    Ok(Event {
        source: envelope.source.resolve(dictionary)?,
        id: Cow::Borrowed(envelope.id),
        time: envelope.time.0,
        body,
    })
}

fn body<'a>(kind: EventType, from: &mut Decoder<'a>, dictionary: &'a Dictionary) -> Result<Body<'a>, RecordError> {
    Ok(match kind {
        EventType::Trade => {
            let record: TradeRecord<'a> = take(from)?;
            Body::Trade(Trade {
                uid: uid(record.uid)?,
                product: Product::of_number(record.product_and_level >> LEVEL_BITS)?,
                symbol: record.symbol.resolve(dictionary)?,
                volume_usd: record.volume_usd.usd("volume_usd")?,
                fee_usd: record.fee_usd.usd("fee_usd")?,
                fee_asset: record.fee_asset.resolve(dictionary)?,
                fee_amount: record.fee_amount.asset("fee_amount")?,
                vip_level: record.product_and_level & ((1 << LEVEL_BITS) - 1),
            })
        }
        EventType::Registration => {
            let record: RegistrationRecord<'a> = take(from)?;
            Body::Registration(Registration {
                uid: uid(record.uid)?,
                account_type: AccountType::of_number(record.account_type)?,
                country: record.country.map(country).transpose()?,
                code: record.code.map(|code| code.resolve(dictionary)).transpose()?,
                relationship: Relationship::of_number(record.relationship)?,
                parent_uid: record.parent_uid.map(uid).transpose()?,
            })
        }
        EventType::Kyc => {
            let record: UidAndNumber = take(from)?;
            Body::Kyc(Kyc { uid: uid(record.uid)?, status: KycStatus::of_number(record.number)? })
        }
        EventType::Deposit => {
            let record: DepositRecord<'a> = take(from)?;
            Body::Deposit(Deposit {
                uid: uid(record.uid)?,
                channel: record.channel.resolve(dictionary)?,
                asset: record.asset.resolve(dictionary)?,
                amount: record.amount.asset("amount")?,
                amount_usd: record.amount_usd.usd("amount_usd")?,
            })
        }
        EventType::Reversal => {
            let record: ReversalRecord<'a> = take(from)?;
            Body::Reversal(Reversal {
                uid: uid(record.uid)?,
                trade_source: record.trade_source.resolve(dictionary)?,
                trade_id: Cow::Borrowed(record.trade_id),
                reason: Cow::Borrowed(record.reason),
            })
        }
        EventType::Vip => {
            let record: UidAndNumber = take(from)?;
            Body::Vip(Vip { uid: uid(record.uid)?, vip_level: record.number })
        }
        EventType::Affiliate => {
            let record: AffiliateRecord = take(from)?;
            Body::Affiliate(Affiliate {
                uid: uid(record.uid)?,
                status: AffiliateStatus::of_number(record.status)?,
                spot_rate: rate(record.spot_rate)?,
                futures_rate: rate(record.futures_rate)?,
                futures_window_days: record.futures_window_days,
            })
        }
        EventType::Code => {
            let record: CodeRecord<'a> = take(from)?;
            Body::Code(Code {
                code: record.code.resolve(dictionary)?,
                owner_uid: uid(record.owner_uid)?,
                spot_rebate_rate: rate(record.spot_rebate_rate)?,
                futures_rebate_rate: rate(record.futures_rebate_rate)?,
                note: Cow::Borrowed(record.note),
                is_default: record.is_default,
            })
        }
        EventType::Rebate => {
            let record: RebateRecord = take(from)?;
            Body::Rebate(Rebate {
                uid: uid(record.uid)?,
                spot_rebate_rate: rate(record.spot_rebate_rate)?,
                futures_rebate_rate: rate(record.futures_rebate_rate)?,
            })
        }
        EventType::Note => {
            let record: UidAndText<'a> = take(from)?;
            Body::Note(Note { uid: uid(record.uid)?, note: Cow::Borrowed(record.text) })
        }
        EventType::Program => {
            let record: ProgramRecord = take(from)?;
            Body::Program(Program {
                default_spot_rate: rate(record.default_spot_rate)?,
                default_futures_rate: rate(record.default_futures_rate)?,
                default_futures_window_days: record.default_futures_window_days,
                spot_vip_max: record.spot_vip_max,
                futures_vip_max: record.futures_vip_max,
            })
        }
        EventType::Offer => {
            let record: OfferRecord<'a> = take(from)?;
            Body::Offer(Offer {
                id: Cow::Borrowed(record.id),
                kind: OfferKind::of_number(record.kind)?,
                title: Cow::Borrowed(record.title),
                url: Cow::Borrowed(record.url),
                period: Period::of_number(record.period)?,
                starts: record.starts.map(Day),
                ends: record.ends.map(Day),
                affiliates_only: record.affiliates_only,
                tiers: record.tiers.0.into_iter().map(tier).collect::<Result<_, _>>()?,
            })
        }
        EventType::Campaign => {
            let record: CampaignRecord<'a> = take(from)?;
            Body::Campaign(Campaign {
                id: Cow::Borrowed(record.id),
                visibility: Visibility::of_number(record.visibility)?,
                title: Cow::Borrowed(record.title),
                description: Cow::Borrowed(record.description),
                url: Cow::Borrowed(record.url),
                starts: Day(record.starts),
                ends: Day(record.ends),
            })
        }
        EventType::Join => {
            let record: UidAndText<'a> = take(from)?;
            Body::Join(Join { uid: uid(record.uid)?, campaign_id: Cow::Borrowed(record.text) })
        }
        EventType::Application => {
            let record: UidAndText<'a> = take(from)?;
            Body::Application(Application { uid: uid(record.uid)?, message: Cow::Borrowed(record.text) })
        }
    })
}

fn uid(number: u64) -> Result<Uid, RecordError> {
    if (1..=Uid::MAX).contains(&number) {
        Ok(Uid(number))
    } else {
        Err(RecordError::InvalidValue { field: "uid", value: number })
    }
}

fn rate(millionths: u32) -> Result<Rate, RecordError> {
    if millionths <= Rate::ONE.0 {
        Ok(Rate(millionths))
    } else {
        Err(RecordError::InvalidValue { field: "rate", value: u64::from(millionths) })
    }
}

fn country(code: [u8; 2]) -> Result<Country, RecordError> {
    let known = std::str::from_utf8(&code).ok().and_then(Country::parse);
    known.ok_or(RecordError::InvalidValue { field: "country", value: u64::from(u16::from_le_bytes(code)) })
}

fn tier(record: TierRecord<'_>) -> Result<Tier<'_>, RecordError> {
    let mut all = Vec::new();
    for condition in record.all.0 {
        let at_least = match condition.at_least {
            ThresholdRecord::Count(count) => Threshold::Count(count),
            ThresholdRecord::Usd(amount) => Threshold::Usd(amount.usd("at_least")?),
        };
        all.push(Condition { metric: Metric::of_number(condition.metric)?, at_least });
    }
    Ok(Tier { name: Cow::Borrowed(record.name), reward: Cow::Borrowed(record.reward), all })
}
