//! The rule of acceptance (SPEC 1): a valid event is a duplicate if its identity was accepted before; else a
//! conflict if it contradicts an accepted fact; else it is accepted at the next position. What was rejected in
//! itself is quarantined, unless it is there already. Pure: it looks at the index, at what it has just accepted, and
//! writes nothing.

use schemas::{Reason, Rejection, StreamKey, Uid};

use self::overlay::Overlay;
use crate::batch::{Batch, Item, ItemKind, TryKind};
use crate::error::LedgerError;
use crate::event_reader::EventReader;
use crate::index::{Asked, Index, LOOKED_UP_TOGETHER};
use crate::outcome::Outcome;
use crate::position::{Position, ReadError};
use crate::quarantine::{QuarantineId, sameness_hash};
use crate::reader::LedgerReader;

#[cfg(test)]
mod cost;
mod overlay;

pub(crate) use self::overlay::Overlay as AcceptanceOverlay;

/// What a decision stands on.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    /// What was accepted before.
    pub(crate) index: &'a Index,
    /// To confirm that an identity, or a quarantined event, is the same.
    pub(crate) reader: &'a LedgerReader,
    /// The position that the next accepted event gets.
    pub(crate) position: Position,
    /// The id that the next quarantined event gets.
    pub(crate) quarantine: QuarantineId,
}

/// Decides what becomes of each item of the batches, in order. The overlay is room to work in.
pub(crate) fn decide(known: Known<'_>, batches: &[Batch], overlay: &mut Overlay) -> Result<Vec<Outcome>, LedgerError> {
    overlay.begin(batches);
    let count = batches.iter().map(Batch::len).sum();
    let mut decision = Decision { known, batches, overlay, outcomes: Vec::with_capacity(count) };
    for batch in 0..batches.len() {
        decision.decide_batch(batch)?;
    }
    Ok(decision.outcomes)
}

/// An item by its batch and its place there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ItemRef {
    pub(crate) batch: u32,
    pub(crate) item: u32,
}

struct Decision<'a> {
    known: Known<'a>,
    batches: &'a [Batch],
    overlay: &'a mut Overlay,
    outcomes: Vec<Outcome>,
}

impl<'a> Decision<'a> {
    fn decide_batch(&mut self, number: usize) -> Result<(), LedgerError> {
        let batches = self.batches;
        let batch = &batches[number];
        let mut tries = batch.tries().iter().peekable();
        let mut first = 0;
        for items in batch.items().chunks(LOOKED_UP_TOGETHER) {
            let may_be_known = self.look_up(items);
            for (at, item) in items.iter().enumerate() {
                let place = ItemRef { batch: number as u32, item: (first + at) as u32 };
                let tried = tries.next_if(|tried| tried.item == place.item);
                let redriven = tried.filter(|tried| tried.kind == TryKind::Again).map(|tried| tried.id);
                self.decide_item(batch, item, place, redriven, may_be_known[at])?;
            }
            first += items.len();
        }
        Ok(())
    }

    /// Which of the items an accepted event of the same stream may equal.
    fn look_up(&self, items: &[Item]) -> [bool; LOOKED_UP_TOGETHER] {
        let mut asked: [Option<Asked>; LOOKED_UP_TOGETHER] = [None; LOOKED_UP_TOGETHER];
        for (asked, item) in asked.iter_mut().zip(items) {
            if matches!(item.kind, ItemKind::OfAccount | ItemKind::Registration) {
                *asked = Some((Uid(item.subject), item.hash));
            }
        }
        let mut may_be_known = self.known.index.look_up(&asked[..items.len()]);
        for (may_be_known, item) in may_be_known.iter_mut().zip(items) {
            // Names are few, and their streams are found only by the name itself.
            *may_be_known |= matches!(item.kind, ItemKind::Code | ItemKind::OfName | ItemKind::OfPlatform);
        }
        may_be_known
    }

