//! Whether shards could read the topics as producers write them, or a router would have to stand between. The topics are read
//! whole, twice, so it is looked at only where that is asked for.

use route::{FamilyCheck, check_families};

use super::Check;
use crate::config::Settings;
use crate::daemon::source_options;
use crate::exit::{Failure, in_words};

const NAME: &str = "families";

/// Reads the topics that producers write.
pub(super) fn check(settings: &Settings) -> Check {
    let options = match source_options(settings) {
        Ok(Some(options)) => options,
        Ok(None) => return Check::skipped(NAME, "no brokers are set: nothing comes from Kafka"),
        Err(Failure::Usage(error) | Failure::Failed(error) | Failure::Damaged(error)) => {
            return Check::failed(NAME, in_words(&error), "see the section [kafka] of the settings");
        }
        Err(Failure::Damage | Failure::ReaderGone) => return Check::skipped(NAME, "the settings were not read"),
    };
    match check_families(&options, &|| false) {
        Ok(found) => told(&found),
        Err(error) => Check::failed(NAME, error.to_string(), "see whether the broker runs and has the topics"),
    }
}

fn told(found: &FamilyCheck) -> Check {
    let FamilyCheck { topics, messages, apart, of_platform, example, .. } = found;
    let read = format!("{messages} messages of {}", topics.join(", "));
    if !found.needs_router() {
        return Check::ok(NAME, format!("{read} lie as shards read them: no router is needed for these"));
    }
    let example = example.as_ref().map_or_else(String::new, |example| format!(", the first at {example}"));
    Check::warning(
        NAME,
        format!(
            "of {read} {apart} lie in another partition than the head of their family's{example}; {of_platform} that all shards \
             have to know do not stand in a topic of one partition of their own"
        ),
        "nothing, for one ledger; shards need `tributary route` in between (docs/SHARDS.md), or producers that key by the major \
         account",
    )
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn a_router_is_advised_where_families_lie_apart_and_nothing_where_they_do_not() {
        let together =
            FamilyCheck { topics: vec!["t".to_owned()], messages: 9, of_families: 9, ..FamilyCheck::default() };
        assert_eq!(told(&together).status, Status::Ok);
        let example = Some("t[1]@3".to_owned());
        let apart = told(&FamilyCheck { apart: 2, example, ..together.clone() });
        assert_eq!(apart.status, Status::Warning);
        assert!(
            apart.found.contains("2 lie in another partition") && apart.found.contains("t[1]@3"),
            "{}",
            apart.found
        );
        assert!(apart.advice.is_some_and(|advice| advice.contains("tributary route")));
        assert_eq!(told(&FamilyCheck { of_platform: 1, ..together }).status, Status::Warning);
    }
}
