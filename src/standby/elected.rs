//! A daemon whose leader is elected: it reads the topic, has a ledger that can follow, and takes part.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use elections::{ElectError, Electing, ElectionOptions, Known, MemberLedger, MemberOptions, Reign, StandbyFacts};
use ingest::{Acks, ElectionStatus, Handle, ReplicationOptions, Started, WithoutStandby};
use ledger::{Epoch, FrameCursor, Head, ShippedAfter};

use super::following::{Following, WAIT_SECONDS};
use super::leader::Leader;
use super::member_name::member_name;
use super::snapshot::Snapshot;
use super::taking::Taking;
use super::{PAUSE, ready, try_to_begin};
use crate::config::{ElectionSettings, LeaderAddress};
use crate::exit::Failure;
use crate::place::Place;

/// How long it is waited for the end of the topic before that is said.
const PATIENCE: Duration = Duration::from_secs(5);

/// A member that has not begun to take part.
pub(crate) struct Elected {
    known: Known,
    options: ElectionOptions,
    address: LeaderAddress,
}

impl Elected {
    /// Reads the topic to its end. Waits for the brokers, which it says.
    ///
    /// # Errors
    /// If the topic is not as it has to be, or the directory cannot be written.
    pub(crate) fn read(
        place: &Place,
        election: &ElectionSettings,
        options: ReplicationOptions,
        (kafka, url): (ingest::kafka::KafkaOptions, String),
    ) -> Result<Elected, Failure> {
        let ElectionSettings { topic, session, address, .. } = election;
        let member = member_name(place.folder(), &address.name)?;
        let options = ElectionOptions {
            kafka,
            topic: topic.clone(),
            member: MemberOptions {
                member: member.clone(),
                name: address.name.clone(),
                instance: format!("{:016x}", rand::random::<u64>()),
                url,
                session: *session,
                acks: options.acks == Acks::One,
                goes_on: options.without_standby == WithoutStandby::GoOn,
            },
        };
        let mut said = None::<String>;
        let mut wait_since = |why: String| {
            if said.as_ref() != Some(&why) {
                tracing::warn!(why, "who leads is not known yet");
                said = Some(why);
            }
        };
        let mut known = loop {
            match Known::open(&options) {
                Ok(known) => break known,
                Err(error) if error.may_pass() => wait_since(error.to_string()),
                Err(error) => return Err(refusal(error)),
            }
            std::thread::sleep(PAUSE);
        };
        while !known.read_on(PATIENCE) {
            let why = known.trouble().unwrap_or("the broker does not answer");
            wait_since(format!("topic {topic} is not read to its end: {why}"));
        }
        tracing::info!(topic, member, term = known.roll().term(), "the topic of the election is read");
        Ok(Elected { known, options, address: LeaderAddress { name: member, ..address.clone() } })
    }

    /// Who leads, if another one does and it is known where it is.
    fn leader(&self) -> Result<Option<Leader>, Failure> {
        let roll = self.known.roll();
        let reign = roll.leader().filter(|reign| reign.member != self.address.name);
        let address = reign.and_then(|reign| roll.address(&reign.member));
        address.map(|address| Leader::new(at(&self.address, &address.url))).transpose()
    }

    /// Opens the ledger, which has nothing that who leads has not, where that one answers. Where there is no ledger and somebody has
    /// led, waits for one that gives a snapshot or its first segment.
    ///
    /// # Errors
    /// As of opening a ledger; if that of who leads is another one.
    pub(crate) fn open(
        &mut self,
        snapshot: &mut Snapshot<'_>,
        mut open: impl FnMut() -> Result<Started, Failure>,
    ) -> Result<Started, Failure> {
        if snapshot.place().has_segments() {
            snapshot.clear_away()?;
        }
        let mut said = None::<String>;
        while !snapshot.place().has_segments() && self.known.roll().last_reign().is_some() {
            let why = match self.leader()? {
                Some(leader) => try_to_begin(snapshot, &leader)?,
                None => Some("nobody leads just now".to_owned()),
            };
            let Some(why) = why else { break };
            if said.as_ref() != Some(&why) {
                tracing::warn!(why, "there is no ledger here, and nobody gives one yet");
                said = Some(why);
            }
            self.known.read_on(PAUSE);
            std::thread::sleep(PAUSE);
        }
        loop {
            let started = open()?;
            let Some(leader) = self.leader()? else { return Ok(started) };
            if let Some(started) = ready(snapshot.place(), &leader, started)? {
                return Ok(started);
            }
        }
    }

    /// Begins to take part.
    ///
    /// # Errors
    /// If the clients cannot be made.
    pub(crate) fn take_part(self, handle: &Handle) -> Result<Electing, Failure> {
        let Elected { known, options, address } = self;
        let wait = (options.member.session.as_secs() / 4).clamp(1, WAIT_SECONDS);
        let (handle, identity) = (handle.clone(), std::cell::OnceCell::new());
        let own = OwnLedger { handle, address, wait, identity, follows: None, taking: None };
        Electing::start(known, &options, own).map_err(refusal)
    }
}

