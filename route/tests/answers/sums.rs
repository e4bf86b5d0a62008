//! Answers in JSON, added up.

use schemas::Usd;
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
const KEYS: &[&str] =
    &["key", "date", "from", "month", "country", "invitee_uid", "referrer_uid", "uid", "code", "product"];

/// Without what is left out, and rows in the order of their keys.
pub fn plain(value: Value) -> Value {
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
///
/// # Errors
/// Where they differ in what does not add up.
pub fn sum(name: &str, one: Value, other: Value) -> Result<Value, String> {
    match (one, other) {
        (Value::Object(one), Value::Object(mut other)) => {
            let mut fields = Map::new();
            for (name, value) in one {
                let beside = other.remove(&name).ok_or_else(|| format!("{name} is said by one shard alone"))?;
                fields.insert(name.clone(), sum(&name, value, beside)?);
            }
            if other.is_empty() {
                Ok(Value::Object(fields))
            } else {
                Err(format!("said by one shard alone: {other:?}"))
            }
        }
        (Value::Array(one), Value::Array(other)) if name == "months" => {
            // The k-th is of the k-th month after the registration's, on every shard.
            if one.len() != other.len() {
                return Err("shards differ in how many months there are".to_owned());
            }
            let months = one.into_iter().zip(other).map(|(one, other)| sum("month", one, other));
            Ok(Value::Array(months.collect::<Result<_, _>>()?))
        }
        (Value::Array(mut rows), Value::Array(others)) if name == "rows" || name == "points" => {
            for row in others {
                match rows.iter_mut().find(|known| key(known) == key(&row)) {
                    Some(known) => *known = sum("row", known.take(), row)?,
                    None => rows.push(row),
                }
            }
            rows.sort_by_key(key);
            Ok(Value::Array(rows))
        }
        (Value::Number(one), Value::Number(other)) if SUMMED.contains(&name) => {
            Ok(Value::from(one.as_u64().expect("a count") + other.as_u64().expect("a count")))
        }
        (Value::String(one), Value::String(other)) if SUMMED.contains(&name) => {
            Ok(Value::String(Usd(usd(&one) + usd(&other)).to_string()))
        }
        (one, other) if one == other => Ok(one),
        (one, other) => Err(format!("shards differ in {name}: {one} and {other}")),
    }
}
