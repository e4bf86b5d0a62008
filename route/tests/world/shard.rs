//! A shard: its projections over a ledger in memory, and how far it has read and sent on.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Position, ReadError};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use route::{GoesOn, Home, sent_on};
use schemas::{Body, Event, StreamKey, Timestamp, Uid};

use super::Topics;
use crate::memory::Projected;

/// Later than any event.
pub const RECORDED_AT: Timestamp = Timestamp(1_800_000_000_000_000);

/// A ledger with its projections.
pub struct Shard {
    pub home: Home,
    pub projected: Projected,
    pub accepted: Accepted,
    /// How far each partition was read.
    read: BTreeMap<(&'static str, u32), usize>,
    /// Up to which position it was seen what goes on.
    pub sent: Position,
    pub conflicts: Vec<Event<'static>>,
}

/// What was accepted, as far as acceptance hangs on it.
#[derive(Default)]
pub struct Accepted {
    identities: BTreeSet<String>,
    registered: BTreeSet<Uid>,
    owners: BTreeMap<String, Uid>,
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Accepted,
    Duplicate,
    Conflict,
}

impl Accepted {
    /// Duplicate first, then conflict (SPEC 1).
    pub fn judge(&mut self, event: &Event<'_>) -> Verdict {
        let stream = match event.stream() {
            StreamKey::Account(uid) => format!("uid {uid}"),
            StreamKey::Name(name) => format!("name {name}"),
            StreamKey::Platform => "platform".to_owned(),
        };
        let identity = format!("{stream}\n{}\n{}", event.source, event.id);
        if self.identities.contains(&identity) {
            return Verdict::Duplicate;
        }
        if let Body::Registration(data) = &event.body
            && !self.registered.insert(data.uid)
        {
            return Verdict::Conflict;
        }
        if let Body::Code(data) = &event.body
            && *self.owners.entry(data.code.to_string()).or_insert(data.owner_uid) != data.owner_uid
        {
            return Verdict::Conflict;
        }
        self.identities.insert(identity);
        Verdict::Accepted
    }
}

impl Shard {
    pub fn new(home: Home) -> Shard {
        Shard {
            home,
            projected: Projected::default(),
            accepted: Accepted::default(),
            read: BTreeMap::new(),
            sent: 0,
            conflicts: Vec::new(),
        }
    }

    /// Takes an event in.
    pub fn take(&mut self, event: &Event<'static>) -> Verdict {
        let verdict = self.accepted.judge(event);
        match verdict {
            Verdict::Accepted => self.projected.apply(RECORDED_AT, event.clone()),
            Verdict::Conflict => self.conflicts.push(event.clone()),
            Verdict::Duplicate => {}
        }
        verdict
    }

    /// Reads one event of one of its partitions that has any left.
    pub fn read_one(&mut self, topics: &Topics, rng: &mut ChaCha8Rng) -> bool {
        let own = self.home.own().map(|partition| ("accounts", partition));
        let others = self.home.others().map(|partition| ("heads", partition));
        let of = |place: (&'static str, u32)| match place {
            ("accounts", partition) => &topics.accounts[partition as usize],
            ("heads", partition) => &topics.heads[partition as usize],
            _ => &topics.platform,
        };
        let next = |place: &(&'static str, u32)| self.read.get(place).copied().unwrap_or(0);
        let open: Vec<(&'static str, u32)> =
            own.chain(others).chain([("platform", 0)]).filter(|place| next(place) < of(*place).len()).collect();
        if open.is_empty() {
            return false;
        }
        let place = open[rng.random_range(0..open.len())];
        let at = next(&place);
        self.read.insert(place, at + 1);
        self.take(&of(place)[at]);
        true
    }

    /// What goes on of all entries since it was last asked.
    pub fn send_on(&mut self) -> Vec<GoesOn<'static>> {
        let mut given = Vec::new();
        let state = &self.projected.state;
        while self.sent < state.position() {
            self.sent += 1;
            let take = &mut |goes_on: GoesOn<'_>| {
                given.push(owned(goes_on));
                Ok::<(), ReadError>(())
            };
            sent_on((state, &self.projected.ledger, &self.home), self.sent, take).expect("memory can be read");
        }
        given
    }
}

fn owned(goes_on: GoesOn<'_>) -> GoesOn<'static> {
    match goes_on {
        GoesOn::ToFamily { head, event } => {
            GoesOn::ToFamily { head, event: std::borrow::Cow::Owned(event.into_owned().into_owned()) }
        }
        GoesOn::Head { head, event } => GoesOn::Head { head, event: event.into_owned() },
    }
}
