//! What the ledger holds, as its daemon says or as it is read: how far it is, its checkpoint, its quarantine.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use ingest::CheckpointUse;
use schemas::Timestamp;

use super::Check;
use super::daemon::{DaemonState, Series};
use super::figures::{seconds, seconds_between};
use crate::config::Settings;
use crate::exit::{Failure, in_words};
use crate::place::Place;

const LEDGER: &str = "ledger";
const CHECKPOINT: &str = "checkpoint";
const QUARANTINE: &str = "quarantine";

/// With more in quarantine, somebody should look at why.
const QUARANTINE_OPEN_MAX: u64 = 1_000;

/// How old a checkpoint may be beside a ledger that grows, in intervals.
const INTERVALS_MAX: u32 = 10;

/// What a ledger holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    position: u64,
    pub(super) recorded_at: Option<Timestamp>,
    /// The offset to read next, by topic and partition.
    pub(super) offsets: BTreeMap<(String, i32), i64>,
    quarantine_open: u64,
    checkpoint: CheckpointFacts,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum CheckpointFacts {
    /// Of a daemon that runs: the last one's position and moment, and whether the last try succeeded.
    Running { position: u64, at: Option<Timestamp>, is_last_kept: bool, interval: Duration },
    /// As it was found to start from.
    Stopped(CheckpointUse),
}

/// What could be found out.
pub(super) enum Known {
    Facts(Facts),
    /// Why nothing could be, and whether that is a failure.
    Nothing {
        why: String,
        advice: Option<String>,
    },
}

impl Known {
    pub(super) fn facts(self) -> Option<Facts> {
        match self {
            Known::Facts(facts) => Some(facts),
            Known::Nothing { .. } => None,
        }
    }
}

/// Asks the daemon, or reads the ledger where none runs.
pub(super) fn look(place: &Place, settings: &Settings, state: &DaemonState) -> Known {
    match state {
        DaemonState::Answers { metrics, .. } => Known::Facts(of_metrics(metrics, settings.checkpoint.interval)),
        DaemonState::Silent { .. } => Known::Nothing {
            why: "its daemon does not say, and a second copy of its state may not fit".to_owned(),
            advice: None,
        },
        DaemonState::Stopped => read(place, settings),
    }
}

fn read(place: &Place, settings: &Settings) -> Known {
    let owner = std::fs::metadata(place.folder()).map(|found| found.uid());
    // NOTE: reading checkpoints may write beside them, and what another user wrote the daemon could not open.
    if owner.ok() != Some(rustix::process::geteuid().as_raw()) {
        let why = "no daemon runs to be asked, and only the user whose the directory is reads the ledger without harm";
        return Known::Nothing { why: why.to_owned(), advice: None };
    }
    match place.read(settings) {
        Ok((handle, used)) => {
            let status = handle.read(|view| view.status());
            let offsets = status.offsets.into_iter().map(|at| ((at.topic, at.partition), at.next_offset));
            Known::Facts(Facts {
                position: status.position,
                recorded_at: handle.reader().end().recorded_at(),
                offsets: offsets.collect(),
                quarantine_open: status.quarantine.open,
                checkpoint: CheckpointFacts::Stopped(used),
            })
        }
        Err(Failure::Usage(error) | Failure::Failed(error) | Failure::Damaged(error)) => Known::Nothing {
            why: in_words(&error),
            advice: Some("run `tributary verify`: it says what is damaged and how to repair or restore it".to_owned()),
        },
        Err(Failure::Damage | Failure::ReaderGone) => {
            Known::Nothing { why: "it cannot be read".to_owned(), advice: None }
        }
    }
}

fn of_metrics(metrics: &Series, interval: Duration) -> Facts {
    let count = |series: &str| metrics.value(series).map_or(0, |value| value.max(0.0) as u64);
    let moment = |series: &str| {
        let since = Duration::try_from_secs_f64(metrics.value(series)?).ok()?;
        Some(Timestamp(i64::try_from(since.as_micros()).ok()?))
    };
    let offsets = metrics.labelled("tributary_kafka_next_offset").filter_map(|(labels, value)| {
        let partition = labels.get("partition")?.parse().ok()?;
        Some(((labels.get("topic")?.clone(), partition), value as i64))
    });
    Facts {
        position: count("tributary_ledger_position"),
        recorded_at: moment("tributary_latest_entry_timestamp_seconds"),
        offsets: offsets.collect(),
        quarantine_open: count("tributary_quarantine_events{state=\"open\"}"),
        checkpoint: CheckpointFacts::Running {
            position: count("tributary_checkpoint_position"),
            at: moment("tributary_checkpoint_timestamp_seconds"),
            is_last_kept: count("tributary_checkpoint_last_successful") == 1,
            interval,
        },
    }
}

