//! Arbitrary valid events of every type, with what is awkward in them: quotes, control characters, texts at
//! their limits, amounts at theirs.

use std::borrow::Cow;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

use crate::event::{
    AccountType, Affiliate, AffiliateStatus, Application, Body, Campaign, Code, Condition, Deposit, Event, EventType,
    Join, Kyc, KycStatus, Metric, Note, Offer, OfferKind, Period, Product, Program, Rebate, Registration, Relationship,
    Reversal, Threshold, Tier, Trade, Uid, Vip, Visibility,
};
use crate::money::{AssetAmount, Rate, Usd};
use crate::time::{Day, Timestamp};
use crate::{Country, json::limits};

type Text = Cow<'static, str>;

/// An event of any type, whose time is not after `latest`.
pub fn event(latest: Timestamp) -> impl Strategy<Value = Event<'static>> {
    select(EventType::ALL).prop_flat_map(move |event_type| event_of(event_type, latest))
}

/// An event of this type, whose time is not after `latest`.
pub fn event_of(event_type: EventType, latest: Timestamp) -> impl Strategy<Value = Event<'static>> {
    (name(), name(), Timestamp::EVENT_MIN.0..=latest.0, body_of(event_type))
        .prop_map(|(source, id, time, body)| Event { source, id, time: Timestamp(time), body })
}

/// What happened, for an event of this type.
pub fn body_of(event_type: EventType) -> BoxedStrategy<Body<'static>> {
    match event_type {
        EventType::Registration => registration().prop_map(Body::Registration).boxed(),
        EventType::Kyc => {
            (uid(), select(KycStatus::ALL)).prop_map(|(uid, status)| Body::Kyc(Kyc { uid, status })).boxed()
        }
        EventType::Deposit => deposit().prop_map(Body::Deposit).boxed(),
        EventType::Trade => trade().prop_map(Body::Trade).boxed(),
        EventType::Reversal => (uid(), text(), text(), text())
            .prop_map(|(uid, trade_source, trade_id, reason)| {
                Body::Reversal(Reversal { uid, trade_source, trade_id, reason })
            })
            .boxed(),
        EventType::Vip => (uid(), level()).prop_map(|(uid, vip_level)| Body::Vip(Vip { uid, vip_level })).boxed(),
        EventType::Affiliate => (uid(), select(AffiliateStatus::ALL), rate(), rate(), window())
            .prop_map(|(uid, status, spot_rate, futures_rate, futures_window_days)| {
                Body::Affiliate(Affiliate { uid, status, spot_rate, futures_rate, futures_window_days })
            })
            .boxed(),
        EventType::Code => (code(), uid(), rate(), rate(), note(), any::<bool>())
            .prop_map(|(code, owner_uid, spot_rebate_rate, futures_rebate_rate, note, is_default)| {
                Body::Code(Code { code, owner_uid, spot_rebate_rate, futures_rebate_rate, note, is_default })
            })
            .boxed(),
        EventType::Rebate => (uid(), rate(), rate())
            .prop_map(|(uid, spot_rebate_rate, futures_rebate_rate)| {
                Body::Rebate(Rebate { uid, spot_rebate_rate, futures_rebate_rate })
            })
            .boxed(),
        EventType::Note => (uid(), note()).prop_map(|(uid, note)| Body::Note(Note { uid, note })).boxed(),
        EventType::Program => program().prop_map(Body::Program).boxed(),
        EventType::Offer => offer().prop_map(Body::Offer).boxed(),
        EventType::Campaign => (name(), select(Visibility::ALL), text(), text(), text(), day(), day())
            .prop_map(|(id, visibility, title, description, url, starts, ends)| {
                Body::Campaign(Campaign { id, visibility, title, description, url, starts, ends })
            })
            .boxed(),
        EventType::Join => (uid(), text()).prop_map(|(uid, campaign_id)| Body::Join(Join { uid, campaign_id })).boxed(),
        EventType::Application => {
            (uid(), text()).prop_map(|(uid, message)| Body::Application(Application { uid, message })).boxed()
        }
    }
}

/// A uid: small ones often, so that events meet, and all others.
pub fn uid() -> impl Strategy<Value = Uid> {
    prop_oneof![1..=9u64, 1..=Uid::MAX, Just(Uid::MAX)].prop_map(Uid)
}

/// An amount of USD of any sign within the limits of an event.
pub fn usd() -> impl Strategy<Value = Usd> {
    let limit = Usd::EVENT_LIMIT - 1;
    prop_oneof![-10_000 * Usd::UNITS..=10_000 * Usd::UNITS, -limit..=limit, Just(0), Just(limit), Just(-limit)]
        .prop_map(Usd)
}

fn usd_from_zero() -> impl Strategy<Value = Usd> {
    usd().prop_map(|amount| Usd(amount.0.abs()))
}

fn asset_amount() -> impl Strategy<Value = AssetAmount> {
    let limit = 10i128.pow(AssetAmount::DIGITS_MAX) - 1;
    let digits = (prop_oneof![-1_000_000..=1_000_000i128, -limit..=limit], 0..=AssetAmount::DECIMALS_MAX);
    digits.prop_map(|(mantissa, scale)| {
        let amount = Decimal::from_i128_with_scale(mantissa, scale);
        AssetAmount::of(amount).expect("within the limits of an event")
    })
}

