//! A ledger held by two machines, either of which may lose its power at any operation: whoever leads has everything that was
//! answered, where it was said to be, and in the end both have the same bytes. What is answered is what both hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::{
    Faults, FaultyStorage, FrameCursor, Ledger, LedgerReader, MemoryStorage, ShipError, ShippedAfter, Storage,
    WriteLock, cut_back,
};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::given::{Book, options, segment_names, trades};

const SEEDS: u64 = 400;
const STEPS: usize = 80;

/// A machine: its disk, and its ledger while it runs.
struct Machine {
    disk: MemoryStorage,
    book: Option<Book>,
}

struct Pair {
    machines: [Machine; 2],
    /// Who leads, or led last.
    leads: usize,
    /// The position of each event that was answered, by its number.
    answered: BTreeMap<usize, u64>,
    /// What the leader has appended and nobody was told of yet, with the place behind it.
    waiting: Vec<(usize, u64, FrameCursor)>,
    next: usize,
    dice: StdRng,
    /// How often each thing happened.
    done: BTreeMap<&'static str, u32>,
}

impl Pair {
    fn new(seed: u64) -> Pair {
        let machine = || Machine { disk: MemoryStorage::new(), book: None };
        Pair {
            machines: [machine(), machine()],
            leads: 0,
            answered: BTreeMap::new(),
            waiting: Vec::new(),
            next: 0,
            dice: StdRng::seed_from_u64(seed),
            done: BTreeMap::new(),
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    /// A disk whose power may fail soon.
    fn storage(&mut self, at: usize, is_sure: bool) -> Arc<dyn Storage> {
        let fails = (!is_sure && self.dice.random_ratio(2, 3)).then(|| self.dice.random_range(1..60));
        let faults = Faults { power_fails_at: fails, ..Faults::default() };
        Arc::new(FaultyStorage::new(self.machines[at].disk.clone(), faults))
    }

    /// Its power has failed.
    fn fails(&mut self, at: usize) {
        self.count("power failed");
        let seed = self.dice.random();
        let machine = &mut self.machines[at];
        machine.book = None;
        machine.disk = machine.disk.after_crash(seed);
        if at == self.leads {
            // It is there or not at the next start; nobody was told.
            self.waiting.clear();
        }
    }

    fn commit(&mut self) {
        let (at, number) = (self.leads, self.next);
        let Some(book) = &mut self.machines[at].book else { return };
        let batch = book.batch(&trades(number * 10, 10));
        self.next += 1;
        match book.try_commit(&[batch]) {
            Ok(_) => {
                let end = book.ledger.end();
                self.waiting.extend((0..10).map(|event| (number * 10 + event, end.position() - 9 + event as u64, end)));
                self.count("appended");
            }
            Err(_) => self.fails(at),
        }
    }

    /// The standby asks, and takes what it is given.
    fn ship(&mut self) {
        let standby = 1 - self.leads;
        let bytes_max = self.dice.random_range(1..20_000);
        let [one, other] = &mut self.machines;
        let (leader, follower) = if self.leads == 0 { (one, other) } else { (other, one) };
        let (Some(leader), Some(follower)) = (&leader.book, &mut follower.book) else { return };
        let end = follower.ledger.end();
        match leader.ledger.reader().shipped_after(&end, &leader.ledger.end(), bytes_max).expect("reads") {
            ShippedAfter::Elsewhere => panic!("the standby is not at a place of its leader's"),
            ShippedAfter::Nothing => {}
            ShippedAfter::Piece(piece) => match follower.ledger.append_shipped(&piece) {
                Ok(frames) => {
                    frames.iter().for_each(|frame| follower.apply(frame));
                    self.count("shipped");
                }
                Err(ShipError::Failed(_)) => return self.fails(standby),
                Err(refused) => panic!("{refused}"),
            },
        }
        // By asking again it says what it holds.
        let held = self.machines[standby].book.as_ref().map(|book| book.ledger.end()).expect("it runs");
        let (told, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|(.., end)| !held.precedes(end));
        self.waiting = waiting;
        let told: Vec<(usize, u64, FrameCursor)> = told;
        self.answered.extend(told.into_iter().map(|(event, position, _)| (event, position)));
    }

    /// Whoever led last leads again.
    fn start_leader(&mut self, is_sure: bool) {
        let at = self.leads;
        if self.machines[at].book.is_some() {
            return;
        }
        let storage = self.storage(at, is_sure);
        match Book::open(&storage) {
            Ok((book, _)) => {
                self.machines[at].book = Some(book);
                self.count("leader started");
                self.check_leader();
            }
            Err(_) => self.fails(at),
        }
    }

    /// The other one follows: what it has and the leader has not is cut off.
    fn start_standby(&mut self, is_sure: bool) {
        let at = 1 - self.leads;
        let Some(leader) = &self.machines[self.leads].book else { return };
        if self.machines[at].book.is_some() {
            return;
        }
        let (reader, end, epoch) = (leader.ledger.reader(), leader.ledger.end(), leader.ledger.epoch());
        let storage = self.storage(at, is_sure);
        match follow(&storage, &reader, &end) {
            // It was promoted, and its power failed when that was durable: it leads, and the other one steps down.
            Ok(book) if book.ledger.epoch() > epoch => {
                drop(book);
                self.machines[self.leads].book = None;
                self.waiting.clear();
                self.leads = at;
                self.count("stepped down");
                self.start_leader(is_sure);
            }
            Ok(book) => {
                self.machines[at].book = Some(book);
                self.count("standby started");
            }
            Err(_) => self.fails(at),
        }
    }

    /// The standby is promoted; whoever led before is gone, or does not know it yet.
    fn promote(&mut self) {
        let at = 1 - self.leads;
        let Some(book) = &mut self.machines[at].book else { return };
        let now = book.now;
        match book.ledger.raise_epoch(now) {
            Ok(frame) => {
                book.apply(&frame);
                self.machines[self.leads].book = None;
                self.waiting.clear();
                self.leads = at;
                self.count("promoted");
                self.check_leader();
            }
            Err(_) => self.fails(at),
        }
    }

    fn check_leader(&self) {
        let book = self.machines[self.leads].book.as_ref().expect("it runs");
        let events = book.events();
        for (event, position) in &self.answered {
            let there = events.get(*position as usize - 1).map(|event| event.id.to_string());
            assert_eq!(there, Some(format!("trade-{event}")), "position {position} was answered");
        }
        let ids: std::collections::BTreeSet<_> = events.iter().map(|event| event.id.to_string()).collect();
        assert_eq!(ids.len(), events.len(), "each is there once");
    }
}

/// Opens a ledger that follows another one, begun or cut back as it has to be.
fn follow(storage: &Arc<dyn Storage>, leader: &LedgerReader, end: &FrameCursor) -> Result<Book, ShipError> {
    let after = |place: &FrameCursor| leader.shipped_after(place, end, 1);
    let has_segment = storage.list().map_err(ledger::LedgerError::from)?.iter().any(|name| name.ends_with(".segment"));
    if !has_segment {
        let lock = WriteLock::take(Arc::clone(storage), "the test")?;
        if let ShippedAfter::Piece(piece) = after(&FrameCursor::START)? {
            Ledger::begin_shipped(&lock, &piece)?;
        }
    }
    let (book, _) = Book::open_with(storage, options())?;
    if book.ledger.epoch() > leader.epoch() || after(&book.ledger.end())? != ShippedAfter::Elsewhere {
        return Ok(book);
    }
    let mut common = None;
    for frame in book.ledger.reader().frames(&FrameCursor::START) {
        let place = frame?.cursor_after();
        if after(&place)? != ShippedAfter::Elsewhere {
            common = Some(place);
        }
    }
    drop(book);
    let lock = WriteLock::take(Arc::clone(storage), "the test")?;
    match common {
        Some(common) => drop(cut_back(&lock, &common, Some(&MemoryStorage::new()))?),
        // Nothing in common but the beginning: nobody was told of what it has.
        None => {
            let start = leader.durable_segments(end, 1, 1)?[0].start;
            cut_back(&lock, &start, Some(&MemoryStorage::new()))?;
        }
    }
    drop(lock);
    Ok(Book::open_with(storage, options())?.0)
}

#[test]
fn whichever_power_fails_whenever_whoever_leads_has_all_that_was_answered_and_both_end_with_the_same_bytes() {
    let mut done = BTreeMap::<&str, u32>::new();
    for seed in 0..SEEDS {
        let mut pair = Pair::new(seed);
        for _ in 0..STEPS {
            match pair.dice.random_range(0..20) {
                0..7 => pair.commit(),
                7..14 => pair.ship(),
                14 | 15 => pair.start_leader(false),
                16 | 17 => pair.start_standby(false),
                18 => pair.promote(),
                _ => {
                    let at = pair.dice.random_range(0..2);
                    pair.fails(at);
                }
            }
        }
        // In the end both run, and the standby takes the rest.
        for machine in &mut pair.machines {
            machine.book = None;
        }
        pair.waiting.clear();
        pair.start_leader(true);
        pair.start_standby(true);
        pair.start_standby(true);
        for _ in 0..1_000 {
            pair.ship();
        }
        pair.check_leader();
        let disks = [&pair.machines[0].disk, &pair.machines[1].disk];
        assert_eq!(segment_names(disks[0]), segment_names(disks[1]), "seed {seed}");
        for name in segment_names(disks[0]) {
            let bytes = disks.map(|disk| disk.edit(&name, |bytes| bytes.clone()));
            assert!(bytes[0] == bytes[1], "seed {seed}: {name}");
        }
        for (what, times) in pair.done {
            *done.entry(what).or_default() += times;
        }
        *done.entry("answered").or_default() += pair.answered.len() as u32;
    }
    println!("{done:?}");
    for what in ["promoted", "stepped down", "power failed", "shipped", "answered", "standby started"] {
        assert!(done.get(what).is_some_and(|times| *times > 0), "{what}: {done:?}");
    }
}