/// The checks of what was found.
pub(super) fn checks(known: &Known, now: Timestamp) -> Vec<Check> {
    match known {
        Known::Facts(facts) => vec![position(facts, now), checkpoint(facts, now), quarantine(facts)],
        Known::Nothing { why, advice: Some(advice) } => vec![
            Check::failed(LEDGER, why, advice),
            Check::skipped(CHECKPOINT, "the ledger cannot be read"),
            Check::skipped(QUARANTINE, "the ledger cannot be read"),
        ],
        Known::Nothing { why, advice: None } => {
            [LEDGER, CHECKPOINT, QUARANTINE].map(|check| Check::skipped(check, why)).into()
        }
    }
}

fn position(facts: &Facts, now: Timestamp) -> Check {
    match facts.recorded_at {
        Some(at) => {
            let ago = seconds(seconds_between(at, now));
            Check::ok(LEDGER, format!("at position {}, the last entry recorded {ago} ago", facts.position))
        }
        None => Check::ok(LEDGER, "it has no entry yet"),
    }
}

fn checkpoint(facts: &Facts, now: Timestamp) -> Check {
    let log =
        "see the daemon's log for why; a full disk and missing rights under past/ and checkpoint/ are the usual causes";
    match &facts.checkpoint {
        CheckpointFacts::Running { position, is_last_kept: false, .. } => Check::failed(
            CHECKPOINT,
            format!("the last one was not kept; the next start replays from position {position} of {}", facts.position),
            log,
        ),
        CheckpointFacts::Running { position, .. } if *position == facts.position => {
            Check::ok(CHECKPOINT, format!("the last one is of the present position, {position}"))
        }
        CheckpointFacts::Running { position, at, interval, .. } => {
            let age = at.map(|at| seconds_between(at, now));
            let found = format!(
                "the last one is of position {position} of {}{}",
                facts.position,
                age.map_or_else(String::new, |age| format!(", {} old", seconds(age)))
            );
            if age.is_none_or(|age| age > interval.saturating_mul(INTERVALS_MAX).as_secs()) {
                Check::warning(CHECKPOINT, format!("{found}: older than the settings say"), log)
            } else {
                Check::ok(CHECKPOINT, found)
            }
        }
        CheckpointFacts::Stopped(CheckpointUse::Used) => Check::ok(CHECKPOINT, "the next start begins at one"),
        CheckpointFacts::Stopped(CheckpointUse::Absent) if facts.position == 0 => {
            Check::ok(CHECKPOINT, "none, and nothing to be kept yet")
        }
        CheckpointFacts::Stopped(CheckpointUse::Absent) => Check::warning(
            CHECKPOINT,
            "there is none: the next start replays everything",
            "nothing is lost; let the daemon run on for longer than checkpoint.seconds after it",
        ),
        CheckpointFacts::Stopped(CheckpointUse::Discarded { why }) => Check::warning(
            CHECKPOINT,
            format!("the last one is not used, the next start replays everything: {why}"),
            "nothing is lost; the next one takes its place",
        ),
    }
}

fn quarantine(facts: &Facts) -> Check {
    let open = facts.quarantine_open;
    let advice = "see why: tributary quarantine list; then redrive, replace or discard them";
    match open {
        0 => Check::ok(QUARANTINE, "nobody has to decide on an event"),
        1..=QUARANTINE_OPEN_MAX => {
            Check::warning(QUARANTINE, format!("{open} events wait for somebody to decide"), advice)
        }
        _ => Check::warning(
            QUARANTINE,
            format!("{open} events wait for somebody to decide: a producer may send what is no event"),
            advice,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    fn facts(checkpoint: CheckpointFacts) -> Facts {
        Facts { position: 10, recorded_at: None, offsets: BTreeMap::new(), quarantine_open: 0, checkpoint }
    }

    #[test]
    fn a_checkpoint_is_judged_by_its_age_only_where_the_ledger_has_grown_since() {
        let now = Timestamp(10_000_000_000);
        let running = |position, age_seconds: i64, is_last_kept| {
            let at = Some(Timestamp(now.0 - age_seconds * 1_000_000));
            let interval = Duration::from_secs(60);
            checkpoint(&facts(CheckpointFacts::Running { position, at, is_last_kept, interval }), now).status
        };
        assert_eq!(running(10, 9_000, true), Status::Ok);
        assert_eq!(running(9, 90, true), Status::Ok);
        assert_eq!(running(9, 900, true), Status::Warning);
        assert_eq!(running(9, 90, false), Status::Failed);
        let stopped = |used| checkpoint(&facts(CheckpointFacts::Stopped(used)), now).status;
        assert_eq!(stopped(CheckpointUse::Used), Status::Ok);
        assert_eq!(stopped(CheckpointUse::Absent), Status::Warning);
    }

    #[test]
    fn what_waits_in_quarantine_is_a_warning() {
        let mut facts = facts(CheckpointFacts::Stopped(CheckpointUse::Used));
        assert_eq!(quarantine(&facts).status, Status::Ok);
        facts.quarantine_open = 3;
        assert_eq!(quarantine(&facts).found, "3 events wait for somebody to decide");
    }
}
