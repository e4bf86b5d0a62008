//! A topic: whether it is there, whether it still is what the ledger read, and whether its settings keep what is not read yet.

use std::collections::BTreeMap;

use ingest::kafka::{KafkaMode, TopicFacts};
use schemas::Timestamp;
use schemas::json::limits::EVENT_BYTES_MAX;

use super::Check;
use super::figures::{bytes, seconds, seconds_between};
use super::ledger_state::Facts;

/// Shorter, and a long weekend may lose events.
const RETENTION_MIN: u64 = 7 * 86_400;

/// What librdkafka takes of an answer at most, unless it is set otherwise.
const ANSWER_BYTES_MAX: u64 = 100_000_000;

/// By so much a producer's clock may be ahead.
const AHEAD_MAX: u64 = 300;

/// All checks of a topic.
pub(super) fn checks(found: &TopicFacts, facts: Option<&Facts>, mode: &KafkaMode, now: Timestamp) -> Vec<Check> {
    let topic = &found.topic;
    let mut checks = vec![offsets(found, facts, mode)];
    match &found.settings {
        Ok(settings) => {
            checks.push(retention(topic, settings, lagging_since(found, facts), now));
            checks.push(cleanup(topic, settings));
            checks.push(message_bytes(topic, settings));
            checks.push(timestamps(found, settings, now));
        }
        Err(why) => checks.push(Check::skipped(
            &format!("settings of {topic}"),
            format!("the broker does not tell them ({why}); they need the right to describe the topic's configuration"),
        )),
    }
    checks
}

/// Whether the broker has what the ledger reads next.
fn offsets(found: &TopicFacts, facts: Option<&Facts>, mode: &KafkaMode) -> Check {
    let TopicFacts { topic, partitions, .. } = found;
    let name = format!("topic {topic}");
    let Some(partitions) = partitions else {
        return Check::failed(&name, "the broker does not know it", "make it, or see whether the name is right");
    };
    let silent = partitions.iter().filter(|found| found.watermarks.is_none()).count();
    if silent > 0 {
        let found =
            format!("of {silent} of {} partitions the broker does not say where they begin and end", partitions.len());
        return Check::warning(&name, found, "see whether all brokers that lead its partitions run");
    }
    let Some(facts) = facts else {
        return Check::ok(&name, format!("{} partitions; what the ledger read of them is not known", partitions.len()));
    };
    let of_topic = || facts.offsets.iter().filter(|((known, _), _)| known == topic);
    let gone: Vec<String> = of_topic()
        .filter(|((_, partition), _)| !partitions.iter().any(|found| found.partition == *partition))
        .map(|((_, partition), _)| partition.to_string())
        .collect();
    let chosen = matches!(mode, KafkaMode::Subset(_));
    if !gone.is_empty() && !chosen {
        let found =
            format!("{} partitions, and the ledger has read partition {} of it", partitions.len(), gone.join(", "));
        return Check::failed(&name, found, "it was made anew: see `topic created again` in docs/OPERATIONS.md");
    }
    let (mut unread, mut waiting) = (0, 0u64);
    for found in partitions {
        let Some((earliest, end)) = found.watermarks else { continue };
        let Some(next) = facts.offsets.get(&(topic.clone(), found.partition)).copied() else {
            unread += 1;
            waiting += u64::try_from(end - earliest).unwrap_or(0);
            continue;
        };
        let place = format!("partition {}: the ledger reads on at {next}", found.partition);
        if next < earliest {
            return Check::failed(
                &name,
                format!("{place}, and the broker's first offset is {earliest}: those between are gone"),
                "import them from a copy; then start once with kafka.skip_lost = true",
            );
        }
        if next > end {
            return Check::failed(
                &name,
                format!("{place}, and the broker's partition ends at {end}"),
                "it is not the topic that was read: give that one back, or start once with --accept-new-topic",
            );
        }
        waiting += u64::try_from(end - next).unwrap_or(0);
    }
    let unread = if unread > 0 { format!(", {unread} of them not read yet") } else { String::new() };
    Check::ok(&name, format!("{} partitions{unread}; {waiting} messages wait to be read", partitions.len()))
}

/// Since when there is something that is not read, as far as can be told: since the last entry.
fn lagging_since(found: &TopicFacts, facts: Option<&Facts>) -> Option<Timestamp> {
    let facts = facts?;
    let lags = found.partitions.iter().flatten().any(|partition| {
        let next = facts.offsets.get(&(found.topic.clone(), partition.partition));
        partition.watermarks.zip(next).is_some_and(|((_, end), next)| *next < end)
    });
    facts.recorded_at.filter(|_| lags)
}

fn number(settings: &BTreeMap<String, String>, name: &str) -> Option<i64> {
    settings.get(name)?.parse().ok()
}

