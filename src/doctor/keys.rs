//! Whether what producers use as key keeps an account in one partition: order decides no number, but what comes late is
//! worked out anew, which costs.

use std::collections::{BTreeMap, BTreeSet};

use ingest::kafka::TopicFacts;

use super::Check;

/// Looks at the last messages of a topic.
pub(super) fn check(found: &TopicFacts) -> Check {
    let name = format!("keys of {}", found.topic);
    let sample = &found.sample;
    if sample.is_empty() {
        return Check::skipped(&name, "there is no message to look at");
    }
    let all = sample.len();
    let events = sample.iter().filter(|message| message.is_event).count();
    if events == 0 {
        return Check::failed(
            &name,
            format!("of the last {all} messages none is an event that would be taken"),
            "see whether the topic is the right one, and what its producers send: docs/EVENTS.md",
        );
    }
    let mut partitions: BTreeMap<_, BTreeSet<i32>> = BTreeMap::new();
    for message in sample {
        if let Some(account) = message.account {
            partitions.entry(account).or_default().insert(message.partition);
        }
    }
    let scattered = partitions.values().filter(|partitions| partitions.len() > 1).count();
    let without_key = sample.iter().filter(|message| !message.has_key).count();
    let found = format!(
        "of the last {all} messages {events} are events, of {} accounts; {scattered} accounts lie in several partitions, \
         {without_key} messages have no key",
        partitions.len()
    );
    if scattered > 0 || events < all {
        let advice = if scattered > 0 {
            "let producers use the account as key: what then comes in order is rated once; the numbers are the same"
        } else {
            "see what the others are: tributary quarantine list"
        };
        return Check::warning(&name, found, advice);
    }
    Check::ok(&name, found)
}

#[cfg(test)]
mod tests {
    use ingest::kafka::Sampled;
    use schemas::Uid;

    use super::super::Status;
    use super::*;

    fn status(messages: &[(i32, u64)]) -> Status {
        let sample = messages.iter().map(|(partition, account)| Sampled {
            partition: *partition,
            written: None,
            has_key: true,
            is_event: *account > 0,
            account: Uid::parse(&account.to_string()).filter(|_| *account > 0),
        });
        let (partitions, settings) = (Some(Vec::new()), Ok(BTreeMap::new()));
        check(&TopicFacts { topic: "t".into(), partitions, settings, sample: sample.collect() }).status
    }

    #[test]
    fn an_account_in_several_partitions_is_a_warning_and_a_topic_without_events_fails() {
        assert_eq!(status(&[]), Status::Skipped);
        assert_eq!(status(&[(0, 7), (1, 8), (0, 7)]), Status::Ok);
        assert_eq!(status(&[(0, 7), (1, 7)]), Status::Warning);
        assert_eq!(status(&[(0, 7), (0, 0)]), Status::Warning);
        assert_eq!(status(&[(0, 0), (1, 0)]), Status::Failed);
    }
}
