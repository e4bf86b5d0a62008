//! Source, routers, topics and shards in one thread: who goes on next is drawn, so that everything is late now and then.
//! The decisions are those of the room and of the ledger's acceptance; Kafka is lists here.

#![allow(dead_code, reason = "each test target uses its own part")]

pub mod shard;

use std::collections::BTreeMap;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use route::{Destination, GoesOn, Home, Parents, destination, partition_of_uid};
use schemas::{Event, StreamKey};

pub use shard::Shard;

/// So many partitions the source has.
const SOURCE_PARTITIONS: u64 = 3;

/// The topics between routers and shards.
#[derive(Default)]
pub struct Topics {
    pub accounts: Vec<Vec<Event<'static>>>,
    pub platform: Vec<Event<'static>>,
    pub heads: Vec<Vec<Event<'static>>>,
}

/// A router: what it knows, and how far it has read the platform's topic.
#[derive(Default)]
struct Router {
    parents: Parents,
    read: usize,
}

/// How a world is made.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    pub shards: u32,
    pub partitions: u32,
    pub routers: usize,
    /// Whether routers put events there twice, and shards forget how far they sent on, now and then.
    pub is_repeating: bool,
    /// Whether shards send on what is not theirs: else a test sees that it matters.
    pub sends_on: bool,
}

/// All of it.
pub struct World {
    layout: Layout,
    source: Vec<Vec<Event<'static>>>,
    routed: Vec<usize>,
    routers: Vec<Router>,
    topics: Topics,
    pub shards: Vec<Shard>,
}

impl World {
    /// Nothing is routed yet of these arrivals.
    pub fn new(layout: Layout, arrivals: &[Event<'static>]) -> World {
        let mut source = vec![Vec::new(); SOURCE_PARTITIONS as usize];
        for event in arrivals {
            let partition = match event.stream() {
                StreamKey::Account(uid) => uid.0 % SOURCE_PARTITIONS,
                StreamKey::Name(name) => name.len() as u64 % SOURCE_PARTITIONS,
                StreamKey::Platform => 0,
            };
            source[partition as usize].push(event.clone());
        }
        let homes =
            (0..layout.shards).map(|number| Home::new(number, layout.shards, layout.partitions).expect("a shard"));
        let empty = || vec![Vec::new(); layout.partitions as usize];
        World {
            layout,
            routed: vec![0; source.len()],
            source,
            routers: (0..layout.routers).map(|_| Router::default()).collect(),
            topics: Topics { accounts: empty(), platform: Vec::new(), heads: empty() },
            shards: homes.map(Shard::new).collect(),
        }
    }

    /// Goes on in any order until nothing is left to be done.
    pub fn run(&mut self, rng: &mut ChaCha8Rng) {
        let mut at_rest = 0;
        let mut steps = 0u64;
        while at_rest < 3 {
            // At first nobody hurries; then everybody does what is left.
            let is_hasty = steps > 2_000 || rng.random_ratio(1, 400);
            let mut moved = false;
            for _ in 0..if is_hasty { 1 } else { rng.random_range(1..20) } {
                moved |= self.step(rng);
            }
            if is_hasty {
                moved |= self.drain(rng);
                at_rest = if moved { 0 } else { at_rest + 1 };
            }
            steps += 1;
            assert!(steps < 100_000, "it comes to no rest");
        }
    }

    /// One of them does one thing.
    fn step(&mut self, rng: &mut ChaCha8Rng) -> bool {
        match rng.random_range(0..8) {
            0..=2 => self.route(rng),
            3 => {
                let router = rng.random_range(0..self.routers.len());
                self.learn(router, 1)
            }
            4..=6 => {
                let shard = rng.random_range(0..self.shards.len());
                self.shards[shard].read_one(&self.topics, rng)
            }
            _ => {
                let shard = rng.random_range(0..self.shards.len());
                self.send_on(shard, rng)
            }
        }
    }

    /// Everybody does all that there is.
    fn drain(&mut self, rng: &mut ChaCha8Rng) -> bool {
        let mut moved = false;
        while self.source.iter().zip(&self.routed).any(|(source, routed)| *routed < source.len()) {
            moved |= self.route(rng);
        }
        for router in 0..self.routers.len() {
            moved |= self.learn(router, usize::MAX);
        }
        for shard in 0..self.shards.len() {
            while self.shards[shard].read_one(&self.topics, rng) {
                moved = true;
            }
            moved |= self.send_on(shard, rng);
        }
        moved
    }

    /// A router routes the next event of one of its partitions.
    fn route(&mut self, rng: &mut ChaCha8Rng) -> bool {
        let partition = rng.random_range(0..self.source.len());
        let Some(event) = self.source[partition].get(self.routed[partition]) else { return false };
        // Partitions move between the routers as they come and go.
        let router = rng.random_range(0..self.routers.len());
        let router = &mut self.routers[router];
        let times = if self.layout.is_repeating && rng.random_ratio(1, 20) { 2 } else { 1 };
        for _ in 0..times {
            router.parents.expect(event);
            match destination(event, &mut router.parents) {
                Destination::Platform => self.topics.platform.push(event.clone()),
                Destination::Family(head) => {
                    let partition = partition_of_uid(head, self.layout.partitions);
                    self.topics.accounts[partition as usize].push(event.clone());
                }
            }
        }
        self.routed[partition] += 1;
        true
    }

    fn learn(&mut self, router: usize, most: usize) -> bool {
        let router = &mut self.routers[router];
        let news = &self.topics.platform[router.read..];
        let news = &news[..news.len().min(most)];
        news.iter().for_each(|event| router.parents.learn(event));
        router.read += news.len();
        !news.is_empty()
    }

    fn send_on(&mut self, shard: usize, rng: &mut ChaCha8Rng) -> bool {
        if !self.layout.sends_on {
            return false;
        }
        let shard = &mut self.shards[shard];
        let begins_at = shard.sent;
        if self.layout.is_repeating && rng.random_ratio(1, 10) {
            shard.sent = rng.random_range(0..=begins_at);
        }
        for goes_on in shard.send_on() {
            match goes_on {
                GoesOn::ToFamily { head, event } => {
                    let partition = partition_of_uid(head, self.layout.partitions);
                    self.topics.accounts[partition as usize].push(event.into_owned());
                }
                GoesOn::Head { head, event } => {
                    self.topics.heads[partition_of_uid(head, self.layout.partitions) as usize].push(event);
                }
            }
        }
        shard.sent > begins_at
    }

    /// How many events each topic holds.
    pub fn lengths(&self) -> BTreeMap<&'static str, usize> {
        let all = |parts: &[Vec<Event<'static>>]| parts.iter().map(Vec::len).sum();
        BTreeMap::from([
            ("accounts", all(&self.topics.accounts)),
            ("platform", self.topics.platform.len()),
            ("heads", all(&self.topics.heads)),
        ])
    }
}