fn rate() -> impl Strategy<Value = Rate> {
    prop_oneof![Just(0), Just(Rate::ONE.0), 0..=Rate::ONE.0].prop_map(Rate)
}

fn level() -> impl Strategy<Value = u8> {
    0..=limits::VIP_LEVEL_MAX
}

fn window() -> impl Strategy<Value = Option<u16>> {
    option::of(0..=limits::WINDOW_DAYS_MAX)
}

fn day() -> impl Strategy<Value = Day> {
    let (first, last) = (Day::parse("0000-01-01"), Day::parse("9999-12-31"));
    (first.map_or(0, |day| day.0)..=last.map_or(0, |day| day.0)).prop_map(Day)
}

fn code() -> impl Strategy<Value = Text> {
    "[A-Z0-9_]{3,20}".prop_map(Cow::Owned)
}

/// A text of `min` to `max` code points: plain, of any characters, or as long as it may be.
fn text_of(min: usize, max: usize) -> impl Strategy<Value = Text> {
    let any_characters = vec(any::<char>(), min..=max.min(40)).prop_map(|text| text.into_iter().collect());
    let awkward = vec(select(vec!['"', '\\', '/', '\0', '\n', '\u{7f}', 'é', '€', '𝄞', '\u{2028}']), min..=9)
        .prop_map(|text| text.into_iter().collect());
    let longest = select(vec!['a', 'é', '𝄞']).prop_map(move |letter| letter.to_string().repeat(max));
    prop_oneof![8 => "[a-zA-Z0-9/_ -]{1,24}", 4 => any_characters, 2 => awkward, 1 => longest].prop_map(Cow::Owned)
}

fn name() -> impl Strategy<Value = Text> {
    text_of(1, limits::IDENTITY_CODE_POINTS_MAX)
}

fn note() -> impl Strategy<Value = Text> {
    text_of(0, limits::NOTE_CODE_POINTS_MAX)
}

fn text() -> impl Strategy<Value = Text> {
    text_of(0, limits::TEXT_CODE_POINTS_MAX)
}

fn registration() -> impl Strategy<Value = Registration<'static>> {
    let countries: Vec<Country> = Country::all().collect();
    let kind = select(AccountType::ALL);
    (uid(), kind, option::of(select(countries)), option::of(text()), select(Relationship::ALL), uid()).prop_map(
        |(uid, account_type, country, code, relationship, parent)| Registration {
            uid,
            account_type,
            country,
            code,
            relationship,
            parent_uid: (account_type != AccountType::Major).then_some(parent),
        },
    )
}

fn deposit() -> impl Strategy<Value = Deposit<'static>> {
    let channel = prop_oneof![select(vec!["p2p", "crypto", "fiat", "cash"]).prop_map(Cow::Borrowed), text()];
    (uid(), channel, text(), asset_amount(), usd_from_zero()).prop_map(|(uid, channel, asset, amount, amount_usd)| {
        let amount = AssetAmount::of(amount.decimal().abs()).expect("as large as before");
        Deposit { uid, channel, asset, amount, amount_usd }
    })
}

fn trade() -> impl Strategy<Value = Trade<'static>> {
    (uid(), select(Product::ALL), text(), usd_from_zero(), usd(), text(), asset_amount(), level()).prop_map(
        |(uid, product, symbol, volume_usd, fee_usd, fee_asset, fee_amount, vip_level)| Trade {
            uid,
            product,
            symbol,
            volume_usd,
            fee_usd,
            fee_asset,
            fee_amount,
            vip_level,
        },
    )
}

fn program() -> impl Strategy<Value = Program> {
    (rate(), rate(), window(), level(), level()).prop_map(
        |(default_spot_rate, default_futures_rate, default_futures_window_days, spot_vip_max, futures_vip_max)| {
            Program {
                default_spot_rate,
                default_futures_rate,
                default_futures_window_days,
                spot_vip_max,
                futures_vip_max,
            }
        },
    )
}

fn offer() -> impl Strategy<Value = Offer<'static>> {
    let dates = (option::of(day()), option::of(day()));
    let texts = (name(), text(), text());
    (texts, select(OfferKind::ALL), select(Period::ALL), dates, any::<bool>(), vec(tier(), 0..4)).prop_map(
        |((id, title, url), kind, period, (starts, ends), affiliates_only, tiers)| Offer {
            id,
            kind,
            title,
            url,
            period,
            starts,
            ends,
            affiliates_only,
            tiers,
        },
    )
}

fn tier() -> impl Strategy<Value = Tier<'static>> {
    (text(), text(), vec(condition(), 0..4)).prop_map(|(name, reward, all)| Tier { name, reward, all })
}

fn condition() -> impl Strategy<Value = Condition> {
    (select(Metric::ALL), any::<u64>(), usd()).prop_map(|(metric, count, amount)| Condition {
        metric,
        at_least: if metric.is_count() { Threshold::Count(count) } else { Threshold::Usd(amount) },
    })
}
