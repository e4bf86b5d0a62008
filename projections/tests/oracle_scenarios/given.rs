//! The words in which scenarios are told: each makes one event. Times are like `03-01 12:00`, in 2026, UTC.

use schemas::{
    AccountType, Affiliate, AffiliateStatus, Body, Code, Country, Day, Deposit, Event, Kyc, KycStatus, Note, Product,
    Program, Rate, Rebate, Registration, Relationship, Reversal, Timestamp, Trade, Uid, Usd, Vip,
};
use serde_json::Value;

use crate::agreement::{Projected, check_everything};
use crate::oracle::{Known, Oracle, Outcome};

/// A moment of 2026.
pub fn moment(text: &str) -> Timestamp {
    let whole = format!("2026-{}:00Z", text.replace(' ', "T"));
    Timestamp::parse(&whole).unwrap_or_else(|| panic!("no moment: {whole}"))
}

/// A day of 2026.
pub fn day(text: &str) -> Option<Day> {
    Some(Day::parse(&format!("2026-{text}")).unwrap_or_else(|| panic!("no day: {text}")))
}

pub fn rate(text: &str) -> Rate {
    Rate::parse(text).expect("a rate")
}

/// An event whose identity nothing else in a scenario has.
pub fn event(time: &str, body: Body<'static>) -> Event<'static> {
    let id = format!("{} {time}", body.event_type().name());
    Event { source: "/test".into(), id: id.into(), time: moment(time), body }
}

/// The same event under another id.
pub fn named(id: &'static str, event: Event<'static>) -> Event<'static> {
    Event { id: id.into(), ..event }
}

/// An oracle that accepted exactly these.
pub fn given(events: impl IntoIterator<Item = Event<'static>>) -> Oracle {
    let (oracle, outcomes) = Oracle::of(events.into_iter().map(|event| (event.time, event)));
    for outcome in outcomes {
        assert!(matches!(outcome, Outcome::Accepted { .. }), "a scenario's events are all accepted: {outcome:?}");
    }
    oracle
}

/// All of it, asked about at a moment. The projections are asked the same, whatever the scenario asks: all their
/// answers must be the oracle's.
pub fn at<'a>(oracle: &'a Oracle, now: &str) -> Known<'a> {
    check_everything(oracle, &Projected::of(oracle.entries()), moment(now));
    oracle.at(oracle.end(), moment(now))
}

