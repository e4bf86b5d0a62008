//! The answers of shards added up, and held against those of one ledger, digit for digit.

use api::views::Shown;
use projections::query::{
    CohortFilter, Interval, Order, PageRequest, RangeRequest, ReferralFilter, ReferralSort, ReferrerSort,
};
use projections::views::RewardKind;
use projections::{QueryError, View};
use schemas::{Body, Day, Event, Timestamp, Uid, Usd};
use serde_json::{Map, Value};

/// What adds up; all else says the same on every shard.
const SUMMED: &[&str] = &[
    "total_rewards",
    "spot_commission",
    "futures_commission",
    "shared_commission",
    "total_referrals",
    "registered",
    "verified",
    "deposited",
    "first_time_trade",
    "traded",
    "spot_volume",
    "futures_volume",
    "total_volume",
    "referrals",
    "commission",
    "rebate",
    "volume",
    "trades",
    "fee_usd",
    "amount",
];

/// What differs between ledgers of the same events, or is said of a list. Which entry posted how much of an amount hangs on
/// the order of arrival.
const LEFT_OUT: &[&str] = &["as_of", "next_cursor", "total", "position", "recorded_at", "hint", "postings"];

/// What names a row.
const KEYS: &[&str] = &["date", "from", "month", "country", "invitee_uid", "referrer_uid", "uid", "code", "product"];

/// An answer, or that there is none.
type Answer = Result<Value, String>;

fn shown<T: Shown>(answer: Result<T, QueryError>) -> Answer {
    let value = answer.map(|answer| serde_json::to_value(answer.shown()).expect("an answer is JSON"));
    value.map(plain).map_err(|error| error.to_string())
}

/// Without what is left out, and rows in the order of their keys.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
            Value::Object(fields.map(|(name, value)| (name, plain(value))).collect())
        }
        Value::Array(rows) => {
            let mut rows: Vec<Value> = rows.into_iter().map(plain).collect();
            rows.sort_by_key(key);
            Value::Array(rows)
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

fn key(row: &Value) -> String {
    KEYS.iter().map(|name| row.get(name).map(Value::to_string).unwrap_or_default() + "\n").collect()
}

/// An amount in units of 0.00000001 USD; sums have no bound.
fn usd(text: &str) -> i128 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{decimals:0<8}").parse().expect("an amount")
}

/// The sum of two answers to one question.
fn sum(name: &str, one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(one), Value::Object(mut other)) => {
            let mut fields = Map::new();
            for (name, value) in one {
                let added = match other.remove(&name) {
                    Some(beside) => sum(&name, value, beside),
                    None => panic!("{name} is said by one shard alone"),
                };
                fields.insert(name, added);
            }
            assert!(other.is_empty(), "said by one shard alone: {other:?}");
            Value::Object(fields)
        }
        (Value::Array(one), Value::Array(other)) if name == "months" => {
            // The k-th is of the k-th month after the registration's, on every shard.
            assert_eq!(one.len(), other.len());
            Value::Array(one.into_iter().zip(other).map(|(one, other)| sum("month", one, other)).collect())
        }
        (Value::Array(mut rows), Value::Array(others)) if name == "rows" || name == "points" => {
            for row in others {
                match rows.iter_mut().find(|known| key(known) == key(&row)) {
                    Some(known) => *known = sum("row", known.take(), row),
                    None => rows.push(row),
                }
            }
            rows.sort_by_key(key);
            Value::Array(rows)
        }
        (Value::Number(one), Value::Number(other)) if SUMMED.contains(&name) => {
            Value::from(one.as_u64().expect("a count") + other.as_u64().expect("a count"))
        }
        (Value::String(one), Value::String(other)) if SUMMED.contains(&name) => {
            Value::String(Usd(usd(&one) + usd(&other)).to_string())
        }
        (one, other) => {
            assert_eq!(one, other, "shards differ in {name}");
            one
        }
    }
}

/// Holds the sum of the shards' answers against the one ledger's.
fn added(question: &str, one: Answer, shards: Vec<Answer>) {
    let texts: Vec<String> = shards.iter().map(|shard| format!("{shard:?}")).collect();
    let sum = shards.into_iter().reduce(|known, shard| match (known, shard) {
        (Ok(known), Ok(shard)) => Ok(sum(question, known, shard)),
        (Err(known), Err(shard)) if known == shard => Err(known),
        (known, shard) => panic!("{question}: {known:?} and {shard:?}"),
    });
    assert_eq!(sum.expect("a shard"), one, "{question}\n{texts:#?}");
}

