//! Whether an installation is sound: one check after the other, each with what was found and what to do. Nothing is
//! changed by it.

mod backup;
mod broker;
mod certificates;
mod clock;
mod daemon;
mod descriptors;
mod directory;
mod disk;
mod families;
mod figures;
mod file_system;
mod keys;
mod ledger_state;
mod topic;

use std::path::Path;

use ingest::{Clock, SystemClock};
use serde::Serialize;

use crate::config::Settings;
use crate::place::Place;

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// As it should be.
    Ok,
    /// It works, and may not for long or not as well as it could.
    Warning,
    /// It does not work, or something is lost by it.
    Failed,
    /// It could not be looked at, which is said.
    Skipped,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Failed => "failed",
            Status::Skipped => "skipped",
        }
    }
}

/// A check, as it came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    /// What was looked at: the same words each time.
    pub(crate) check: String,
    pub(crate) status: Status,
    /// What was found; of one that was skipped, why.
    pub(crate) found: String,
    /// What to do; null where nothing is.
    #[serde(rename = "do")]
    pub(crate) advice: Option<String>,
}

impl Check {
    pub(crate) fn ok(check: &str, found: impl Into<String>) -> Check {
        Check { check: check.to_owned(), status: Status::Ok, found: found.into(), advice: None }
    }

    pub(crate) fn skipped(check: &str, why: impl Into<String>) -> Check {
        Check { check: check.to_owned(), status: Status::Skipped, found: why.into(), advice: None }
    }

    pub(crate) fn warning(check: &str, found: impl Into<String>, advice: impl Into<String>) -> Check {
        Check { check: check.to_owned(), status: Status::Warning, found: found.into(), advice: Some(advice.into()) }
    }

    pub(crate) fn failed(check: &str, found: impl Into<String>, advice: impl Into<String>) -> Check {
        Check { check: check.to_owned(), status: Status::Failed, found: found.into(), advice: Some(advice.into()) }
    }
}

/// Looks at everything, and tells each check as soon as it is done; at the families in the topics only if that is asked for.
pub(crate) fn examine(settings: &Settings, backup: Option<&Path>, with_families: bool, tell: &mut dyn FnMut(Check)) {
    let now = SystemClock::new().now();
    tell(Check::ok("settings", "all can be taken"));
    let place = match settings.data.as_deref().map(Place::at) {
        Some(place) if place.has_ledger() => Some(place),
        Some(place) => {
            tell(directory::without_ledger(place.folder()));
            None
        }
        None => {
            tell(Check::skipped("directory", "no directory is named: give --data, or data in the file"));
            None
        }
    };
    let mut facts = None;
    let mut runs = None;
    if let Some(place) = &place {
        tell(directory::check(place.folder()));
        tell(file_system::check(place.folder()));
        tell(disk::check(place));
        let found = daemon::check(place, settings);
        tell(found.check);
        let known = ledger_state::look(place, settings, &found.state);
        runs = found.state.process();
        ledger_state::checks(&known, now).into_iter().for_each(&mut *tell);
        facts = known.facts();
    }
    tell(descriptors::check(&settings.http.limits, runs));
    tell(clock::check(facts.as_ref().and_then(|facts| facts.recorded_at), now));
    certificates::checks(settings, now).into_iter().for_each(&mut *tell);
    broker::checks(settings, facts.as_ref(), now).into_iter().for_each(&mut *tell);
    if with_families {
        tell(families::check(settings));
    }
    tell(backup::check(backup, now));
}
