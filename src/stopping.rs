//! Every end is bounded in time: a disk that is full, a broker or a client that does not answer must not hold a process
//! that was told to end.

use std::time::Duration;

use ingest::Handle;

use crate::output::say;

/// How long the end of a ledger that has failed may take: nothing is left to be made durable, and what keeps its state may wait
/// without end for the disk that failed it.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// From now on a process that holds nothing ends within this time, whatever answers are under way.
pub(crate) fn bound_answers(limit: Duration) {
    let waiting = std::thread::Builder::new().name("end".to_owned()).spawn(move || {
        std::thread::sleep(limit);
        let seconds = limit.as_secs();
        say(&format!("tributary: the end took longer than {seconds} s (limits.stop_seconds): answers were cut off"));
        std::process::exit(0);
    });
    if let Err(error) = waiting {
        tracing::warn!(%error, "no thread to bound the end with");
    }
}

/// From now on the process ends within this time, whatever it is still at: with 0 if everything that was taken in is
/// durable, so that only answers under way or the state for a quick start are cut off, else with 1. A ledger that has failed
/// gets less of it.
pub(crate) fn bound(limit: Duration, ledger: Option<Handle>) {
    let has_failed = |ledger: &Handle| ledger.readiness().failure.is_some();
    let limit = if ledger.as_ref().is_some_and(has_failed) { limit.min(AFTER_FAILURE) } else { limit };
    let waiting = std::thread::Builder::new().name("end".to_owned()).spawn(move || {
        std::thread::sleep(limit);
        let failure = ledger.as_ref().and_then(|ledger| ledger.readiness().failure);
        if let Some(failure) = failure {
            say(&format!("tributary: the ledger takes nothing more: {failure}"));
            std::process::exit(1);
        }
        let is_whole = ledger.is_some_and(|ledger| ledger.is_settled());
        let (told, code) = if is_whole {
            ("everything that was taken in is durable; answers under way, or the state for a quick start, were cut off", 0)
        } else {
            ("what was not yet durable is not taken in", 1)
        };
        say(&format!("tributary: the end took longer than {} s (limits.stop_seconds): {told}", limit.as_secs()));
        std::process::exit(code);
    });
    if let Err(error) = waiting {
        tracing::warn!(%error, "no thread to bound the end with");
    }
}