fn refusal(error: ElectError) -> Failure {
    match error {
        ElectError::NoTopic { .. } | ElectError::Partitions { .. } | ElectError::Client(_) => {
            Failure::usage(error.into())
        }
        ElectError::Unreachable { .. } | ElectError::NoThread(_) => Failure::failed(error.into()),
    }
}

fn at(address: &LeaderAddress, url: &str) -> LeaderAddress {
    LeaderAddress { url: url.trim_end_matches('/').to_owned(), ..address.clone() }
}

/// The ledger of this daemon, as the election has to do with it.
struct OwnLedger {
    handle: Handle,
    /// How the others are spoken to.
    address: LeaderAddress,
    /// After so many seconds without a frame a leader is asked again: often enough in a session.
    wait: u64,
    /// Found once: the first frame stays.
    identity: std::cell::OnceCell<String>,
    follows: Option<((u64, String), Following)>,
    taking: Option<Taking>,
}

impl OwnLedger {
    fn said(&self, what: &str, failure: &Failure) {
        tracing::error!(why = failure.in_words(), "{what}");
    }
}

impl MemberLedger for OwnLedger {
    fn epoch(&self) -> Epoch {
        self.handle.reader().epoch()
    }

    fn holds(&self, place: &FrameCursor) -> bool {
        let (reader, written) = (self.handle.reader(), *self.handle.written().borrow());
        // One that cannot be read is told by who needs it.
        reader.shipped_after(place, &written, 0).is_ok_and(|found| found != ShippedAfter::Elsewhere)
    }

    fn identity(&self) -> Option<String> {
        if let Some(identity) = self.identity.get() {
            return Some(identity.clone());
        }
        let first = self.handle.reader().frames(&FrameCursor::START).next()?.ok()?;
        Some(self.identity.get_or_init(|| Head::at(&first.cursor_after()).hex()).clone())
    }

    fn turn(&self, term: u64) -> Option<FrameCursor> {
        self.handle.turn(term).ok()
    }

    fn follow(&mut self, leader: Option<(&Reign, &str)>) {
        let wanted = leader.map(|(reign, url)| (reign.term, url.to_owned()));
        if self.follows.as_ref().map(|(followed, _)| followed) == wanted.as_ref() {
            return;
        }
        self.follows = None;
        self.handle.follow_nobody();
        let (Some((term, url)), Some((reign, _))) = (wanted, leader) else { return };
        self.taking = None;
        tracing::info!(leader = reign.member, url, term, "following");
        let started = Leader::new(at(&self.address, &url))
            .and_then(|leader| Following::start(leader, self.handle.clone(), term, self.wait));
        match started {
            Ok(following) => self.follows = Some(((term, url), following)),
            Err(failure) => self.said("who leads cannot be followed", &failure),
        }
    }

    fn silent_for(&self) -> Option<Duration> {
        self.handle.leader_silent_for()
    }

    fn take_from(&mut self, url: &str, place: &FrameCursor, term: u64) {
        if self.taking.as_ref().is_some_and(|taking| (taking.url.as_str(), taking.term) == (url, term)) {
            return;
        }
        tracing::info!(url, to = place.position(), "what lacks here is taken from a member that is further");
        let started = Leader::new(at(&self.address, url))
            .and_then(|leader| Taking::start(leader, self.handle.clone(), *place, term));
        match started {
            Ok(taking) => self.taking = Some(taking),
            Err(failure) => self.said("what lacks here cannot be taken", &failure),
        }
    }

    fn trouble_taking(&self) -> Option<String> {
        self.taking.as_ref().and_then(Taking::trouble)
    }

    fn lead(&mut self, epoch: Epoch) {
        (self.taking, self.follows) = (None, None);
        tracing::warn!(epoch, position = self.handle.position(), "this process is elected to lead the ledger");
        let handle = self.handle.clone();
        // It waits until a standby holds the frame that says so.
        let lead = move || match handle.lead_elected(epoch) {
            Ok(place) => {
                tracing::warn!(epoch, position = place.position(), "this process leads the ledger from now on")
            }
            Err(error) => handle.lose_lead(&error.to_string()),
        };
        if let Err(error) = std::thread::Builder::new().name("lead".to_owned()).spawn(lead) {
            self.handle.lose_lead(&format!("no thread to lead: {error}"));
        }
    }

    fn count(&self, standbys: &BTreeSet<String>, may_be_alone: bool) {
        self.handle.count_standbys(standbys, may_be_alone);
    }

    fn standbys(&self) -> Vec<StandbyFacts> {
        let places = self.handle.standby_places().into_iter();
        let facts =
            places.map(|(member, place, asked_ago, level_ago)| StandbyFacts { member, place, asked_ago, level_ago });
        facts.collect()
    }

    fn passed(&self) -> FrameCursor {
        self.handle.passed()
    }

    fn lease(&self, until: Option<Instant>) {
        self.handle.set_lease(until);
    }

    fn is_asked_to_lead(&self) -> bool {
        self.handle.is_asked_to_lead()
    }

    fn step_down(&mut self, why: &str) {
        tracing::warn!(why, "this process leads no more");
        self.handle.lose_lead(why);
    }

    fn refuse(&mut self, why: &str) {
        self.follows = None;
        self.handle.refuse(why);
    }

    fn tell(&self, status: ElectionStatus) {
        self.handle.tell_election(status);
    }
}