    /// Decides on an item, and puts down its outcome.
    // NOTE: each outcome is written where it stays. Handed over, it went through the stack in pieces of other sizes than
    // it was written in, and waiting for those took a third of a decision.
    fn decide_item(
        &mut self,
        batch: &'a Batch,
        item: &Item,
        place: ItemRef,
        redriven: Option<QuarantineId>,
        may_be_known: bool,
    ) -> Result<(), LedgerError> {
        if item.kind == ItemKind::Rejected {
            return self.quarantine(batch, place, redriven, batch.rejected(item).rejection.clone());
        }
        if may_be_known
            && !mutants::mutant!("duplicate-taken-as-new")
            && let Some(of) = self.find_accepted(batch, item, place)?
        {
            self.outcomes.push(Outcome::Duplicate { of });
            return Ok(());
        }
        if let Some(of) = self.overlay.find(self.batches, item, place)
            && !mutants::mutant!("duplicate-within-a-commit-taken-as-new")
        {
            self.outcomes.push(Outcome::Duplicate { of });
            return Ok(());
        }
        if let Some(rejection) = self.conflict(batch, item) {
            return self.quarantine(batch, place, redriven, rejection);
        }
        let position = self.known.position;
        self.known.position += 1;
        self.overlay.accept(batch, item, place, position);
        self.outcomes.push(Outcome::Accepted { position });
        Ok(())
    }

    /// The position of an event accepted before with the same identity.
    fn find_accepted(&self, batch: &Batch, item: &Item, place: ItemRef) -> Result<Option<Position>, ReadError> {
        let stream = match item.kind {
            ItemKind::OfAccount | ItemKind::Registration => StreamKey::Account(Uid(item.subject)),
            ItemKind::Code | ItemKind::OfName => StreamKey::Name(&batch.claim(item).name),
            ItemKind::OfPlatform => StreamKey::Platform,
            ItemKind::Rejected => return Ok(None),
        };
        for position in self.known.index.candidates(stream, item.hash) {
            let (mine, accepted) = (batch.event(place.item as usize), self.known.reader.event(position)?);
            if (mine.source == accepted.source && mine.id == accepted.id)
                || mutants::mutant!("fingerprint-taken-for-an-identity")
            {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    /// Which accepted fact a valid event contradicts, if it does.
    fn conflict(&self, batch: &Batch, item: &Item) -> Option<Rejection> {
        match item.kind {
            ItemKind::Registration => {
                let uid = Uid(item.subject);
                let registered = self.known.index.is_registered(uid) || self.overlay.is_registered(uid);
                (registered && !mutants::mutant!("account-registered-twice"))
                    .then(|| Rejection::of_field(Reason::Conflict, "uid", format!("uid {uid} is registered already")))
            }
            ItemKind::Code => {
                let claim = batch.claim(item);
                let owner =
                    self.known.index.code_owner(&claim.name).or_else(|| self.overlay.code_owner(&claim.name))?;
                (claim.owner != Some(owner) && !mutants::mutant!("code-of-another-owner-taken")).then(|| {
                    let detail = format!("code {} is owned by uid {owner}", claim.name);
                    Rejection::of_field(Reason::Conflict, "owner_uid", detail)
                })
            }
            ItemKind::OfAccount | ItemKind::OfName | ItemKind::OfPlatform | ItemKind::Rejected => None,
        }
    }

    /// Under a new id, under the one it had before a second try, or counted under that of the same event from the
    /// same origin.
    fn quarantine(
        &mut self,
        batch: &Batch,
        place: ItemRef,
        redriven: Option<QuarantineId>,
        rejection: Rejection,
    ) -> Result<(), LedgerError> {
        let rejection = Box::new(rejection);
        if let Some(id) = redriven {
            self.outcomes.push(Outcome::Quarantined { id, rejection, is_repeat: false });
            return Ok(());
        }
        let (origin, raw) = batch.kept(&batch.items()[place.item as usize]);
        let hash = sameness_hash(origin, raw);
        if let Some(id) = self.find_quarantined(hash, origin, raw)? {
            self.outcomes.push(Outcome::Quarantined { id, rejection, is_repeat: true });
            return Ok(());
        }
        let id = self.known.quarantine;
        self.known.quarantine.0 += 1;
        self.overlay.quarantine(hash, place, id);
        self.outcomes.push(Outcome::Quarantined { id, rejection, is_repeat: false });
        Ok(())
    }

    /// The id of an event with the same bytes from the same origin, quarantined before or in this commit. One that
    /// leaves quarantine in this commit is none.
    fn find_quarantined(&self, hash: u64, origin: &str, raw: &[u8]) -> Result<Option<QuarantineId>, LedgerError> {
        for row in self.known.index.quarantine().candidates(hash) {
            if mutants::mutant!("repeat-in-quarantine-kept-again") {
                break;
            }
            if !self.overlay.is_tried(row.id) && self.known.reader.is_quarantined(row.location, origin, raw)? {
                return Ok(Some(row.id));
            }
        }
        Ok(self.overlay.find_quarantined(self.batches, hash, origin, raw))
    }
}