/// Holds each shard's answer against the one ledger's.
fn same(question: &str, one: &Answer, shards: Vec<Answer>) {
    for (number, shard) in shards.into_iter().enumerate() {
        assert_eq!(&shard, one, "{question}: shard {number}");
    }
}

/// Holds against the one ledger's the answer of the one shard that has any.
fn one_has_it(question: &str, one: Answer, shards: Vec<Answer>) {
    let mut found: Vec<Value> = shards.into_iter().filter_map(Result::ok).collect();
    assert!(found.len() <= 1, "{question}: {found:#?}");
    assert_eq!(found.pop(), one.ok(), "{question}");
}

fn everything() -> PageRequest {
    PageRequest { limit: usize::MAX - 1, cursor: None }
}

/// Asks all of them everything that the accounts and codes named can be asked.
pub fn check(one: &View<'_>, shards: &[View<'_>], uids: &[Uid], codes: &[&str], events: &[Event<'static>]) {
    let ask =
        |ask: &dyn Fn(&View<'_>) -> Answer| -> (Answer, Vec<Answer>) { (ask(one), shards.iter().map(ask).collect()) };
    let now = one.now;
    for (from, to) in ranges(now) {
        let range = RangeRequest { from: Some(from), to: Some(to) };
        for uid in uids.iter().copied().map(Some).chain([None]) {
            for code in codes.iter().copied().map(Some).chain([None]) {
                let question = format!("uid={uid:?} code={code:?} {from:?} to {to:?}");
                let (whole, parts) = ask(&|view| shown(view.overview(uid, range, code)));
                added(&format!("overview {question}"), whole, parts);
                let (whole, parts) = ask(&|view| shown(view.series(uid, range, code, Interval::Week)));
                added(&format!("series {question}"), whole, parts);
                let filter = CohortFilter { code: code.map(str::to_owned), country: None };
                let (whole, parts) = ask(&|view| shown(view.cohorts(uid, &filter, range, &everything())));
                added(&format!("cohorts {question}"), whole, parts);
            }
            let (whole, parts) = ask(&|view| shown(view.countries(uid, range, &everything())));
            added(&format!("countries uid={uid:?}"), whole, parts);
        }
        for uid in uids.iter().copied() {
            for kind in [RewardKind::Commission, RewardKind::Shared] {
                let (whole, parts) = ask(&|view| shown(view.rewards(uid, kind, range, &everything())));
                added(&format!("rewards {kind:?} {uid}"), whole, parts);
            }
        }
        let sort = ReferrerSort::parse("total_rewards").expect("a column");
        let (whole, parts) = ask(&|view| shown(view.referrer_list(range, sort, Order::Descending, &everything())));
        added("referrers", whole, parts);
    }
    for uid in uids.iter().copied() {
        let (whole, parts) = ask(&|view| shown(view.codes(uid, &everything())));
        added(&format!("codes of {uid}"), whole, parts);
        let (whole, parts) = ask(&|view| shown(view.account_standing(uid)));
        same(&format!("account {uid}"), &whole, parts);
        let (whole, parts) = ask(&|view| shown(view.campaigns(uid, None, &everything())));
        same(&format!("campaigns of {uid}"), &whole, parts);
        let sort = ReferralSort::parse("uid").expect("a column");
        let all = ReferralFilter::default();
        let (whole, parts) = ask(&|view| shown(view.referrals(uid, &all, sort, Order::Ascending, &everything())));
        added(&format!("referrals of {uid}"), whole, parts);
        for invitee in uids.iter().copied() {
            let (whole, parts) = ask(&|view| shown(view.referral(uid, invitee)));
            one_has_it(&format!("referral {invitee} of {uid}"), whole, parts);
        }
    }
    for event in events {
        let Body::Trade(trade) = &event.body else { continue };
        let question = format!("explain {} {} {}", trade.uid, event.source, event.id);
        let (whole, parts) = ask(&|view| shown(view.explain(trade.uid, &event.source, &event.id)));
        // A shard that only passed it on knows no invitee.
        let is_attributed = |answer: &Answer| answer.as_ref().is_ok_and(|answer| !answer["referrer_uid"].is_null());
        let parts: Vec<Answer> = parts.into_iter().filter(is_attributed).collect();
        if is_attributed(&whole) {
            one_has_it(&question, whole, parts);
        } else {
            assert!(parts.is_empty(), "{question}: {parts:?}");
        }
    }
}

fn ranges(now: Timestamp) -> [(Day, Day); 3] {
    let today = now.day();
    [(today.plus(-400), today.plus(400)), (today.plus(-5), today.plus(-2)), (today.plus(-1), today.plus(-1))]
}