pub fn code(time: &str, code: &'static str, owner: u64, spot_rebate: &str, futures_rebate: &str) -> Event<'static> {
    event(
        time,
        Body::Code(Code {
            code: code.into(),
            owner_uid: Uid(owner),
            spot_rebate_rate: rate(spot_rebate),
            futures_rebate_rate: rate(futures_rebate),
            note: "".into(),
            is_default: false,
        }),
    )
}

/// The same code event with `is_default` set.
pub fn as_default(event: Event<'static>) -> Event<'static> {
    let Body::Code(code) = event.body else { panic!("no code event: {event:?}") };
    Event { body: Body::Code(Code { is_default: true, ..code }), ..event }
}

/// A major account signs up, from Germany, for both product groups.
pub fn major(time: &str, uid: u64, code: Option<&'static str>) -> Event<'static> {
    event(
        time,
        Body::Registration(Registration {
            uid: Uid(uid),
            account_type: AccountType::Major,
            country: Country::parse("DE"),
            code: code.map(Into::into),
            relationship: Relationship::Both,
            parent_uid: None,
        }),
    )
}

/// The same registration for one product group only.
pub fn only(relationship: Relationship, event: Event<'static>) -> Event<'static> {
    let Body::Registration(data) = event.body else { panic!("no registration: {event:?}") };
    Event { body: Body::Registration(Registration { relationship, ..data }), ..event }
}

/// The same registration from elsewhere.
pub fn from(country: Option<&str>, event: Event<'static>) -> Event<'static> {
    let country = country.map(|country| Country::parse(country).expect("a country"));
    let Body::Registration(data) = event.body else { panic!("no registration: {event:?}") };
    Event { body: Body::Registration(Registration { country, ..data }), ..event }
}

/// A sub-account signs up.
pub fn sub(time: &str, uid: u64, parent: u64) -> Event<'static> {
    event(
        time,
        Body::Registration(Registration {
            uid: Uid(uid),
            account_type: AccountType::Sub,
            country: None,
            code: None,
            relationship: Relationship::Both,
            parent_uid: Some(Uid(parent)),
        }),
    )
}

pub fn kyc(time: &str, uid: u64, status: KycStatus) -> Event<'static> {
    event(time, Body::Kyc(Kyc { uid: Uid(uid), status }))
}

pub fn deposit(time: &str, uid: u64, channel: &'static str) -> Event<'static> {
    event(
        time,
        Body::Deposit(Deposit {
            uid: Uid(uid),
            channel: channel.into(),
            asset: "USDT".into(),
            amount: Default::default(),
            amount_usd: Usd(0),
        }),
    )
}

/// A spot trade at VIP level 0; its id is the one given, its volume a hundred times its fee, or 100 without one.
pub fn trade(time: &str, uid: u64, id: &'static str, fee: &str) -> Event<'static> {
    let fee_usd = Usd::parse(fee).expect("a fee");
    let volume_usd = if fee_usd.0 > 0 { Usd(fee_usd.0 * 100) } else { Usd(100 * Usd::UNITS) };
    named(
        id,
        event(
            time,
            Body::Trade(Trade {
                uid: Uid(uid),
                product: Product::Spot,
                symbol: "BTCUSDT".into(),
                volume_usd,
                fee_usd,
                fee_asset: "USDT".into(),
                fee_amount: Default::default(),
                vip_level: 0,
            }),
        ),
    )
}

/// The same trade of another product, at another level.
pub fn as_of_kind(product: Product, vip_level: u8, event: Event<'static>) -> Event<'static> {
    let Body::Trade(data) = event.body else { panic!("no trade: {event:?}") };
    Event { body: Body::Trade(Trade { product, vip_level, ..data }), ..event }
}

/// A futures trade at VIP level 0.
pub fn futures(time: &str, uid: u64, id: &'static str, fee: &str) -> Event<'static> {
    as_of_kind(Product::Futures, 0, trade(time, uid, id, fee))
}

pub fn reversal(time: &str, uid: u64, trade_id: &'static str) -> Event<'static> {
    event(
        time,
        Body::Reversal(Reversal {
            uid: Uid(uid),
            trade_source: "/test".into(),
            trade_id: trade_id.into(),
            reason: "bust".into(),
        }),
    )
}

pub fn vip(time: &str, uid: u64, vip_level: u8) -> Event<'static> {
    event(time, Body::Vip(Vip { uid: Uid(uid), vip_level }))
}

pub fn approved(time: &str, uid: u64, spot: &str, futures: &str, window_days: Option<u16>) -> Event<'static> {
    standing(time, uid, AffiliateStatus::Approved, spot, futures, window_days)
}

pub fn suspended(time: &str, uid: u64, spot: &str, futures: &str) -> Event<'static> {
    standing(time, uid, AffiliateStatus::Suspended, spot, futures, None)
}

fn standing(
    time: &str,
    uid: u64,
    status: AffiliateStatus,
    spot: &str,
    futures: &str,
    futures_window_days: Option<u16>,
) -> Event<'static> {
    event(
        time,
        Body::Affiliate(Affiliate {
            uid: Uid(uid),
            status,
            spot_rate: rate(spot),
            futures_rate: rate(futures),
            futures_window_days,
        }),
    )
}

pub fn rebate(time: &str, uid: u64, spot: &str, futures: &str) -> Event<'static> {
    event(
        time,
        Body::Rebate(Rebate { uid: Uid(uid), spot_rebate_rate: rate(spot), futures_rebate_rate: rate(futures) }),
    )
}

pub fn note(time: &str, uid: u64, note: &'static str) -> Event<'static> {
    event(time, Body::Note(Note { uid: Uid(uid), note: note.into() }))
}

/// The program's default rates change; its VIP limits stay as built in.
pub fn program(time: &str, spot: &str, futures: &str, window_days: Option<u16>) -> Event<'static> {
    event(
        time,
        Body::Program(Program {
            default_spot_rate: rate(spot),
            default_futures_rate: rate(futures),
            default_futures_window_days: window_days,
            ..Program::BUILT_IN
        }),
    )
}

/// A trade of a scenario explained, as of the end.
pub fn explained(oracle: &Oracle, uid: u64, id: &str) -> Value {
    at(oracle, "12-31 00:00").explain(Uid(uid), "/test", id).expect("the trade is there")
}

/// The fields of a value, as texts beside one another, for a table of expectations.
pub fn fields(value: &Value, names: &[&str]) -> Vec<String> {
    let text = |name: &&str| {
        let value = &value[*name];
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    };
    names.iter().map(text).collect()
}

/// One field of every row.
pub fn column(answer: &Value, name: &str) -> Vec<String> {
    let rows = answer["rows"].as_array().expect("a list has rows");
    rows.iter().flat_map(|row| fields(row, &[name])).collect()
}
