//! What happens to three members: all of it drawn from a seed, in steps of one time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use elections::{Record, Roll};
use ledger::FrameCursor;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::node::{Disk, Entry, Follower, Process, SESSION, count, has, place};

const STEP: Duration = Duration::from_millis(50);
/// Once all is well it takes an election and, for who lay furthest behind, some three steps an entry.
const STEPS: u32 = 2_600;
/// From then on nothing befalls anybody any more.
const WELL_AFTER: u32 = 1_000;

struct Node {
    disk: Disk,
    process: Option<Process>,
    is_stopped: bool,
    is_cut_from_broker: bool,
    is_cut_from_others: bool,
    back_at: u32,
}

/// A question between members, or its answer.
struct Letter {
    at: u32,
    from: (usize, u64),
    to: usize,
    term: u64,
    says: Says,
}

enum Says {
    Ask { after: FrameCursor, is_named: bool },
    Frames { after: FrameCursor, entries: Vec<Entry>, is_named: bool },
    Elsewhere,
}

pub struct World {
    dice: ChaCha8Rng,
    begun: Instant,
    step: u32,
    topic: Vec<Record>,
    written: Vec<(u32, Record)>,
    letters: Vec<Letter>,
    nodes: Vec<Node>,
    /// When the coordinator heard of each member last, and who holds the partition.
    heard: BTreeMap<usize, u32>,
    holder: Option<usize>,
    instances: u64,
    entries: u64,
    /// Which entry was answered at each position.
    pub answered: BTreeMap<usize, Entry>,
    last_lead: Option<u32>,
    /// Whether what happens is printed.
    is_told: bool,
}

impl World {
    pub fn new(seed: u64) -> World {
        let node = |_| Node {
            disk: Disk::default(),
            process: None,
            is_stopped: false,
            is_cut_from_broker: false,
            is_cut_from_others: false,
            back_at: 0,
        };
        World {
            dice: ChaCha8Rng::seed_from_u64(seed),
            begun: Instant::now(),
            step: 0,
            topic: Vec::new(),
            written: Vec::new(),
            letters: Vec::new(),
            nodes: (0..3).map(node).collect(),
            heard: BTreeMap::new(),
            holder: None,
            instances: 0,
            entries: 0,
            answered: BTreeMap::new(),
            last_lead: None,
            is_told: std::env::var_os("TEST_TOLD").is_some(),
        }
    }

    pub fn term(&self) -> u64 {
        self.roll().term()
    }

    fn roll(&self) -> Roll {
        let mut roll = Roll::default();
        self.topic.iter().for_each(|record| roll.read(record));
        roll
    }

    fn now(&self) -> Instant {
        self.begun + STEP * self.step
    }

    fn chance(&mut self, one_in: u32) -> bool {
        self.dice.random_range(0..one_in) == 0
    }

    pub fn run(&mut self) {
        for step in 0..STEPS {
            self.step = step;
            if step < WELL_AFTER {
                self.befall();
            } else if step == WELL_AFTER {
                self.mend();
            }
            self.deliver();
            self.coordinate();
            for number in 0..self.nodes.len() {
                self.revive(number);
                if !self.nodes[number].is_stopped && !self.chance(6) {
                    self.act(number);
                }
            }
        }
        let lead = self.last_lead.expect("somebody led");
        assert!(lead > STEPS - 20, "somebody leads once all is well: the last did so at step {lead}; {}", self.tell());
        assert!(self.answered.len() > 1, "something was answered");
    }

    /// How things stand.
    fn tell(&self) -> String {
        let nodes = self.nodes.iter().map(|node| {
            let process = node.process.as_ref();
            let told = process.map(|process| {
                let Process { own, read, there, stands, .. } = process;
                (own.told.borrow().clone(), own.leading, own.leads, own.is_over, own.lease.get(), read, there, stands)
            });
            format!("\n{:?} of {} entries: {told:?}", node.disk.borrow().last(), node.disk.borrow().len())
        });
        let last: Vec<&Record> = self.topic.iter().rev().take(5).collect();
        format!("{:?} holds of {:?}, {last:?}, {:?}{}", self.holder, self.heard, self.roll(), nodes.collect::<String>())
    }

