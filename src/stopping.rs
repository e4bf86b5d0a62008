//! Every end is bounded in time: a disk that is full, a broker or a client that does not answer must not hold a process
//! that was told to end.

use std::time::Duration;

use ingest::Handle;

use crate::output::say;

/// From now on the process ends within this time, whatever it is still at: with 0 if everything that was taken in is
/// durable, so that only answers under way or the state for a quick start are cut off, else with 1.
pub(crate) fn bound(limit: Duration, ledger: Option<Handle>) {
    let waiting = std::thread::Builder::new().name("end".to_owned()).spawn(move || {
        std::thread::sleep(limit);
        let is_whole = ledger.is_some_and(|ledger| ledger.is_settled() && ledger.readiness().failure.is_none());
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
