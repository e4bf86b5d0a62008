//! Reads answers as they are written: what is not as it would have been written is none.

mod account;
mod changes;
mod figures;
mod trades;

use projections::query::DaySums;
use projections::views::{
    AsOf, CodeDetail, CodeRow, ConditionProgress, List, OfferRow, ReferralRow, RewardKind, RewardRow, Rewards,
    RunningPeriod, TierProgress,
};
use schemas::{Country, Day, Metric, OfferKind, Period, Product, Rate, Relationship, Threshold, Timestamp, Uid, Usd};
use serde_json::{Map, Value};

pub(crate) use self::account::{account, application, campaigns, code_splits};
pub(crate) use self::changes::changes;
pub(crate) use self::figures::{cohorts, countries, overview, referrers, series};
pub(crate) use self::trades::{explained, referral_detail, referral_history, reward_trades, trade_rules};

/// What was read; none where it is not what is expected.
pub(crate) type Read<T> = Option<T>;

/// The fields of an object.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    fn of(value: Value) -> Read<Fields> {
        match value {
            Value::Object(fields) => Some(Fields(fields)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
        }
    }

    /// Those of a ledger's answer.
    pub(crate) fn whole(body: &[u8]) -> Read<Fields> {
        Fields::of(serde_json::from_slice(body).ok()?)
    }

    /// Those of an answer that one ledger gave or several together: what these stand at is then the position 0, of one that
    /// of it.
    pub(crate) fn of_one_or_several(body: &[u8]) -> Read<Fields> {
        let mut fields = Fields::whole(body)?;
        let as_of = fields.0.get_mut("as_of").and_then(Value::as_object_mut);
        if let Some(as_of) = as_of
            && let Some(positions) = as_of.remove("positions")
        {
            let position = match positions.as_array()?.as_slice() {
                [one] => one.clone(),
                _ => Value::from(0),
            };
            as_of.insert("position".to_owned(), position);
        }
        Some(fields)
    }

    fn field(&self, name: &str) -> Read<&Value> {
        self.0.get(name)
    }

    fn is_absent(&self, name: &str) -> bool {
        !self.0.contains_key(name)
    }

    /// A text, as `read` takes it.
    fn text<T>(&self, name: &str, read: impl FnOnce(&str) -> Option<T>) -> Read<T> {
        read(self.field(name)?.as_str()?)
    }

    /// The same of a field that may be null, but not left out.
    fn text_or_null<T>(&self, name: &str, read: impl FnOnce(&str) -> Option<T>) -> Read<Option<T>> {
        if self.field(name)?.is_null() { Some(None) } else { self.text(name, read).map(Some) }
    }

    fn owned(&self, name: &str) -> Read<String> {
        self.text(name, |text| Some(text.to_owned()))
    }

    fn owned_or_null(&self, name: &str) -> Read<Option<String>> {
        self.text_or_null(name, |text| Some(text.to_owned()))
    }

    fn count(&self, name: &str) -> Read<u64> {
        self.field(name)?.as_u64()
    }

    /// A number of a smaller kind.
    fn small<N: TryFrom<u64>>(&self, name: &str) -> Read<N> {
        N::try_from(self.count(name)?).ok()
    }

    /// What may be null, but not left out.
    fn or_null<T>(&self, name: &str, read: impl FnOnce() -> Read<T>) -> Read<Option<T>> {
        if self.field(name)?.is_null() { Some(None) } else { read().map(Some) }
    }

    /// What may be left out, but not be null.
    fn or_absent<T>(&self, name: &str, read: impl FnOnce() -> Read<T>) -> Read<Option<T>> {
        if self.is_absent(name) { Some(None) } else { read().map(Some) }
    }

    fn flag(&self, name: &str) -> Read<bool> {
        self.field(name)?.as_bool()
    }

    fn uid(&self, name: &str) -> Read<Uid> {
        self.count(name).map(Uid)
    }

    fn day(&self, name: &str) -> Read<Day> {
        self.text(name, Day::parse)
    }

    fn usd(&self, name: &str) -> Read<Usd> {
        self.text(name, usd)
    }

    fn rate(&self, name: &str) -> Read<Rate> {
        self.text(name, |text| Rate::parse(text).ok())
    }

    fn time(&self, name: &str) -> Read<Timestamp> {
        self.text(name, Timestamp::parse)
    }

    fn time_or_null(&self, name: &str) -> Read<Option<Timestamp>> {
        self.text_or_null(name, Timestamp::parse)
    }

    fn as_of(&mut self) -> Read<AsOf> {
        let as_of = self.object("as_of")?;
        Some(AsOf { position: as_of.count("position")?, event_time: as_of.time_or_null("event_time")? })
    }

    fn object(&mut self, name: &str) -> Read<Fields> {
        Fields::of(self.0.remove(name)?)
    }

    /// An object, which may be null, but not left out.
    fn object_or_null<T>(&mut self, name: &str, read: impl FnOnce(Fields) -> Read<T>) -> Read<Option<T>> {
        let value = self.0.remove(name)?;
        if value.is_null() { Some(None) } else { read(Fields::of(value)?).map(Some) }
    }

    fn rows<T>(&mut self, name: &str, read: fn(Fields) -> Read<T>) -> Read<Vec<T>> {
        match self.0.remove(name)? {
            Value::Array(rows) => rows.into_iter().map(|row| read(Fields::of(row)?)).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => None,
        }
    }

    fn list<T>(&mut self, row: fn(Fields) -> Read<T>) -> Read<List<T>> {
        let as_of = self.as_of()?;
        let next_cursor = self.text_or_null("next_cursor", |text| Some(text.to_owned()))?;
        Some(List { rows: self.rows("rows", row)?, total: self.count("total")?, next_cursor, as_of })
    }
}

