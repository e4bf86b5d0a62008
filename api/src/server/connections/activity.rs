//! What a connection is doing: whether it has a request under way, since when it is idle, and whether its client
//! takes what it asked for. HTTP/1.1 and HTTP/2 are judged alike.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::server::limits::ServeLimits;

/// Why a connection is closed by the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// Its TLS handshake was not done in time.
    Handshake,
    /// Nothing was asked for too long.
    Idle,
    /// The client took nothing of an answer for too long.
    Stalled,
    /// Its place was needed.
    GaveWay,
}

impl Closed {
    pub(crate) const ALL: [Closed; 4] = [Closed::Handshake, Closed::Idle, Closed::Stalled, Closed::GaveWay];

    /// As the metrics name it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Closed::Handshake => "handshake",
            Closed::Idle => "idle",
            Closed::Stalled => "stalled",
            Closed::GaveWay => "gave_way",
        }
    }
}

/// How readily a connection gives its place to another: the first kinds first, and of a kind the longest idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum GivesWay {
    /// It is idle, and has shown no token.
    IdleStranger,
    /// It is idle.
    Idle,
    /// A request is under way that shows no token.
    BusyStranger,
}

/// What one connection is doing. Clones are of the same.
#[derive(Clone)]
pub(crate) struct Activity {
    state: Arc<Mutex<State>>,
    closing: watch::Sender<Option<Closed>>,
}

struct State {
    /// How many requests are under way.
    under_way: usize,
    /// Since when that is so: none became one, or one became none.
    since: Instant,
    /// When the last part of an answer was handed over that the client has not asked beyond, by answer.
    handed: BTreeMap<u64, Instant>,
    next_answer: u64,
    /// Whether a request on it bore a token that was taken.
    is_recognized: bool,
}

impl Activity {
    pub(super) fn new() -> Activity {
        let state = State {
            under_way: 0,
            since: Instant::now(),
            handed: BTreeMap::new(),
            next_answer: 0,
            is_recognized: false,
        };
        Activity { state: Arc::new(Mutex::new(state)), closing: watch::Sender::new(None) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request on it bears a token that was taken.
    pub(crate) fn recognize(&self) {
        self.state().is_recognized = true;
    }

    /// A request came; it is under way until the answer is dropped.
    pub(in crate::server) fn begin(&self) -> UnderWay {
        let mut state = self.state();
        if state.under_way == 0 {
            state.since = Instant::now();
        }
        state.under_way += 1;
        state.next_answer += 1;
        UnderWay { activity: self.clone(), number: state.next_answer }
    }

    /// How it would give way to another connection, and since when it could; none where it has to be let be.
    pub(super) fn gives_way(&self) -> Option<(GivesWay, Instant)> {
        let state = self.state();
        let how = match (state.under_way, state.is_recognized) {
            (0, false) => GivesWay::IdleStranger,
            (0, true) => GivesWay::Idle,
            (_, false) => GivesWay::BusyStranger,
            (_, true) => return None,
        };
        Some((how, state.since))
    }

    /// Tells it to end.
    pub(super) fn close(&self, why: Closed) {
        self.closing.send_replace(Some(why));
    }

    /// Waits until it is told to end.
    pub(in crate::server) async fn told_to_close(&self) -> Closed {
        let mut closing = self.closing.subscribe();
        let told = closing.wait_for(Option::is_some).await.ok().and_then(|told| *told);
        match told {
            Some(why) => why,
            // This very activity holds the sender.
            None => std::future::pending().await,
        }
    }

    /// Why it is to be closed by now, or when to look again. There is none of the two times that comes before the
    /// look that is told: what begins later lasts longer.
    pub(in crate::server) fn judge(&self, now: Instant, limits: &ServeLimits) -> Result<Instant, Closed> {
        let state = self.state();
        let idle = if state.is_recognized { limits.idle_timeout } else { limits.header_timeout };
        let shortest = limits.header_timeout.min(limits.idle_timeout).min(limits.stall_timeout);
        let mut look = now + shortest.max(Duration::from_millis(1));
        if state.under_way == 0 {
            if state.since + idle <= now {
                return Err(Closed::Idle);
            }
            look = look.min(state.since + idle);
        }
        if let Some(handed) = state.handed.values().min() {
            if *handed + limits.stall_timeout <= now {
                return Err(Closed::Stalled);
            }
            look = look.min(*handed + limits.stall_timeout);
        }
        Ok(look)
    }
}

/// A request under way. It ends when this is dropped.
pub(in crate::server) struct UnderWay {
    activity: Activity,
    number: u64,
}

impl UnderWay {
    /// A part of the answer was handed over.
    pub(super) fn handed(&self) {
        self.activity.state().handed.insert(self.number, Instant::now());
    }

    /// The client can take more.
    pub(super) fn asked(&self) {
        self.activity.state().handed.remove(&self.number);
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.activity.state();
        state.handed.remove(&self.number);
        state.under_way -= 1;
        if state.under_way == 0 {
            state.since = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ServeLimits = ServeLimits {
        connections_max: 1,
        connections_reserved: 1,
        connections_per_address: 1,
        header_timeout: Duration::from_secs(10),
        idle_timeout: Duration::from_secs(60),
        stall_timeout: Duration::from_secs(30),
        end_timeout: Duration::ZERO,
    };

    /// Looks when it is told to, until it is closed; gives why, and after how long.
    async fn closed(activity: &Activity) -> (Closed, Duration) {
        let begun = Instant::now();
        loop {
            match activity.judge(Instant::now(), &LIMITS) {
                Ok(look) => tokio::time::sleep_until(look).await,
                Err(why) => return (why, begun.elapsed()),
            }
        }
    }

    fn rounded(closed: (Closed, Duration)) -> (Closed, u64) {
        (closed.0, closed.1.as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn who_shows_no_token_is_given_less_patience() {
        let stranger = Activity::new();
        assert_eq!(rounded(closed(&stranger).await), (Closed::Idle, 10));
        let known = Activity::new();
        known.recognize();
        assert_eq!(rounded(closed(&known).await), (Closed::Idle, 60));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_under_way_is_waited_for_and_an_answer_that_nobody_takes_is_not() {
        let activity = Activity::new();
        let waits = activity.begin();
        let long = tokio::time::timeout(Duration::from_secs(3_600), closed(&activity)).await;
        assert!(long.is_err(), "an answer may take as long as it takes");
        waits.handed();
        tokio::time::sleep(Duration::from_secs(29)).await;
        waits.asked();
        assert!(tokio::time::timeout(Duration::from_secs(3_600), closed(&activity)).await.is_err());
        waits.handed();
        assert_eq!(rounded(closed(&activity).await), (Closed::Stalled, 30));
        drop(waits);
        assert_eq!(rounded(closed(&activity).await), (Closed::Idle, 10));
    }

    #[tokio::test(start_paused = true)]
    async fn idle_ones_give_way_before_busy_ones_and_strangers_before_all() {
        let how = |activity: &Activity| activity.gives_way().map(|(how, _)| how);
        let activity = Activity::new();
        assert_eq!(how(&activity), Some(GivesWay::IdleStranger));
        let under_way = activity.begin();
        assert_eq!(how(&activity), Some(GivesWay::BusyStranger));
        activity.recognize();
        assert_eq!(how(&activity), None);
        drop(under_way);
        assert_eq!(how(&activity), Some(GivesWay::Idle));
        assert!(GivesWay::IdleStranger < GivesWay::Idle && GivesWay::Idle < GivesWay::BusyStranger);
    }
}