fn retention(topic: &str, settings: &BTreeMap<String, String>, since: Option<Timestamp>, now: Timestamp) -> Check {
    let name = format!("retention of {topic}");
    let Some(millis) = number(settings, "retention.ms") else {
        return Check::skipped(&name, "the broker does not tell retention.ms");
    };
    // A negative one bounds nothing.
    let time = u64::try_from(millis).ok().map(|millis| millis / 1_000);
    let size = number(settings, "retention.bytes").and_then(|size| u64::try_from(size).ok());
    let found = format!(
        "{}{}",
        time.map_or_else(|| "kept for ever".to_owned(), |time| format!("kept for {}", seconds(time))),
        size.map_or_else(String::new, |size| format!(", and {} a partition at most", bytes(size)))
    );
    let longer = "set a longer one (retention.ms, retention.bytes = -1): longer than an outage may last, and than a backup \
                  is old when it is restored";
    let behind = since.map(|since| seconds_between(since, now));
    if let (Some(time), Some(behind)) = (time, behind)
        && behind.saturating_mul(2) > time
    {
        let found = format!("{found}; the ledger took in nothing for {}, and messages wait", seconds(behind));
        return Check::failed(&name, found, format!("start the daemon now, or {longer}"));
    }
    if time.is_some_and(|time| time < RETENTION_MIN) {
        return Check::warning(&name, found, longer);
    }
    if size.is_some() {
        return Check::warning(&name, format!("{found}: with much traffic that is sooner"), longer);
    }
    Check::ok(&name, found)
}

fn cleanup(topic: &str, settings: &BTreeMap<String, String>) -> Check {
    let name = format!("cleanup of {topic}");
    match settings.get("cleanup.policy") {
        Some(policy) if policy.split(',').any(|part| part.trim() == "compact") => Check::failed(
            &name,
            format!("cleanup.policy is {policy}: of the events with one key only the last is kept"),
            "set cleanup.policy=delete: each event counts, also where another one has its key",
        ),
        Some(policy) => Check::ok(&name, format!("cleanup.policy is {policy}")),
        None => Check::skipped(&name, "the broker does not tell cleanup.policy"),
    }
}

fn message_bytes(topic: &str, settings: &BTreeMap<String, String>) -> Check {
    let name = format!("message size of {topic}");
    let Some(max) = number(settings, "max.message.bytes").and_then(|max| u64::try_from(max).ok()) else {
        return Check::skipped(&name, "the broker does not tell max.message.bytes");
    };
    let found = format!("up to {}; an event has {} at most", bytes(max), bytes(EVENT_BYTES_MAX as u64));
    if max > ANSWER_BYTES_MAX {
        return Check::failed(
            &name,
            format!("{found}, and the client takes {} at a time", bytes(ANSWER_BYTES_MAX)),
            "lower max.message.bytes, or raise the property receive.message.max.bytes under [kafka.properties]",
        );
    }
    Check::ok(&name, found)
}

/// The times of the messages, which the lag in seconds is measured by.
fn timestamps(found: &TopicFacts, settings: &BTreeMap<String, String>, now: Timestamp) -> Check {
    let name = format!("timestamps of {}", found.topic);
    let kind = settings.get("message.timestamp.type").map_or("not told", String::as_str);
    let whose = if kind == "LogAppendTime" { "the broker" } else { "producers" };
    let latest = found.sample.iter().filter_map(|message| message.written).max();
    let ahead = latest.map_or(0, |latest| seconds_between(now, latest));
    let said = format!("{kind}: {whose} set them");
    if ahead > AHEAD_MAX {
        return Check::warning(
            &name,
            format!("{said}; the latest lies {} ahead of the clock here", seconds(ahead)),
            "one of the clocks is wrong: compare this machine's with theirs",
        );
    }
    Check::ok(&name, said)
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn retention_is_held_against_what_waits() {
        let now = Timestamp(100 * 86_400 * 1_000_000);
        let days_ago = |days: i64| Some(Timestamp(now.0 - days * 86_400 * 1_000_000));
        let status = |pairs: &[(&str, &str)], since| retention("t", &settings(pairs), since, now).status;
        let week = ("retention.ms", "604800000");
        assert_eq!(status(&[week, ("retention.bytes", "-1")], None), Status::Ok);
        assert_eq!(status(&[("retention.ms", "-1")], days_ago(90)), Status::Ok);
        assert_eq!(status(&[week], days_ago(3)), Status::Ok);
        assert_eq!(status(&[week], days_ago(4)), Status::Failed);
        assert_eq!(status(&[("retention.ms", "86400000")], None), Status::Warning);
        assert_eq!(status(&[week, ("retention.bytes", "1073741824")], None), Status::Warning);
        assert_eq!(status(&[], None), Status::Skipped);
    }

    #[test]
    fn what_takes_events_away_fails() {
        assert_eq!(cleanup("t", &settings(&[("cleanup.policy", "delete")])).status, Status::Ok);
        assert_eq!(cleanup("t", &settings(&[("cleanup.policy", "compact,delete")])).status, Status::Failed);
        assert_eq!(message_bytes("t", &settings(&[("max.message.bytes", "1048588")])).status, Status::Ok);
        assert_eq!(message_bytes("t", &settings(&[("max.message.bytes", "200000000")])).status, Status::Failed);
    }
}
