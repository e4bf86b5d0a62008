//! A ledger whose leader is elected (`docs/decisions/0031-election.md`): the engine takes frames of one term alone, and who leads
//! appends and tells only as long as its session lasts, and on the word of standbys that are in sync.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ledger::FrameCursor;

use super::{Board, Replication};

/// How an election stands, as a member knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElectionStatus {
    /// What this member is called there.
    pub member: String,
    /// How often somebody has claimed to lead.
    pub term: u64,
    /// Who leads; none while somebody claims to and does not yet.
    pub leader: Option<String>,
    /// The standbys that are in sync with who leads, or led last.
    pub in_sync: Vec<String>,
    /// What is waited for; none if nothing is.
    pub waits_for: Option<String>,
    /// Who is not heard for so long is gone.
    pub session: Duration,
}

/// What is decided elsewhere and holds here.
#[derive(Default)]
pub(super) struct Elected {
    term: u64,
    counted: BTreeSet<String>,
    may_be_alone: bool,
    lease_until: Option<Instant>,
    lost: Option<String>,
    is_asked: bool,
    is_refused: bool,
    status: Option<ElectionStatus>,
}

impl Replication {
    /// Who leads is decided by an election from now on, and it is not this process yet.
    pub(crate) fn elect(&self) {
        let mut board = self.board.lock();
        board.options.is_standby = true;
        board.elected = Some(Elected::default());
        drop(board);
        self.leads.send_replace(false);
    }

    pub(crate) fn is_elected(&self) -> bool {
        self.board.lock().elected.is_some()
    }

    /// From now on frames of this term are taken, and of no other.
    pub(crate) fn turn(&self, term: u64) {
        if let Some(elected) = &mut self.board.lock().elected {
            elected.term = term;
        }
    }

    /// Whether frames of a term are taken.
    pub(crate) fn takes(&self, term: u64) -> bool {
        let board = self.board.lock();
        board.elected.as_ref().is_none_or(|elected| elected.term == term)
            || mutants::mutant!("frames-of-a-former-term-taken")
    }

    /// It is heard from within the session until then; none: it was not.
    pub(crate) fn lease(&self, until: Option<Instant>) {
        if let Some(elected) = &mut self.board.lock().elected {
            elected.lease_until = until;
        }
    }

    /// Whether something may be appended, and told: not by who is to lead no more.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn check_lease(&self) -> Result<(), String> {
        self.board.lock().check_lease()
    }

    /// The word of these standbys counts from now on.
    pub(crate) fn count(&self, standbys: &BTreeSet<String>, may_be_alone: bool) {
        if let Some(elected) = &mut self.board.lock().elected {
            elected.counted.clone_from(standbys);
            elected.may_be_alone = may_be_alone;
        }
        self.changed.notify_all();
    }

    /// It leads no more.
    pub(crate) fn lose(&self, why: &str) {
        if let Some(elected) = &mut self.board.lock().elected {
            elected.lost.get_or_insert_with(|| why.to_owned());
        }
        self.changed.notify_all();
    }

    /// This process cannot take part as things are.
    pub(crate) fn refuse(&self) {
        if let Some(elected) = &mut self.board.lock().elected {
            elected.is_refused = true;
        }
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.board.lock().elected.as_ref().is_some_and(|elected| elected.is_refused)
    }

    /// What is appended from now on waits for standbys; nobody but who leads appends anything yet.
    pub(crate) fn begin_to_lead(&self) {
        let mut board = self.board.lock();
        board.options.is_standby = false;
        board.begun = Instant::now();
    }

    /// Up to where everything may be told.
    pub(crate) fn passed(&self) -> FrameCursor {
        self.board.lock().passed
    }

    /// The standbys that asked, each with its place, how long ago it asked, and how long ago it kept up.
    pub(crate) fn standby_places(&self) -> Vec<(String, FrameCursor, Duration, Option<Duration>)> {
        let board = self.board.lock();
        let places = board.standbys.iter().map(|(name, standby)| {
            (name.clone(), standby.place, standby.asked.elapsed(), standby.level.map(|level| level.elapsed()))
        });
        places.collect()
    }

    /// How long ago the leader that is followed answered, or was begun to be followed; none where none is.
    pub(crate) fn leader_silent_for(&self) -> Option<Duration> {
        let board = self.board.lock();
        let leader = board.leader.as_ref()?;
        Some(leader.answered.unwrap_or(leader.begun).elapsed())
    }

    /// A person asks that it lead, or does no longer.
    pub(crate) fn ask_to_lead(&self, is_asked: bool) {
        if let Some(elected) = &mut self.board.lock().elected {
            elected.is_asked = is_asked;
        }
    }

    pub(crate) fn is_asked_to_lead(&self) -> bool {
        self.board.lock().elected.as_ref().is_some_and(|elected| elected.is_asked)
    }

    pub(crate) fn tell_election(&self, status: ElectionStatus) {
        if let Some(elected) = &mut self.board.lock().elected {
            elected.status = Some(status);
        }
    }

    /// How the election stands, if there is one, and how long the session still lasts.
    pub(crate) fn election(&self) -> Option<(ElectionStatus, Option<Duration>)> {
        let board = self.board.lock();
        let elected = board.elected.as_ref()?;
        let left = elected.lease_until.map(|until| until.saturating_duration_since(Instant::now()));
        Some((elected.status.clone()?, left))
    }

    /// Why it does not lead, and follows nobody, where somebody is to be elected.
    pub(crate) fn waits_for(&self) -> Option<String> {
        let board = self.board.lock();
        let elected = board.elected.as_ref()?;
        match &elected.status {
            Some(status) => status.waits_for.clone(),
            None => Some("the topic of the election has not been read yet".to_owned()),
        }
    }
}

