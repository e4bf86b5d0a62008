//! Who leads a ledger, and how far its standbys hold it (`docs/decisions/0027`).
//!
//! A standby asks for what lies behind the end of its own ledger; by asking it says that it holds everything before. Where one
//! copy is not enough (`Acks::One`), what is appended is told to nobody before a standby has said so: neither answered, nor
//! seen by readers.

mod elected;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ledger::{Epoch, FrameCursor, Position};
use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::sync::watch;

use self::elected::Elected;
pub use self::elected::ElectionStatus;

/// A standby that has not kept up for so long is taken for gone.
pub(crate) const ABSENT_AFTER: Duration = Duration::from_secs(10);
/// So many standbys are known at a time.
pub(crate) const STANDBYS_MAX: usize = 16;
/// At the end a standby has so long to say that it holds what came last.
const PATIENCE_AT_THE_END: Duration = Duration::from_secs(2);
/// So often it is looked whether waiting is still of use.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How many standbys have to hold what is appended before anybody is told of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acks {
    /// None: what is durable here is told.
    #[default]
    None,
    /// One.
    One,
}

/// What a leader does that needs a standby and has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WithoutStandby {
    /// It waits: nothing is answered that one machine alone holds.
    #[default]
    Wait,
    /// It goes on alone, and says so, once none has kept up for ten seconds.
    GoOn,
}

/// How a ledger is held twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplicationOptions {
    /// Whether another process leads, whose frames are appended here and nothing else.
    pub is_standby: bool,
    /// How many standbys have to hold it.
    pub acks: Acks,
    /// What is done without one.
    pub without_standby: WithoutStandby,
}

/// A standby as its leader knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandbyStatus {
    /// What it calls itself.
    pub name: String,
    /// The last position that it holds durably.
    pub position: Position,
    /// How long ago it asked last.
    pub asked_ago: Duration,
    /// How long ago it had everything that there was when it had asked before; none if it never had.
    pub level_ago: Option<Duration>,
}

/// A leader as its standby knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaderStatus {
    /// Where it is asked.
    pub url: String,
    /// Its last position, as it said last; none before it answered for the first time.
    pub position: Option<Position>,
    /// How long ago it answered; none before the first time.
    pub answered_ago: Option<Duration>,
    /// Why it is not followed just now, if so.
    pub trouble: Option<String>,
}

/// How a ledger is held, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicationStatus {
    /// Whether it leads: whether events and commands are taken here.
    pub leads: bool,
    /// The epoch of its last frame.
    pub epoch: Epoch,
    /// Who holds it besides.
    pub standbys: Vec<StandbyStatus>,
    /// Whom it follows; none where it leads.
    pub leader: Option<LeaderStatus>,
    /// Whether it goes on alone though a standby should hold what it appends.
    pub is_alone: bool,
    /// How the election of a leader stands, where there is one, and how long what Kafka said last still holds.
    pub election: Option<(ElectionStatus, Option<Duration>)>,
}

/// Another process leads, in a later epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "another process leads this ledger in epoch {epoch}: this one takes nothing more; start it with --follow and the address of that one"
)]
pub struct Superseded {
    /// Its epoch.
    pub epoch: Epoch,
}

/// More standbys than are known at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{STANDBYS_MAX} standbys ask already, as many as there may be")]
pub struct TooManyStandbys;

/// What is done in place of waiting, by who drives a leader and its standbys on one thread.
pub type StandbyDriver = Box<dyn FnMut() + Send>;

/// What the engine, the API and who follows share.
pub(crate) struct Replication {
    board: Mutex<Board>,
    changed: Condvar,
    /// After the last frame that is durable here, whether or not it may be told of.
    written: watch::Sender<FrameCursor>,
    /// Whether it leads.
    leads: watch::Sender<bool>,
    driver: Mutex<Option<StandbyDriver>>,
}

struct Board {
    options: ReplicationOptions,
    standbys: BTreeMap<String, Standby>,
    leader: Option<Leader>,
    superseded: Option<Superseded>,
    ends_since: Option<Instant>,
    is_alone: bool,
    /// Up to where everything may be told.
    passed: FrameCursor,
    /// What an election has decided, where there is one.
    elected: Option<Elected>,
    /// Before it, nobody is missed: who is to come has time to.
    begun: Instant,
}

struct Standby {
    place: FrameCursor,
    asked: Instant,
    /// Where the ledger ended when it asked last: once it is there, it keeps up.
    target: FrameCursor,
    /// When it kept up last.
    level: Option<Instant>,
}

struct Leader {
    url: String,
    /// Since when it is followed.
    begun: Instant,
    position: Option<Position>,
    answered: Option<Instant>,
    trouble: Option<String>,
}

impl Replication {
    /// Of a ledger that ends at a place, leads and is held by nobody else.
    pub(crate) fn new(end: FrameCursor) -> Replication {
        let board = Board {
            options: ReplicationOptions::default(),
            standbys: BTreeMap::new(),
            leader: None,
            superseded: None,
            ends_since: None,
            is_alone: false,
            passed: end,
            elected: None,
            begun: Instant::now(),
        };
        Replication {
            board: Mutex::new(board),
            changed: Condvar::new(),
            written: watch::Sender::new(end),
            leads: watch::Sender::new(true),
            driver: Mutex::new(None),
        }
    }

