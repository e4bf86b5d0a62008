//! A ledger that is held twice: what its leader ships, what its standby takes, and how one becomes the other.

use ledger::{FrameCursor, ShippedPiece};
use tokio::sync::watch;

use super::{Handle, Side};
use crate::inbox::InboxSender;
use crate::metrics::Failed;
use crate::replication::{ReplicationOptions, ReplicationStatus, StandbyDriver, Superseded, TooManyStandbys};
use crate::work::{LeadError, ShippedError, Stopped, Work};

impl Handle {
    /// Says how the ledger is held twice. To be called before anybody asks.
    pub fn set_replication(&self, options: ReplicationOptions) {
        self.published.replication.set_options(options);
    }

    /// How it is held, as it stands.
    #[must_use]
    pub fn replication_status(&self) -> ReplicationStatus {
        self.published.replication.status(self.published.reader.epoch())
    }

    /// Has the metrics say how it is held.
    pub fn measure_replication(&self) {
        let written = self.published.replication.written().borrow().position();
        self.published.metrics.set_replication(&self.replication_status(), written);
    }

    /// Whether it leads, as it changes: a standby begins to once.
    #[must_use]
    pub fn watch_lead(&self) -> watch::Receiver<bool> {
        self.published.replication.watch_lead()
    }

    /// The place after the last frame that is durable here, as it changes; readers may see less.
    #[must_use]
    pub fn written(&self) -> watch::Receiver<FrameCursor> {
        self.published.replication.written()
    }

    /// Whether everything that is durable here may be told of.
    #[must_use]
    pub fn is_held(&self) -> bool {
        let written = *self.written().borrow();
        self.published.replication.is_held(&written)
    }

    /// A standby holds everything up to a place of this ledger.
    ///
    /// # Errors
    /// If there are too many standbys.
    pub fn standby_reached(&self, name: &str, place: FrameCursor) -> Result<(), TooManyStandbys> {
        self.published.replication.reached(name, place)
    }

    /// Has this done each time that the engine would wait for a standby, on its thread: for a simulation, which drives both.
    /// Without one it waits.
    pub fn drive_standbys(&self, driver: Option<StandbyDriver>) {
        self.published.replication.drive(driver);
    }

    /// Another process leads in a later epoch: nothing more is taken here.
    pub fn supersede(&self, superseded: Superseded) {
        self.published.replication.supersede(superseded);
        self.published.fail(superseded.to_string(), Failed::Otherwise);
    }

    /// Whether another process leads in a later epoch: to start this one again does not help.
    #[must_use]
    pub fn is_superseded(&self) -> bool {
        self.published.replication.is_superseded()
    }

    /// Who waits for a standby does not wait much longer: the process ends.
    pub fn end_waiting_for_standbys(&self) {
        self.published.replication.end();
    }

    /// Says whom it follows.
    pub fn follow(&self, url: &str) {
        self.published.replication.follow(url);
    }

    /// Says how far the leader is, or why it did not say so.
    pub fn heard_of_leader(&self, said: Result<u64, String>) {
        self.published.replication.heard(said);
    }

    /// Nothing can be followed any more: the process has to be started again.
    pub fn fail_to_follow(&self, cause: String) {
        self.published.fail(cause, Failed::Otherwise);
    }

    /// Takes frames of the leader, and waits until they are durable and applied. Gives the place after them. Where leaders are
    /// elected, only those of the term that it has turned to; else of 0.
    ///
    /// # Errors
    /// If they do not go on from here, or are not whole; if this process leads, or takes nothing more.
    pub fn take_shipped(&self, piece: ShippedPiece, term: u64) -> Result<FrameCursor, ShippedError> {
        let Side::Writing(inbox) = &self.side else { return Err(Stopped.into()) };
        inbox.ask(piece.bytes.len(), |reply| Work::Shipped { piece, term, reply })?
    }

    /// Begins to lead, and waits until that is durable. Gives the place after the frame that says so. Where leaders are elected,
    /// it is elected first, for which a minute is given.
    ///
    /// # Errors
    /// If it leads already, or cannot.
    pub fn lead(&self) -> Result<FrameCursor, LeadError> {
        let Side::Writing(inbox) = &self.side else { return Err(LeadError::ReadOnly) };
        if self.published.replication.is_elected() {
            return self.be_elected();
        }
        inbox.ask(0, |reply| Work::Lead { epoch: None, reply })?
    }

    /// The way to the engine, where it takes events and commands.
    pub(super) fn leading_inbox(&self) -> Option<&InboxSender> {
        match &self.side {
            Side::Writing(inbox) if self.published.replication.leads() => Some(inbox),
            Side::Writing(_) | Side::Following(_) => None,
        }
    }
}
