//! The disk: what is left on it, against what the ledger took of late.

use std::time::{Duration, SystemTime};

use ledger::Storage;

use super::Check;
use super::figures::{bytes, seconds};
use crate::place::Place;

const NAME: &str = "disk";

/// With less, the next segments and a checkpoint may not fit.
const FREE_MIN: u64 = 512 << 20;

/// So far back it is looked what the ledger took.
const LATELY: Duration = Duration::from_secs(7 * 86_400);

/// With less than that left at the pace of late, it is time to act.
const WARN_DAYS: u64 = 30;

/// What was written of late, and in how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Growth {
    bytes: u64,
    over: Duration,
}

/// Looks at the disk of a ledger.
pub(super) fn check(place: &Place) -> Check {
    let space = place.existing_storage().map(|storage| storage.space());
    let (free, size) = match space {
        Ok(Ok(Some(space))) => (space.free_bytes, space.size_bytes),
        Ok(Ok(None)) | Err(_) => return Check::skipped(NAME, "the ledger lies on no disk that can be asked"),
        Ok(Err(error)) => return Check::failed(NAME, error.to_string(), "see whether the disk is mounted and sound"),
    };
    judge(free, size, growth(place, SystemTime::now()))
}

fn judge(free: u64, size: u64, growth: Option<Growth>) -> Check {
    let found = format!("{} of {} free", bytes(free), bytes(size));
    let advice = "make room, or move the ledger to a larger disk; checkpoints (past/) can be deleted while no daemon \
                  runs, and are made again";
    if free < FREE_MIN {
        return Check::failed(NAME, format!("{found}: the daemon stops where a segment does not fit"), advice);
    }
    let Some(Growth { bytes: grown, over }) = growth else {
        return Check::ok(NAME, format!("{found}; how fast the ledger grows cannot be told yet"));
    };
    if grown == 0 {
        return Check::ok(NAME, format!("{found}; nothing was written of late"));
    }
    let left = u128::from(free) * u128::from(over.as_secs().max(1)) / u128::from(grown.max(1));
    let left = u64::try_from(left).unwrap_or(u64::MAX);
    let found = format!(
        "{found}; {} were written in the last {}, at which it lasts {}",
        bytes(grown),
        seconds(over.as_secs()),
        seconds(left)
    );
    if left < 86_400 {
        return Check::failed(NAME, found, advice);
    }
    if left < WARN_DAYS * 86_400 { Check::warning(NAME, found, advice) } else { Check::ok(NAME, found) }
}

/// What the ledger's files of late say: a segment is as old as what was last written to it. A copy is as young as the copying.
fn growth(place: &Place, now: SystemTime) -> Option<Growth> {
    let mut grown = 0;
    let mut oldest = Duration::ZERO;
    for entry in std::fs::read_dir(place.folder().join("ledger")).ok()?.flatten() {
        if entry.path().extension().is_none_or(|ending| ending != "segment") {
            continue;
        }
        let Ok(metadata) = entry.metadata() else { continue };
        let Some(age) = metadata.modified().ok().and_then(|at| now.duration_since(at).ok()) else { continue };
        oldest = oldest.max(age);
        if age <= LATELY {
            grown += metadata.len();
        }
    }
    Some(Growth { bytes: grown, over: oldest.min(LATELY) }).filter(|growth| growth.over >= MEASURED_MIN)
}

/// In less nothing can be said of the pace.
const MEASURED_MIN: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn what_is_left_is_judged_by_the_pace_of_late() {
        const GIB: u64 = 1 << 30;
        let day = |bytes| Some(Growth { bytes, over: Duration::from_secs(86_400) });
        for (free, growth, status) in [
            (100 * GIB, day(GIB), Status::Ok),
            (100 * GIB, day(5 * GIB), Status::Warning),
            (100 * GIB, day(101 * GIB), Status::Failed),
            (100 * GIB, day(0), Status::Ok),
            (100 * GIB, None, Status::Ok),
            (FREE_MIN - 1, None, Status::Failed),
        ] {
            assert_eq!(judge(free, 200 * GIB, growth).status, status, "{free} {growth:?}");
        }
        let found = judge(100 * GIB, 200 * GIB, day(5 * GIB)).found;
        assert_eq!(
            found,
            "100 GiB of 200 GiB free; 5 GiB were written in the last 24 hours, at which it lasts 20 days"
        );
    }
}