    fn befall(&mut self) {
        let number = self.dice.random_range(0..self.nodes.len());
        if !self.chance(60) || self.step < 60 {
            return;
        }
        let (step, fate) = (self.step, self.dice.random_range(0..6));
        if self.is_told {
            println!("{step}: {fate} befalls {number}");
        }
        let (back_at, node) = (self.step + self.dice.random_range(5..150), &mut self.nodes[number]);
        match fate {
            0 => (node.process, node.back_at, node.is_stopped) = (None, back_at, false),
            1 => node.is_stopped = node.process.is_some(),
            2 => node.is_cut_from_broker = true,
            3 => node.is_cut_from_others = true,
            _ => (node.is_stopped, node.is_cut_from_broker, node.is_cut_from_others) = (false, false, false),
        }
    }

    fn mend(&mut self) {
        for node in &mut self.nodes {
            (node.is_stopped, node.is_cut_from_broker, node.is_cut_from_others) = (false, false, false);
        }
    }

    /// A process that has ended is started again; what its ledger has and that of who leads has not is laid aside.
    fn revive(&mut self, number: usize) {
        let (step, now) = (self.step, self.now());
        if let Some(process) = &self.nodes[number].process
            && process.own.is_over
        {
            self.nodes[number].process = None;
            self.nodes[number].back_at = step + self.dice.random_range(2..30);
        }
        let is_due = self.nodes[number].process.is_none() && step >= self.nodes[number].back_at;
        if !is_due || self.nodes[number].is_cut_from_broker {
            return;
        }
        let leader = self.roll().leader().and_then(|reign| reign.member.parse::<usize>().ok());
        if let Some(leader) = leader.filter(|leader| *leader != number)
            && self.nodes[leader].process.is_some()
            && !self.nodes[leader].is_stopped
            && !self.is_cut(number, leader)
        {
            let (theirs, mut ours) = (self.nodes[leader].disk.borrow(), self.nodes[number].disk.borrow_mut());
            let common = theirs.iter().zip(ours.iter()).take_while(|(one, other)| one == other).count();
            // Where the leader has nothing instead, nothing is laid aside.
            if common < ours.len() && common < theirs.len() {
                ours.truncate(common);
            }
        }
        self.instances += 1;
        if self.is_told {
            println!("{step}: {number} starts as {}", self.instances);
        }
        let process = Process::start(number, self.instances, self.nodes[number].disk.clone(), self.topic.len(), now);
        self.nodes[number].process = Some(process);
    }

    fn is_cut(&self, one: usize, other: usize) -> bool {
        self.nodes[one].is_cut_from_others || self.nodes[other].is_cut_from_others
    }

    fn coordinate(&mut self) {
        let sessions = (SESSION.as_millis() / STEP.as_millis()) as u32;
        self.heard.retain(|_, heard| self.step - *heard <= sessions);
        for (number, node) in self.nodes.iter().enumerate() {
            let is_heard = !node.is_stopped && !node.is_cut_from_broker;
            match &node.process {
                Some(process) if is_heard && process.stands => drop(self.heard.insert(number, self.step)),
                Some(_) if is_heard => drop(self.heard.remove(&number)),
                Some(_) | None => {}
            }
        }
        if self.holder.is_none_or(|holder| !self.heard.contains_key(&holder)) {
            let members: Vec<usize> = self.heard.keys().copied().collect();
            let drawn = if members.is_empty() { None } else { Some(self.dice.random_range(0..members.len())) };
            self.holder = drawn.map(|drawn| members[drawn]);
        }
    }

    /// What a process does in a step.
    fn act(&mut self, number: usize) {
        let (now, step) = (self.now(), self.step);
        let reaches_broker = !self.nodes[number].is_cut_from_broker;
        let is_given = reaches_broker && self.holder == Some(number) && self.heard.get(&number) == Some(&step);
        let some = self.dice.random_range(0..6);
        let Some(mut process) = self.nodes[number].process.take() else { return };
        process.own.now = now;
        process.own.asked = number == 0 && self.topic.iter().all(|record| !matches!(record, Record::Leads { .. }));
        if reaches_broker {
            let until = (process.read + some).min(self.topic.len());
            for record in &self.topic[process.read..until] {
                process.member.read(record, now, &mut process.own);
            }
            process.read = until;
            if is_given {
                process.own.lease.set(Some(now + SESSION * 9 / 10));
            } else if self.holder != Some(number) {
                process.own.lease.set(None);
            }
        }
        let holds = process.own.lease.get().is_some_and(|until| now < until);
        // Later on it may lag.
        if process.read >= process.there {
            let done = process.member.step(holds, None, now, &mut process.own);
            process.own.term = process.own.turned.get();
            process.stands = done.stands;
            if reaches_broker {
                for record in done.write {
                    if self.is_told {
                        println!("{step}: {number} writes {record:?}");
                    }
                    if !self.chance(10) {
                        let at = step + self.dice.random_range(1..8);
                        self.written.push((at, record));
                    }
                }
            }
        }
        self.lead(number, &mut process, holds);
        self.ask(number, &mut process);
        self.nodes[number].process = Some(process);
    }

