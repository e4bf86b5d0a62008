//! Kafka: whether a broker answers and takes who we are, and what it says of the topics.

use ingest::kafka::{ExamineError, examine};
use schemas::Timestamp;

use super::ledger_state::Facts;
use super::{Check, keys, topic};
use crate::config::Settings;
use crate::daemon::kafka_options;
use crate::exit::{Failure, in_words};
use crate::resources;

const NAME: &str = "broker";

/// Asks the brokers, and looks at each topic.
pub(super) fn checks(settings: &Settings, facts: Option<&Facts>, now: Timestamp) -> Vec<Check> {
    let advice = "see the section [kafka] of the settings";
    let said = |failure: &Failure| match failure {
        Failure::Usage(error) | Failure::Failed(error) | Failure::Damaged(error) => in_words(error),
        Failure::Damage | Failure::ReaderGone => String::new(),
    };
    let options = match kafka_options(settings, Vec::new()) {
        Ok(Some(options)) => options,
        Ok(None) => return vec![Check::skipped(NAME, "no brokers are set: nothing comes from Kafka")],
        Err(failure) => return vec![Check::failed(NAME, said(&failure), advice)],
    };
    let runtime = match resources::small_runtime() {
        Ok(runtime) => runtime,
        Err(failure) => return vec![Check::failed(NAME, said(&failure), "raise the limits of the system")],
    };
    let topics = match runtime.block_on(examine(&options, now)) {
        Ok(topics) => topics,
        Err(error @ ExamineError::Unreachable { .. }) => {
            let advice = "see whether the broker runs and its address is right and reached from here, and the \
                          credentials and certificates under [kafka] hold";
            return vec![Check::failed(NAME, error.to_string(), advice)];
        }
        Err(error @ ExamineError::Options(_)) => return vec![Check::failed(NAME, error.to_string(), advice)],
    };
    let mut checks = vec![Check::ok(NAME, format!("{} answers and takes who we are", options.brokers.join(",")))];
    for found in &topics {
        checks.extend(topic::checks(found, facts, &options.mode, now));
        checks.push(keys::check(found));
    }
    checks
}
