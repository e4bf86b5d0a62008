//! A ledger whose leader is elected: what who takes part in the election has to know of it, and has done to it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ledger::{Epoch, FrameCursor};

use super::{Handle, Side};
use crate::metrics::Failed;
use crate::replication::ElectionStatus;
use crate::work::{LeadError, Stopped, Work};

/// So long a person waits for it to be elected.
const PATIENCE: Duration = Duration::from_secs(60);
/// So often it is looked whether it is.
const LOOK_EVERY: Duration = Duration::from_millis(50);

impl Handle {
    /// Who leads is decided by an election from now on, and it is not this process yet. To be called before anybody asks.
    pub fn elect(&self) {
        self.published.replication.elect();
    }

    /// Whether it is.
    #[must_use]
    pub fn is_elected(&self) -> bool {
        self.published.replication.is_elected()
    }

    /// From now on takes frames of this term alone. Gives the durable end then.
    ///
    /// # Errors
    /// If the ledger takes nothing more.
    pub fn turn(&self, term: u64) -> Result<FrameCursor, Stopped> {
        let Side::Writing(inbox) = &self.side else { return Err(Stopped) };
        inbox.ask(0, |reply| Work::Turn { term, reply })
    }

    /// Begins to lead in an epoch, or the next one where that is later, and waits until a standby holds the frame that says so,
    /// where one has to.
    ///
    /// # Errors
    /// If it leads already, or cannot.
    pub fn lead_elected(&self, epoch: Epoch) -> Result<FrameCursor, LeadError> {
        let Side::Writing(inbox) = &self.side else { return Err(LeadError::ReadOnly) };
        inbox.ask(0, |reply| Work::Lead { epoch: Some(epoch), reply })?
    }

    /// Who leads appends and tells until then and no longer.
    pub fn set_lease(&self, until: Option<Instant>) {
        self.published.replication.lease(until);
    }

    /// The word of these standbys counts from now on; and whether none has to be there.
    pub fn count_standbys(&self, standbys: &BTreeSet<String>, may_be_alone: bool) {
        self.published.replication.count(standbys, may_be_alone);
    }

    /// Up to where everything may be told.
    #[must_use]
    pub fn passed(&self) -> FrameCursor {
        self.published.replication.passed()
    }

    /// The standbys that asked, each with its place, how long ago it asked, and how long ago it kept up.
    #[must_use]
    pub fn standby_places(&self) -> Vec<(String, FrameCursor, Duration, Option<Duration>)> {
        self.published.replication.standby_places()
    }

    /// How long ago the leader that is followed answered, or was begun to be followed; none where none is.
    #[must_use]
    pub fn leader_silent_for(&self) -> Option<Duration> {
        self.published.replication.leader_silent_for()
    }

    /// It follows nobody.
    pub fn follow_nobody(&self) {
        self.published.replication.follow_nobody();
    }

    /// Whether a person asks that it lead.
    #[must_use]
    pub fn is_asked_to_lead(&self) -> bool {
        self.published.replication.is_asked_to_lead()
    }

    /// Says how the election stands.
    pub fn tell_election(&self, status: ElectionStatus) {
        self.published.replication.tell_election(status);
    }

    /// It leads no more: nothing is appended or told from now on, and nothing taken.
    pub fn lose_lead(&self, why: &str) {
        self.published.replication.lose(why);
        let cause = format!("this process leads no more: {why}. Started again, it follows who leads");
        self.published.fail(cause, Failed::Otherwise);
    }

    /// This process cannot take part in the election as things are: to start it again does not help.
    pub fn refuse(&self, why: &str) {
        self.published.replication.refuse();
        self.lose_lead_for(why.to_owned());
    }

    /// Whether it cannot take part as things are.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.published.replication.is_refused()
    }

    fn lose_lead_for(&self, cause: String) {
        self.published.replication.lose(&cause);
        self.published.fail(cause, Failed::Otherwise);
    }

    /// Asks to be elected, and waits for it.
    pub(super) fn be_elected(&self) -> Result<FrameCursor, LeadError> {
        let replication = &self.published.replication;
        if replication.leads() {
            return Err(LeadError::Leads);
        }
        let until = Instant::now() + PATIENCE;
        replication.ask_to_lead(true);
        let led = loop {
            if replication.leads() {
                break Ok(*replication.written().borrow());
            }
            if self.published.failure().is_some() {
                break Err(Stopped.into());
            }
            if Instant::now() >= until {
                let why = replication.waits_for().unwrap_or_else(|| "no standby holds the ledger yet".to_owned());
                break Err(LeadError::NotElected { why });
            }
            std::thread::sleep(LOOK_EVERY);
        };
        replication.ask_to_lead(false);
        led
    }
}