    pub(crate) fn set_options(&self, options: ReplicationOptions) {
        self.board.lock().options = options;
        self.leads.send_replace(!options.is_standby);
    }

    pub(crate) fn leads(&self) -> bool {
        *self.leads.borrow()
    }

    pub(crate) fn watch_lead(&self) -> watch::Receiver<bool> {
        self.leads.subscribe()
    }

    /// From now on events and commands are taken here.
    pub(crate) fn lead(&self) {
        let mut board = self.board.lock();
        board.options.is_standby = false;
        board.leader = None;
        board.begun = Instant::now();
        drop(board);
        self.leads.send_replace(true);
    }

    pub(crate) fn written(&self) -> watch::Receiver<FrameCursor> {
        self.written.subscribe()
    }

    /// From now on this is done in place of waiting; nothing in place of it where none is given.
    pub(crate) fn drive(&self, driver: Option<StandbyDriver>) {
        *self.driver.lock() = driver;
    }

    /// What is durable up to a place may be shipped; waits until it may be told of.
    ///
    /// # Errors
    /// Why it never will be.
    pub(crate) fn pass(&self, end: &FrameCursor) -> Result<(), String> {
        self.written.send_replace(*end);
        let mut board = self.board.lock();
        loop {
            if let Some(superseded) = board.superseded {
                return Err(superseded.to_string());
            }
            board.check_lease()?;
            if board.is_held(end) {
                board.is_alone = false;
                board.passed = *end;
                return Ok(());
            }
            if board.may_go_on_alone() {
                if !std::mem::replace(&mut board.is_alone, true) {
                    tracing::warn!(
                        "no standby has kept up for ten seconds: this machine alone holds what is appended from now on"
                    );
                }
                board.passed = *end;
                return Ok(());
            }
            if board.ends_since.is_some_and(|since| since.elapsed() > PATIENCE_AT_THE_END) {
                return Err("the daemon ends, and no standby holds it (replication.acks = 1)".to_owned());
            }
            match &mut *self.driver.lock() {
                Some(driver) => MutexGuard::unlocked(&mut board, driver),
                None => drop(self.changed.wait_for(&mut board, LOOK_EVERY)),
            }
        }
    }

    /// Whether a standby holds everything up to a place, or none has to.
    pub(crate) fn is_held(&self, end: &FrameCursor) -> bool {
        let board = self.board.lock();
        board.is_held(end) || board.may_go_on_alone()
    }

    /// Whether it waits for a standby, and none is there.
    pub(crate) fn lacks_standby(&self) -> bool {
        let board = self.board.lock();
        let ReplicationOptions { is_standby, acks, without_standby } = board.options;
        let needs_one = !is_standby && acks == Acks::One && without_standby == WithoutStandby::Wait;
        needs_one && board.last_level().elapsed() >= ABSENT_AFTER
    }

    /// A standby holds everything up to a place of this ledger.
    ///
    /// # Errors
    /// If there are too many standbys.
    pub(crate) fn reached(&self, name: &str, place: FrameCursor) -> Result<(), TooManyStandbys> {
        let written = *self.written.borrow();
        let mut board = self.board.lock();
        let now = Instant::now();
        if !board.standbys.contains_key(name) && board.standbys.len() >= STANDBYS_MAX {
            board.standbys.retain(|_, standby| now.duration_since(standby.asked) < ABSENT_AFTER);
            if board.standbys.len() >= STANDBYS_MAX {
                return Err(TooManyStandbys);
            }
        }
        let first = || Standby { place, asked: now, target: written, level: None };
        let standby = board.standbys.entry(name.to_owned()).or_insert_with(first);
        if !place.precedes(&standby.target) {
            standby.level = Some(now);
        }
        (standby.place, standby.asked, standby.target) = (place, now, written);
        drop(board);
        self.changed.notify_all();
        Ok(())
    }

    /// Another process leads in a later epoch.
    pub(crate) fn is_superseded(&self) -> bool {
        self.board.lock().superseded.is_some()
    }

    pub(crate) fn supersede(&self, superseded: Superseded) {
        self.board.lock().superseded = Some(superseded);
        self.changed.notify_all();
    }

    /// The process ends: who waits for a standby does not wait much longer.
    pub(crate) fn end(&self) {
        self.board.lock().ends_since.get_or_insert_with(Instant::now);
        self.changed.notify_all();
    }

    /// Whom it follows, before it answered.
    pub(crate) fn follow(&self, url: &str) {
        let leader =
            Leader { url: url.to_owned(), begun: Instant::now(), position: None, answered: None, trouble: None };
        self.board.lock().leader = Some(leader);
    }

    /// It follows nobody.
    pub(crate) fn follow_nobody(&self) {
        self.board.lock().leader = None;
    }

