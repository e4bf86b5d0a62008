//! What the ledger has to hold, by the plainest bookkeeping: what was accepted in order, and what became of the rest.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ledger::{Actor, Outcome, QuarantineId, QuarantineState};
use projections::commands::COMMAND_SOURCE;
use schemas::{Body, Event, Reason, StreamKey, Uid};

use crate::arrival::Arrival;
use crate::given::Given;

/// Whose it is, its source and its id.
type Identity = (Stream, String, String);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Stream {
    Account(Uid),
    Name(String),
    Platform,
}

fn identity(event: &Event<'_>) -> Identity {
    let stream = match event.stream() {
        StreamKey::Account(uid) => Stream::Account(uid),
        StreamKey::Name(name) => Stream::Name(name.to_owned()),
        StreamKey::Platform => Stream::Platform,
    };
    (stream, event.source.to_string(), event.id.to_string())
}

/// What became of an arrival, without words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Accepted(u64),
    Duplicate(u64),
    Quarantined(u64, Reason),
}

impl Fate {
    /// The ledger's own word for it.
    pub(crate) fn of(outcome: &Outcome) -> Fate {
        match outcome {
            Outcome::Accepted { position } => Fate::Accepted(*position),
            Outcome::Duplicate { of } => Fate::Duplicate(*of),
            Outcome::Quarantined { id, rejection, is_repeat: _ } => Fate::Quarantined(id.0, rejection.reason),
        }
    }
}

/// A quarantined event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) reason: Reason,
    pub(crate) origin: String,
    pub(crate) raw: Vec<u8>,
    pub(crate) state: QuarantineState,
    /// How many times it came again.
    pub(crate) repeated: u64,
}

/// What the ledger has to hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) accepted: Vec<Event<'static>>,
    /// Who each of them is of.
    pub(crate) actors: Vec<Option<Actor>>,
    /// Positions of commands of which nobody was told whether they appended: what stands there may be the next command's.
    pub(crate) unsure: BTreeSet<u64>,
    /// Who what is taken now is of.
    acting: Option<Actor>,
    identities: HashMap<Identity, u64>,
    registered: HashMap<Uid, u64>,
    owners: HashMap<String, Uid>,
    /// The next offset to read, by partition.
    pub(crate) offsets: BTreeMap<i32, i64>,
    pub(crate) duplicates: u64,
    /// What is in quarantine, whatever has become of it there.
    pub(crate) quarantined: BTreeMap<u64, Kept>,
    last_quarantined: u64,
}

impl Model {
    /// The last position.
    pub(crate) fn end(&self) -> u64 {
        self.accepted.len() as u64
    }

    /// The next offset to read of a partition.
    pub(crate) fn next_offset(&self, partition: i32) -> i64 {
        self.offsets.get(&partition).copied().unwrap_or(0)
    }