fn usd(text: &str) -> Option<Usd> {
    Usd::parse_sum(text).ok()
}

/// The answer of `GET /v1/rewards`.
pub(crate) fn rewards(mut fields: Fields) -> Read<Rewards> {
    let hint = figures::hint(&mut fields)?;
    Some(Rewards {
        uid: fields.uid("uid")?,
        kind: fields.text("kind", RewardKind::parse)?,
        from: fields.day("from")?,
        to: fields.day("to")?,
        hint,
        list: fields.list(reward)?,
    })
}

/// A line of `GET /v1/rewards/export` in NDJSON.
pub(crate) fn record(line: &[u8]) -> Read<RewardRow> {
    reward(Fields::whole(line)?)
}

fn reward(fields: Fields) -> Read<RewardRow> {
    let kind = fields.text("kind", RewardKind::parse)?;
    let (invitee_uid, referrer_uid) = match kind {
        RewardKind::Commission => (Some(fields.uid("invitee_uid")?), None),
        RewardKind::Shared => (None, Some(fields.uid("referrer_uid")?)),
    };
    Some(RewardRow {
        date: fields.day("date")?,
        kind,
        invitee_uid,
        referrer_uid,
        product: fields.text("product", Product::parse)?,
        trades: fields.count("trades")?,
        fee_usd: fields.usd("fee_usd")?,
        amount: fields.usd("amount")?,
    })
}

/// The answer of `GET /v1/offers`.
pub(crate) fn offers(mut fields: Fields) -> Read<List<OfferRow>> {
    fields.list(offer)
}

fn offer(mut fields: Fields) -> Read<OfferRow> {
    let period = fields.object("period")?;
    let period =
        RunningPeriod { kind: period.text("kind", Period::parse)?, from: period.day("from")?, to: period.day("to")? };
    Some(OfferRow {
        id: fields.owned("id")?,
        kind: fields.text("kind", OfferKind::parse)?,
        title: fields.owned("title")?,
        url: fields.owned("url")?,
        period,
        eligible: fields.flag("eligible")?,
        tiers: fields.rows("tiers", tier)?,
        reached: fields.text_or_null("reached", |text| Some(text.to_owned()))?,
        next: fields.text_or_null("next", |text| Some(text.to_owned()))?,
    })
}

fn tier(mut fields: Fields) -> Read<TierProgress> {
    Some(TierProgress {
        name: fields.owned("name")?,
        reward: fields.owned("reward")?,
        conditions: fields.rows("conditions", condition)?,
        met: fields.flag("met")?,
    })
}

fn condition(fields: Fields) -> Read<ConditionProgress> {
    let metric = fields.text("metric", Metric::parse)?;
    let value = |name: &str| match metric.is_count() {
        true => fields.count(name).map(Threshold::Count),
        false => fields.usd(name).map(Threshold::Usd),
    };
    Some(ConditionProgress { metric, current: value("current")?, target: value("target")?, met: fields.flag("met")? })
}

/// The answer of `GET /v1/referrals`, and of `GET /v1/codes/{code}/referrals`.
pub(crate) fn referrals(mut fields: Fields) -> Read<List<ReferralRow>> {
    fields.list(referral)
}

fn referral(fields: Fields) -> Read<ReferralRow> {
    Some(ReferralRow {
        uid: fields.uid("uid")?,
        registered_at: fields.time("registered_at")?,
        code: fields.owned("code")?,
        country: fields.text_or_null("country", Country::parse)?,
        verified_at: fields.time_or_null("verified_at")?,
        first_deposit_at: fields.time_or_null("first_deposit_at")?,
        first_trade_at: fields.time_or_null("first_trade_at")?,
        commission: fields.usd("commission")?,
        rebate: fields.usd("rebate")?,
        volume: fields.usd("volume")?,
        vip_level: u8::try_from(fields.count("vip_level")?).ok()?,
        commission_type: fields.text("commission_type", Relationship::parse)?,
        spot_rebate_rate: fields.rate("spot_rebate_rate")?,
        futures_rebate_rate: fields.rate("futures_rebate_rate")?,
        note: fields.owned("note")?,
    })
}

/// The answer of `GET /v1/codes`.
pub(crate) fn codes(mut fields: Fields) -> Read<List<CodeRow>> {
    fields.list(code_row)
}

/// The answer of `GET /v1/codes/{code}`.
pub(crate) fn code(mut fields: Fields) -> Read<CodeDetail> {
    let as_of = fields.as_of()?;
    Some(CodeDetail { row: code_row(fields)?, as_of })
}

fn code_row(fields: Fields) -> Read<CodeRow> {
    Some(CodeRow {
        code: fields.owned("code")?,
        created_at: fields.time("created_at")?,
        referrals: fields.count("referrals")?,
        commission: fields.usd("commission")?,
        spot_rate: fields.rate("spot_rate")?,
        futures_rate: fields.rate("futures_rate")?,
        spot_rebate_rate: fields.rate("spot_rebate_rate")?,
        futures_rebate_rate: fields.rate("futures_rebate_rate")?,
        note: fields.owned("note")?,
        is_default: fields.flag("is_default")?,
        link: fields.owned("link")?,
    })
}

/// The days of a series, each with what was earned.
pub(crate) fn earned_by_day(mut fields: Fields) -> Read<DaySums> {
    fields.rows("points", |point| Some((point.day("date")?, point.usd("total_rewards")?)))
}
