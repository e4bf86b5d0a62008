//! What the service manager is told, if one started the process and listens (systemd's `sd_notify` protocol: the variable
//! `NOTIFY_SOCKET`): how far a start is, that the daemon answers, that it lives, that it reads its settings again, that it
//! ends. Where none listens, nothing is done. A message that cannot be sent harms nothing here, and is passed over.

use std::time::{Duration, Instant};

use ingest::ReplayProgress;
use sd_notify::NotifyState;

/// From each sign of progress on, a start may take so long again.
const START_GOES_ON: Duration = Duration::from_secs(120);
/// How often a replay is told of.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// What an end is given beyond the time that bounds it, so that the process itself says what was cut off.
const BEYOND_END: Duration = Duration::from_secs(5);

/// Tells how far a start is, which keeps the manager from taking a long one for one that hangs.
pub(crate) struct Starting {
    told: Option<Instant>,
}

impl Starting {
    /// Of a start that has told nothing yet.
    pub(crate) fn new() -> Starting {
        Starting { told: None }
    }

    /// The replay is so far.
    pub(crate) fn progress(&mut self, ReplayProgress { position, to, .. }: ReplayProgress) {
        self.goes_on(|| format!("replaying the ledger: position {position} of {to}"));
    }

    /// The same of a standby that has no ledger yet: what it does, in words.
    pub(crate) fn goes_on(&mut self, status: impl FnOnce() -> String) {
        let now = Instant::now();
        if self.told.is_some_and(|told| now.saturating_duration_since(told) < TELL_EVERY) {
            return;
        }
        self.told = Some(now);
        send(&[NotifyState::ExtendTimeoutUsec(micros(START_GOES_ON)), NotifyState::Status(&status())]);
    }
}

/// The daemon answers.
pub(crate) fn ready() {
    send(&[NotifyState::Ready, NotifyState::Status("answering")]);
}

/// It begins to read its settings again; [`ready`] says that this is done.
pub(crate) fn reloading() {
    if let Ok(now) = NotifyState::monotonic_usec_now() {
        send(&[NotifyState::Reloading, now]);
    }
}

/// It ends, and may take so long.
pub(crate) fn ending(limit: Duration) {
    let limit = micros(limit.saturating_add(BEYOND_END));
    send(&[NotifyState::Stopping, NotifyState::ExtendTimeoutUsec(limit), NotifyState::Status("ending")]);
}

/// Says that the daemon lives, as often as the manager's watchdog asks for it.
pub(crate) struct Watchdog {
    every: Option<Duration>,
    told: Option<Instant>,
}

impl Watchdog {
    /// As the manager asked for it; it may have asked for none.
    pub(crate) fn asked_for() -> Watchdog {
        // Twice in the time after which it is taken for dead.
        Watchdog { every: sd_notify::watchdog_enabled().map(|limit| limit / 2), told: None }
    }

    /// It lives; told where it is time.
    pub(crate) fn alive(&mut self) {
        if self.is_due(Instant::now()) {
            send(&[NotifyState::Watchdog]);
        }
    }

    fn is_due(&mut self, now: Instant) -> bool {
        let Some(every) = self.every else { return false };
        let is_due = self.told.is_none_or(|told| now.saturating_duration_since(told) >= every);
        if is_due {
            self.told = Some(now);
        }
        is_due
    }
}

fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

fn send(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager was not told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watchdog_is_told_twice_in_its_time_and_none_is_not() {
        let begun = Instant::now();
        let due = |every: Option<u64>| -> Vec<u64> {
            let mut watchdog = Watchdog { every: every.map(Duration::from_secs), told: None };
            (0..40).filter(|second| watchdog.is_due(begun + Duration::from_secs(*second))).collect()
        };
        assert_eq!(due(Some(15)), [0, 15, 30]);
        assert!(due(None).is_empty());
    }
}