impl Board {
    pub(super) fn check_lease(&self) -> Result<(), String> {
        let Some(elected) = self.elected.as_ref().filter(|_| !self.options.is_standby) else { return Ok(()) };
        if let Some(why) = &elected.lost {
            return Err(format!("this process leads no more: {why}"));
        }
        if elected.lease_until.is_some_and(|until| Instant::now() < until) || mutants::mutant!("session-not-looked-at")
        {
            return Ok(());
        }
        Err("this process leads no more: Kafka has not been heard from within the session".to_owned())
    }

    /// Whether the word of a standby counts.
    pub(super) fn counts(&self, name: &str) -> bool {
        self.elected.as_ref().is_none_or(|elected| elected.counted.contains(name))
            || mutants::mutant!("standby-counted-that-is-not-in-sync")
    }

    /// Whether the topic says that none is in sync, where there is an election.
    pub(super) fn may_be_alone(&self) -> bool {
        self.elected.as_ref().is_none_or(|elected| elected.may_be_alone)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Acks, ReplicationOptions, WithoutStandby};
    use super::*;

    fn place(offset: u64) -> FrameCursor {
        let mut bytes = FrameCursor::START.encode();
        bytes[8..16].copy_from_slice(&offset.to_le_bytes());
        FrameCursor::decode(&bytes).expect("a place")
    }

    /// One that leads by an election and needs a standby, of which `b` is in sync.
    fn elected() -> Replication {
        let replication = Replication::new(FrameCursor::START);
        let options = ReplicationOptions { is_standby: false, acks: Acks::One, without_standby: WithoutStandby::Wait };
        replication.set_options(options);
        replication.elect();
        replication.lease(Some(Instant::now() + Duration::from_secs(3_600)));
        replication.count(&BTreeSet::from(["b".to_owned()]), false);
        replication.begin_to_lead();
        replication
    }

    #[test]
    fn who_lost_its_session_appends_and_tells_nothing() {
        let replication = elected();
        replication.reached("b", place(300)).expect("room");
        assert_eq!(replication.check_lease(), Ok(()));
        assert_eq!(replication.pass(&place(100)), Ok(()));
        assert_eq!(replication.passed(), place(100));
        // As of a process that was stopped: what it heard last is old.
        replication.lease(Some(Instant::now()));
        assert!(replication.check_lease().is_err());
        let told = replication.pass(&place(200)).expect_err("it leads no more");
        assert!(told.contains("within the session"), "{told}");
        replication.lease(None);
        assert!(replication.check_lease().is_err());
        replication.lease(Some(Instant::now() + Duration::from_secs(3_600)));
        assert_eq!(replication.check_lease(), Ok(()));
        replication.lose("another member claims to lead");
        assert!(replication.check_lease().is_err_and(|why| why.contains("another member")));
    }

    #[test]
    fn only_a_standby_in_sync_counts() {
        let replication = elected();
        replication.reached("c", place(300)).expect("room");
        assert!(!replication.is_held(&place(200)));
        replication.count(&BTreeSet::from(["b".to_owned(), "c".to_owned()]), false);
        assert!(replication.is_held(&place(200)));
    }

    #[test]
    fn frames_of_another_term_are_not_taken() {
        let replication = elected();
        replication.turn(3);
        assert!(replication.takes(3) && !replication.takes(2) && !replication.takes(4));
        assert!(Replication::new(FrameCursor::START).takes(0), "without an election there are none");
    }
}
