//! A member's process in a drawn world, with a ledger that is a list.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::{Duration, Instant};

use elections::{Member, MemberLedger, MemberOptions, Reign, StandbyFacts};
use ingest::ElectionStatus;
use ledger::{Epoch, FrameCursor};

pub const SESSION: Duration = Duration::from_secs(2);

/// An entry: what no other is, and of which epoch; the first of an epoch says nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub epoch: Epoch,
    pub id: u64,
}

pub type Disk = Rc<RefCell<Vec<Entry>>>;

/// The place behind so many entries: it holds all of them in its hash.
pub fn place(entries: &[Entry]) -> FrameCursor {
    let mut bytes = FrameCursor::START.encode();
    bytes[8..16].copy_from_slice(&(entries.len() as u64).to_le_bytes());
    let hash = entries.iter().fold(1_u64, |hash, entry| {
        (hash ^ (entry.id << 16 | u64::from(entry.epoch))).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)
    });
    bytes[40..48].copy_from_slice(&hash.to_le_bytes());
    FrameCursor::decode(&bytes).expect("a place")
}

/// How many entries lie before a place.
pub fn count(place: &FrameCursor) -> usize {
    u64::from_le_bytes(place.encode()[8..16].try_into().expect("eight")) as usize
}

pub fn has(entries: &[Entry], asked: &FrameCursor) -> bool {
    count(asked) <= entries.len() && place(&entries[..count(asked)]) == *asked
}

/// What a standby is to its leader.
#[derive(Clone, Copy)]
pub struct Follower {
    pub place: FrameCursor,
    pub asked: Instant,
    pub target: usize,
    pub level: Option<Instant>,
}

/// The ledger as a member has to do with it.
pub struct Own {
    pub disk: Disk,
    pub now: Instant,
    pub term: u64,
    pub follows: Option<(u64, usize)>,
    pub taking: Option<(u64, usize)>,
    pub answered_by_leader: Instant,
    pub standbys: RefCell<BTreeMap<String, Follower>>,
    pub counted: RefCell<BTreeSet<String>>,
    pub passed: usize,
    pub leading: bool,
    pub leads: bool,
    pub lease: std::cell::Cell<Option<Instant>>,
    pub is_over: bool,
    pub asked: bool,
    pub turned: std::cell::Cell<u64>,
    pub told: RefCell<Option<ElectionStatus>>,
}

impl Own {
    /// Whether the word of a standby that counts says that it holds so many entries.
    pub fn is_held(&self, entries: usize) -> bool {
        let (standbys, counted) = (self.standbys.borrow(), self.counted.borrow());
        counted.iter().filter_map(|member| standbys.get(member)).any(|standby| count(&standby.place) >= entries)
    }
}

/// A process.
pub struct Process {
    pub member: Member,
    pub own: Own,
    /// So many messages of the topic were read.
    pub read: usize,
    /// So many were there when it began: it takes part once it has read those.
    pub there: usize,
    pub stands: bool,
}

impl Process {
    pub fn start(number: usize, instance: u64, disk: Disk, there: usize, now: Instant) -> Process {
        let name = number.to_string();
        let options = MemberOptions {
            member: name.clone(),
            name: name.clone(),
            instance: instance.to_string(),
            url: name,
            session: SESSION,
            acks: true,
            goes_on: false,
        };
        let passed = disk.borrow().len();
        let own = Own {
            disk,
            now,
            term: 0,
            follows: None,
            taking: None,
            answered_by_leader: now,
            standbys: RefCell::default(),
            counted: RefCell::default(),
            passed,
            leading: false,
            leads: false,
            lease: None.into(),
            is_over: false,
            asked: false,
            turned: 0.into(),
            told: RefCell::default(),
        };
        Process { member: Member::new(options), own, read: 0, there, stands: false }
    }
}

impl MemberLedger for Own {
    fn epoch(&self) -> Epoch {
        self.disk.borrow().last().map_or(0, |entry| entry.epoch)
    }

    fn holds(&self, place: &FrameCursor) -> bool {
        has(&self.disk.borrow(), place)
    }

    fn identity(&self) -> Option<String> {
        self.disk.borrow().first().map(|entry| entry.id.to_string())
    }

    fn turn(&self, term: u64) -> Option<FrameCursor> {
        self.turned.set(term);
        Some(place(&self.disk.borrow()))
    }

    fn follow(&mut self, leader: Option<(&Reign, &str)>) {
        let wanted = leader.map(|(reign, url)| (reign.term, url.parse().expect("a number")));
        if wanted != self.follows {
            (self.follows, self.answered_by_leader) = (wanted, self.now);
        }
        if wanted.is_some() {
            self.taking = None;
        }
    }

    fn silent_for(&self) -> Option<Duration> {
        self.follows?;
        Some(self.now.duration_since(self.answered_by_leader)).filter(|silent| !silent.is_zero())
    }

    fn take_from(&mut self, url: &str, _: &FrameCursor, term: u64) {
        self.taking = Some((term, url.parse().expect("a number")));
    }

    fn trouble_taking(&self) -> Option<String> {
        None
    }

    fn lead(&mut self, epoch: Epoch) {
        let id = u64::from(epoch) << 32;
        self.disk.borrow_mut().push(Entry { epoch, id });
        self.leading = true;
    }

    fn count(&self, standbys: &BTreeSet<String>, _: bool) {
        self.counted.borrow_mut().clone_from(standbys);
    }

    fn standbys(&self) -> Vec<StandbyFacts> {
        let standbys = self.standbys.borrow();
        let facts = standbys.iter().map(|(member, standby)| StandbyFacts {
            member: member.clone(),
            place: standby.place,
            asked_ago: self.now.duration_since(standby.asked),
            level_ago: standby.level.map(|level| self.now.duration_since(level)),
        });
        facts.collect()
    }

    fn passed(&self) -> FrameCursor {
        place(&self.disk.borrow()[..self.passed])
    }

    fn lease(&self, until: Option<Instant>) {
        self.lease.set(until);
    }

    fn is_asked_to_lead(&self) -> bool {
        self.asked
    }

    fn step_down(&mut self, _: &str) {
        self.is_over = true;
    }

    fn refuse(&mut self, why: &str) {
        panic!("nobody is refused here: {why}");
    }

    fn tell(&self, status: ElectionStatus) {
        *self.told.borrow_mut() = Some(status);
    }
}