    /// A leader appends, and answers what is held.
    fn lead(&mut self, number: usize, process: &mut Process, holds: bool) {
        let own = &mut process.own;
        if !own.leading || !holds || own.is_over {
            return;
        }
        let length = own.disk.borrow().len();
        if !own.leads && own.is_held(length) {
            own.leads = true;
            for (position, entry) in &self.answered {
                assert_eq!(own.disk.borrow().get(*position), Some(entry), "{number} leads and lacks what was answered");
            }
        }
        if !own.leads {
            return;
        }
        self.last_lead = Some(self.step);
        let held = (own.passed..=length).rev().find(|entries| own.is_held(*entries)).unwrap_or(own.passed);
        for position in own.passed..held {
            let entry = own.disk.borrow()[position];
            let before = self.answered.insert(position, entry);
            assert!(
                before.is_none_or(|before| before == entry),
                "two answered at {position}: {before:?} and {entry:?}"
            );
        }
        own.passed = own.passed.max(held);
        if self.dice.random_range(0..3) == 0 {
            self.entries += 1;
            let epoch = own.disk.borrow().last().map_or(0, |entry| entry.epoch);
            own.disk.borrow_mut().push(Entry { epoch, id: self.entries });
        }
    }

    /// Who follows, or takes what it lacks, asks.
    fn ask(&mut self, number: usize, process: &mut Process) {
        let follows = process.own.follows.map(|(term, to)| (term, to, true));
        let asks = follows.or(process.own.taking.map(|(term, to)| (term, to, false)));
        if let Some((term, to, is_named)) = asks
            && self.dice.random_range(0..2) == 0
        {
            let after = place(&process.own.disk.borrow());
            self.send(number, to, term, Says::Ask { after, is_named });
        }
    }

    fn send(&mut self, from: usize, to: usize, term: u64, says: Says) {
        let at = self.step + self.dice.random_range(1..6);
        self.letters.push(Letter { at, from: (from, self.instances), to, term, says });
    }

    fn deliver(&mut self) {
        let (step, now) = (self.step, self.now());
        let (due, rest) = std::mem::take(&mut self.written).into_iter().partition(|(at, _)| *at <= step);
        self.written = rest;
        self.topic.extend(Vec::<(u32, Record)>::into_iter(due).map(|(_, record)| record));
        let letters = std::mem::take(&mut self.letters);
        for letter in letters {
            // What came to one that is stopped is read once it goes on.
            if letter.at > step || self.nodes[letter.to].is_stopped {
                self.letters.push(letter);
            } else if !self.is_cut(letter.from.0, letter.to) {
                self.read(letter, now);
            }
        }
    }

    fn read(&mut self, letter: Letter, now: Instant) {
        let Letter { from: (from, _), to, term, says, .. } = letter;
        let Some(process) = &mut self.nodes[to].process else { return };
        let own = &mut process.own;
        match says {
            Says::Ask { after, is_named } => {
                let entries = own.disk.borrow().clone();
                if !has(&entries, &after) {
                    return self.send(to, from, term, Says::Elsewhere);
                }
                if is_named {
                    let mut standbys = own.standbys.borrow_mut();
                    let new = Follower { place: after, asked: now, target: entries.len(), level: None };
                    let standby = standbys.entry(from.to_string()).or_insert(new);
                    if count(&after) >= standby.target {
                        standby.level = Some(now);
                    }
                    (standby.place, standby.asked, standby.target) = (after, now, entries.len());
                }
                let some = self.dice.random_range(0..5);
                let next = entries.into_iter().skip(count(&after)).take(some).collect();
                self.send(to, from, term, Says::Frames { after, entries: next, is_named });
            }
            Says::Frames { after, entries, is_named } => {
                let asked = if is_named { own.follows } else { own.taking };
                if own.leading || own.term != term || asked != Some((term, from)) {
                    return;
                }
                own.answered_by_leader = now;
                if place(&own.disk.borrow()) == after {
                    own.disk.borrow_mut().extend(entries);
                    own.passed = own.disk.borrow().len();
                }
            }
            Says::Elsewhere => {
                // Started again, it lays aside what the other one has not.
                let asked = own.follows.or(own.taking);
                own.is_over |= asked == Some((term, from)) && !own.leading;
            }
        }
    }
}
