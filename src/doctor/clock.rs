//! The clock, against what the ledger recorded last. Messages' times are looked at with their topic.

use schemas::Timestamp;

use super::Check;
use super::figures::{seconds, seconds_between};

const NAME: &str = "clock";

/// Clocks that are kept by the network differ by less.
const DIFFER_MAX: u64 = 1;

/// By more, what arrives is judged by a time that cannot be: the contract lets an event lie 24 hours ahead.
const FAR: u64 = 86_400;

/// Looks whether the clock is behind the ledger.
pub(super) fn check(recorded_at: Option<Timestamp>, now: Timestamp) -> Check {
    let Some(recorded_at) = recorded_at else {
        return Check::skipped(NAME, "the ledger says no time to hold it against");
    };
    let behind = seconds_between(now, recorded_at);
    let found = format!("{} behind the ledger's last entry, of {recorded_at}", seconds(behind));
    let advice =
        "let the clock be kept by the network (chrony, systemd-timesyncd), and start the daemon once it is right";
    match behind {
        0..=DIFFER_MAX => Check::ok(NAME, format!("{now}, not before the ledger's last entry")),
        FAR.. => Check::failed(NAME, found, advice),
        _ => Check::warning(NAME, found, advice),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn a_clock_behind_the_ledger_is_told() {
        let now = Timestamp(1_000_000_000_000);
        let status = |ahead_seconds: i64| check(Some(Timestamp(now.0 + ahead_seconds * 1_000_000)), now).status;
        assert_eq!(
            [-50, 0, 1, 2, 86_399, 86_400].map(status),
            [Status::Ok, Status::Ok, Status::Ok, Status::Warning, Status::Warning, Status::Failed]
        );
        assert_eq!(check(None, now).status, Status::Skipped);
    }
}
