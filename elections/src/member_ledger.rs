//! What a member of an election has to know of its own ledger, and has done to it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ingest::ElectionStatus;
use ledger::{Epoch, FrameCursor};

use crate::in_sync::StandbyFacts;
use crate::roll::Reign;

/// The ledger of a member.
pub trait MemberLedger {
    /// The epoch of its last frame.
    fn epoch(&self) -> Epoch;

    /// Whether it has a place.
    fn holds(&self, place: &FrameCursor) -> bool;

    /// The head of its first frame; none before there is one.
    fn identity(&self) -> Option<String>;

    /// From now on takes frames for this term alone, whoever asked for others. Its durable end then; none if it takes nothing
    /// any more.
    fn turn(&self, term: u64) -> Option<FrameCursor>;

    /// Follows who leads, at this address; or nobody.
    fn follow(&mut self, leader: Option<(&Reign, &str)>);

    /// How long ago the leader that is followed answered, or was begun to be followed; none where none is.
    fn silent_for(&self) -> Option<Duration>;

    /// Takes from a member at this address what lies before a place, for this term; goes on doing so where it does already.
    fn take_from(&mut self, url: &str, place: &FrameCursor, term: u64);

    /// Why nothing could be taken, if so.
    fn trouble_taking(&self) -> Option<String>;

    /// Begins to lead in an epoch. What it appends is counted as held once one of those in sync holds it.
    fn lead(&mut self, epoch: Epoch);

    /// From now on these standbys count; and whether none has to.
    fn count(&self, standbys: &BTreeSet<String>, may_be_alone: bool);

    /// The standbys that ask here.
    fn standbys(&self) -> Vec<StandbyFacts>;

    /// Up to where everything was told to whoever asked.
    fn passed(&self) -> FrameCursor;

    /// Who leads appends and answers until then and no longer; none: not at all.
    fn lease(&self, until: Option<Instant>);

    /// Whether a person asks that it lead.
    fn is_asked_to_lead(&self) -> bool;

    /// It leads no more: nothing is appended or answered from now on, and the process ends, to be started again.
    fn step_down(&mut self, why: &str);

    /// This process cannot take part as things are: it ends, and to start it again does not help.
    fn refuse(&mut self, why: &str);

    /// Tells who leads, and what is waited for.
    fn tell(&self, status: ElectionStatus);
}