    /// Takes what was given; the fates of its arrivals in order. `held` are the entries that the ledger holds, by which
    /// is told what a command appended, if it did; where nobody was told, the next entry tells that too.
    pub(crate) fn take(&mut self, given: &Given, held: &[Event<'static>], did_append: Option<bool>) -> Vec<Fate> {
        self.acting = given.actor();
        match given {
            Given::Messages { partition, arrivals, next_offset } => {
                let fates = arrivals.iter().map(|arrival| self.judge(arrival)).collect();
                self.offsets.insert(*partition, *next_offset);
                fates
            }
            Given::Request { arrivals } => arrivals.iter().map(|arrival| self.judge(arrival)).collect(),
            Given::Redrive { id, arrival } => vec![self.judge_again(*id, arrival)],
            Given::Replace { id, arrival } => vec![self.judge_instead(*id, arrival)],
            Given::Discard { id } => {
                if let Some(kept) = self.quarantined.get_mut(&id.0) {
                    kept.state = QuarantineState::Discarded;
                }
                Vec::new()
            }
            Given::Command { .. } if did_append == Some(false) => Vec::new(),
            Given::Command { .. } => {
                let next = held.get(self.accepted.len()).filter(|event| event.source == COMMAND_SOURCE);
                let fate = next.map(|event| self.accept(event.clone()));
                if did_append.is_none() && fate.is_some() {
                    self.unsure.insert(self.end());
                }
                fate.into_iter().collect()
            }
            Given::Checkpoint => Vec::new(),
        }
    }

    fn judge(&mut self, arrival: &Arrival) -> Fate {
        self.decide(arrival).unwrap_or_else(|reason| self.quarantine(reason, arrival))
    }

    /// A second try: of what gets in nothing is left in quarantine.
    fn judge_again(&mut self, id: QuarantineId, arrival: &Arrival) -> Fate {
        let decided = self.decide(arrival);
        // Each time that it was read it ended in one of three places: those that were repeats are duplicates now.
        let gone = decided.is_ok().then(|| self.quarantined.remove(&id.0)).flatten();
        self.duplicates += gone.map_or(0, |kept| kept.repeated);
        decided.unwrap_or_else(|reason| {
            if let Some(kept) = self.quarantined.get_mut(&id.0) {
                (kept.reason, kept.state) = (reason, QuarantineState::Open);
            }
            Fate::Quarantined(id.0, reason)
        })
    }

    /// Another event in the place of a quarantined one.
    fn judge_instead(&mut self, id: QuarantineId, arrival: &Arrival) -> Fate {
        let fate = self.judge(arrival);
        match (fate, self.quarantined.get_mut(&id.0)) {
            (Fate::Accepted(_) | Fate::Duplicate(_), Some(kept)) => kept.state = QuarantineState::Replaced,
            (Fate::Quarantined(..), _) | (_, None) => {}
        }
        fate
    }

    fn decide(&mut self, arrival: &Arrival) -> Result<Fate, Reason> {
        let event = arrival.read.as_ref().map_err(|reason| *reason)?;
        if let Some(of) = self.identities.get(&identity(event)) {
            self.duplicates += 1;
            return Ok(Fate::Duplicate(*of));
        }
        if self.contradicts(event) { Err(Reason::Conflict) } else { Ok(self.accept(event.clone())) }
    }

    /// Keeps it, or counts it where the same bytes came from the same place before.
    fn quarantine(&mut self, reason: Reason, arrival: &Arrival) -> Fate {
        let same = |kept: &Kept| kept.raw == arrival.raw && kept.origin == arrival.origin;
        if let Some((id, kept)) = self.quarantined.iter_mut().find(|(_, kept)| same(kept)) {
            kept.repeated += 1;
            return Fate::Quarantined(*id, reason);
        }
        self.last_quarantined += 1;
        let (origin, raw) = (arrival.origin.clone(), arrival.raw.clone());
        let kept = Kept { reason, origin, raw, state: QuarantineState::Open, repeated: 0 };
        self.quarantined.insert(self.last_quarantined, kept);
        Fate::Quarantined(self.last_quarantined, reason)
    }

    fn contradicts(&self, event: &Event<'_>) -> bool {
        match &event.body {
            Body::Registration(registration) => self.registered.contains_key(&registration.uid),
            Body::Code(code) => self.owners.get(&*code.code).is_some_and(|owner| *owner != code.owner_uid),
            Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Trade(_)
            | Body::Reversal(_)
            | Body::Vip(_)
            | Body::Affiliate(_)
            | Body::Rebate(_)
            | Body::Note(_)
            | Body::Program(_)
            | Body::Offer(_)
            | Body::Campaign(_)
            | Body::Join(_)
            | Body::Application(_) => false,
        }
    }

    fn accept(&mut self, event: Event<'static>) -> Fate {
        let position = self.end() + 1;
        self.identities.insert(identity(&event), position);
        match &event.body {
            Body::Registration(registration) => drop(self.registered.insert(registration.uid, position)),
            Body::Code(code) => drop(self.owners.entry(code.code.to_string()).or_insert(code.owner_uid)),
            Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Trade(_)
            | Body::Reversal(_)
            | Body::Vip(_)
            | Body::Affiliate(_)
            | Body::Rebate(_)
            | Body::Note(_)
            | Body::Program(_)
            | Body::Offer(_)
            | Body::Campaign(_)
            | Body::Join(_)
            | Body::Application(_) => {}
        }
        self.accepted.push(event);
        self.actors.push(self.acting.clone());
        Fate::Accepted(position)
    }
}
