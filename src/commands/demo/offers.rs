//! Two programs measured on where the demo referrer stands: one nearly reached, one half. They are published when the
//! history has been recorded, since only then it is known what nearly is.

use ingest::{Feed, Handle};
use projections::query::RangeRequest;
use projections::views::Metrics;
use schemas::{Day, Timestamp, Usd};
use serde_json::{Value, json};
use workload::DEMO_UID;

use crate::exit::Failure;

/// Publishes both, from today on.
///
/// # Errors
/// If the ledger takes nothing more.
pub(super) fn publish(handle: &Handle, mut feed: Feed) -> Result<(), Failure> {
    let now = handle.now();
    let today = now.day();
    let running = RangeRequest { from: Some(today.month_start()), to: Some(today) };
    let overview = handle.read(|view| view.overview(DEMO_UID, running, None)).map_err(anyhow::Error::from)?;
    let mut lines = Vec::new();
    let mut count = 0;
    for (id, title, kind, tiers) in [
        ("demo-sprint", "Volume sprint", "bonus", nearly(&overview.metrics)),
        ("demo-growth", "Growth partner", "evaluation", half(&overview.metrics)),
    ] {
        lines.extend_from_slice(offer(id, title, kind, &tiers, now, today).to_string().as_bytes());
        lines.push(b'\n');
        count += 1;
    }
    feed.push_lines(&"demo-offers".into(), 1, lines).map_err(anyhow::Error::from)?;
    let tally = feed.finish().map_err(anyhow::Error::from)?;
    debug_assert_eq!(tally.accepted, count, "{tally:?}");
    Ok(())
}

fn offer(id: &str, title: &str, kind: &str, tiers: &Value, now: Timestamp, today: Day) -> Value {
    json!({
        "specversion": "1.0", "type": "referral.offer.v1", "source": "/program", "id": format!("{id}-{}", now.0),
        "time": now.to_string(),
        "data": {
            "id": id, "kind": kind, "title": title, "url": format!("https://example.invalid/offers/{id}"),
            "period": "month", "starts": today.month_start().to_string(), "ends": null, "affiliates_only": false,
            "tiers": tiers,
        },
    })
}

/// All of it is met but for a few per cent of the volume.
fn nearly(now: &Metrics) -> Value {
    let target = rounded_up(now.total_volume.0 / Usd::UNITS * 103 / 100);
    json!([
        {"name": "sprint", "reward": "$2,500", "all": [
            {"metric": "total_volume", "at_least": target.to_string()},
            {"metric": "traded", "at_least": now.traded.max(1)},
        ]},
        {"name": "start", "reward": "$250", "all": [{"metric": "traded", "at_least": now.traded / 2 + 1}]},
    ])
}

/// Two of four conditions are met.
fn half(now: &Metrics) -> Value {
    let rewards = rounded_up(now.total_rewards.0 / Usd::UNITS * 2 + 1);
    json!([{"name": "partner", "reward": "base rate 0.45", "all": [
        {"metric": "verified", "at_least": now.verified},
        {"metric": "total_referrals", "at_least": now.total_referrals},
        {"metric": "first_time_trade", "at_least": now.first_time_trade * 2 + 1},
        {"metric": "total_rewards", "at_least": rewards.to_string()},
    ]}])
}

/// The next number that ends in noughts, with three figures before them.
fn rounded_up(amount: i128) -> i128 {
    let mut unit = 1;
    while amount / unit >= 1_000 {
        unit *= 10;
    }
    (amount / unit + 1) * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_round_number_above() {
        for (amount, target) in [(0, 1), (7, 8), (999, 1_000), (1_000, 1_010), (1_234_567, 1_240_000)] {
            assert_eq!(rounded_up(amount), target, "{amount}");
        }
    }
}
