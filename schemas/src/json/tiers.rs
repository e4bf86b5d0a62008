//! The tiers of an offer (SPEC 4.6): a list of tiers, each with a list of conditions.

use serde_json::{Value, json};

use super::rules::{Broken, OneOf, Rule, TextRule, UsdRule, write_text};
use super::slot::{Shape, Slot};
use crate::event::{Condition, Metric, Threshold, Tier};

/// The names of a tier.
pub(super) const TIER: Shape = Shape { names: &["name", "reward", "all"], list: Some((2, &CONDITION)) };
const CONDITION: Shape = Shape { names: &["metric", "at_least"], list: None };

type TierText = TextRule<0, 2000>;

/// The list of tiers.
pub(super) struct TiersRule;

impl Rule for TiersRule {
    type Value<'a> = Vec<Tier<'a>>;

    fn read<'a>(slot: &mut Slot<'a>) -> Result<Vec<Tier<'a>>, Broken> {
        let Slot::List(tiers) = slot else { return Err(Broken::expected("a list of tiers", slot)) };
        tiers
            .iter_mut()
            .enumerate()
            .map(|(index, tier)| read_tier(tier).map_err(|broken| broken.in_tier(index)))
            .collect()
    }

    fn write(tiers: &Vec<Tier<'_>>, out: &mut Vec<u8>) {
        write_list(tiers, out, |tier, out| {
            out.extend_from_slice(b"{\"name\":");
            write_text(&tier.name, out);
            out.extend_from_slice(b",\"reward\":");
            write_text(&tier.reward, out);
            out.extend_from_slice(b",\"all\":");
            write_list(&tier.all, out, write_condition);
            out.push(b'}');
        });
    }

    fn schema() -> Value {
        let condition = |counts: bool, at_least: Value| {
            let metrics: Vec<&str> =
                Metric::ALL.iter().filter(|metric| metric.is_count() == counts).map(|metric| metric.as_str()).collect();
            json!({
                "properties": {"metric": {"type": "string", "enum": metrics}, "at_least": at_least},
            })
        };
        json!({
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "reward", "all"],
                "properties": {
                    "name": TierText::schema(),
                    "reward": TierText::schema(),
                    "all": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["metric", "at_least"],
                            "oneOf": [
                                condition(true, json!({"type": "integer", "minimum": 0, "maximum": u64::MAX})),
                                condition(false, UsdRule::<true>::schema()),
                            ],
                        },
                    },
                },
            },
        })
    }
}

impl Broken {
    /// Says where in the list it is.
    fn in_tier(self, index: usize) -> Broken {
        Broken { detail: format!("tier {}: {}", index + 1, self.detail) }
    }

    fn of(self, name: &str) -> Broken {
        Broken { detail: format!("{name}: {}", self.detail) }
    }
}

fn read_tier<'a>(slot: &mut Slot<'a>) -> Result<Tier<'a>, Broken> {
    let Slot::Object(Some(fields)) = slot else { return Err(Broken::expected("a tier, an object", slot)) };
    let [name, reward, all] = &mut **fields else { return Err(Broken::expected("a tier, an object", slot)) };
    Ok(Tier {
        name: TierText::read(name).map_err(|broken| broken.of("name"))?,
        reward: TierText::read(reward).map_err(|broken| broken.of("reward"))?,
        all: if let Slot::List(conditions) = all {
            conditions.iter_mut().map(read_condition).collect::<Result<_, _>>()?
        } else {
            return Err(Broken::expected("a list of conditions", all).of("all"));
        },
    })
}

fn read_condition(slot: &mut Slot<'_>) -> Result<Condition, Broken> {
    let Slot::Object(Some(fields)) = slot else { return Err(Broken::expected("a condition, an object", slot)) };
    let [metric, at_least] = &mut **fields else { return Err(Broken::expected("a condition, an object", slot)) };
    let metric = OneOf::<Metric>::read(metric).map_err(|broken| broken.of("metric"))?;
    let at_least = if metric.is_count() {
        let Slot::Integer(count) = at_least else {
            return Err(Broken::expected("a count, an integer that is at least 0", at_least).of("at_least"));
        };
        Threshold::Count(*count)
    } else {
        Threshold::Usd(UsdRule::<true>::read(at_least).map_err(|broken| broken.of("at_least"))?)
    };
    Ok(Condition { metric, at_least })
}

fn write_condition(condition: &Condition, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"metric\":");
    OneOf::<Metric>::write(&condition.metric, out);
    out.extend_from_slice(b",\"at_least\":");
    match &condition.at_least {
        Threshold::Count(count) => out.extend_from_slice(count.to_string().as_bytes()),
        Threshold::Usd(amount) => UsdRule::<true>::write(amount, out),
    }
    out.push(b'}');
}

fn write_list<T>(list: &[T], out: &mut Vec<u8>, mut write: impl FnMut(&T, &mut Vec<u8>)) {
    out.push(b'[');
    for (index, element) in list.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(element, out);
    }
    out.push(b']');
}