    /// What the leader said last, or why it did not.
    pub(crate) fn heard(&self, said: Result<Position, String>) {
        if let Some(leader) = &mut self.board.lock().leader {
            match said {
                Ok(position) => {
                    leader.position = Some(position);
                    leader.answered = Some(Instant::now());
                    leader.trouble = None;
                }
                Err(trouble) => leader.trouble = Some(trouble),
            }
        }
    }

    pub(crate) fn status(&self, epoch: Epoch) -> ReplicationStatus {
        let election = self.election();
        let board = self.board.lock();
        let standbys = board.standbys.iter().map(|(name, standby)| StandbyStatus {
            name: name.clone(),
            position: standby.place.position(),
            asked_ago: standby.asked.elapsed(),
            level_ago: standby.level.map(|at| at.elapsed()),
        });
        let leader = board.leader.as_ref().map(|leader| LeaderStatus {
            url: leader.url.clone(),
            position: leader.position,
            answered_ago: leader.answered.map(|at| at.elapsed()),
            trouble: leader.trouble.clone(),
        });
        ReplicationStatus {
            leads: self.leads(),
            epoch,
            standbys: standbys.collect(),
            leader,
            is_alone: board.is_alone,
            election,
        }
    }
}

impl Board {
    fn is_held(&self, end: &FrameCursor) -> bool {
        self.options.acks == Acks::None
            || self.options.is_standby
            || mutants::mutant!("told-before-a-standby-holds-it")
            || self.standbys.iter().any(|(name, standby)| self.counts(name) && !standby.place.precedes(end))
    }

    fn may_go_on_alone(&self) -> bool {
        self.options.without_standby == WithoutStandby::GoOn
            && self.may_be_alone()
            && self.last_level().elapsed() >= ABSENT_AFTER
    }

    /// When a standby kept up last; before the first, when it was begun to wait for one. One that asks and does not take, or
    /// has much to take yet, is none to wait for.
    fn last_level(&self) -> Instant {
        self.standbys.values().filter_map(|standby| standby.level).max().unwrap_or(self.begun)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    fn place(segment: u64, offset: u64) -> FrameCursor {
        let mut bytes = FrameCursor::START.encode();
        bytes[..8].copy_from_slice(&segment.to_le_bytes());
        bytes[8..16].copy_from_slice(&offset.to_le_bytes());
        FrameCursor::decode(&bytes).expect("a place")
    }

    fn needing_one(without_standby: WithoutStandby) -> Arc<Replication> {
        let replication = Replication::new(FrameCursor::START);
        replication.set_options(ReplicationOptions { is_standby: false, acks: Acks::One, without_standby });
        Arc::new(replication)
    }

    #[test]
    fn what_is_appended_passes_once_a_standby_holds_it_and_no_sooner() {
        let replication = needing_one(WithoutStandby::Wait);
        replication.reached("b", place(1, 100)).expect("room");
        assert_eq!(replication.pass(&place(1, 100)), Ok(()));
        let waiting = {
            let replication = Arc::clone(&replication);
            thread::spawn(move || replication.pass(&place(1, 200)))
        };
        // It may be shipped before it may be told of.
        while *replication.written().borrow() != place(1, 200) {
            thread::yield_now();
        }
        replication.reached("c", place(1, 199)).expect("room");
        assert!(!waiting.is_finished());
        replication.reached("c", place(2, 88)).expect("room");
        assert_eq!(waiting.join().expect("no panic"), Ok(()));
    }

    #[test]
    fn who_waits_for_a_standby_is_told_when_another_leads_and_when_the_process_ends() {
        let replication = needing_one(WithoutStandby::Wait);
        replication.end();
        let told = replication.pass(&place(1, 100)).expect_err("nobody holds it");
        assert!(told.contains("ends"), "{told}");
        replication.supersede(Superseded { epoch: 3 });
        let told = replication.pass(&place(1, 100)).expect_err("another leads");
        assert!(told.contains("epoch 3"), "{told}");
    }

    #[test]
    fn a_standby_that_asks_and_does_not_take_is_none_to_wait_for() {
        let replication = needing_one(WithoutStandby::Wait);
        let level = || replication.status(0).standbys[0].level_ago.is_some();
        replication.written.send_replace(place(1, 200));
        for _ in 0..3 {
            replication.reached("stuck", place(1, 100)).expect("room");
            assert!(!level());
        }
        replication.written.send_replace(place(1, 300));
        replication.reached("stuck", place(1, 200)).expect("room");
        assert!(level(), "it has what there was when it asked before");
    }

    #[test]
    fn so_many_standbys_are_known_and_no_more() {
        let replication = needing_one(WithoutStandby::Wait);
        for number in 0..STANDBYS_MAX {
            replication.reached(&number.to_string(), place(1, 100)).expect("room");
        }
        assert_eq!(replication.reached("one more", place(1, 100)), Err(TooManyStandbys));
        assert_eq!(replication.reached("0", place(1, 200)), Ok(()));
    }
}
