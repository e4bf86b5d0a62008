//! The sections of a frame that the first format did not know: of sources, of operators' acts, and of deeds.

use std::collections::BTreeMap;
use std::ops::Range;

use super::writing::{FrameDraft, decided};
use crate::act::{Act, ActKind};
use crate::batch::{Batch, Try, TryKind};
use crate::deed::{Deed, EventTypes, OfFrame};
use crate::fields::{put_bytes, put_signed, put_varint};
use crate::outcome::Outcome;
use crate::quarantine::QuarantineId;
use crate::topic::{TopicAcceptance, TopicId};

/// What a frame says beyond what the first format knew.
#[derive(Default)]
pub(super) struct Extension<'a> {
    topics: BTreeMap<&'a str, TopicId>,
    checks: BTreeMap<(&'a str, i32), u64>,
    acceptances: Vec<&'a TopicAcceptance>,
    acts: Vec<Act>,
    repeats: BTreeMap<QuarantineId, u64>,
    pub(super) deeds: Vec<Deed>,
}

impl<'a> Extension<'a> {
    pub(super) fn of(draft: &FrameDraft<'a>) -> Extension<'a> {
        let mut extension = Extension::default();
        draft.batches.iter().for_each(|batch| extension.take_sources(batch));
        for (batch, outcomes) in decided(draft) {
            let acts_before = extension.acts.len() as u32;
            extension.acts.extend(batch.discards().iter().cloned());
            for tried in batch.tries() {
                extension.acts.extend(act_of(batch, tried, &outcomes[tried.item as usize]));
            }
            for outcome in outcomes {
                if let Outcome::Quarantined { id, is_repeat: true, .. } = outcome {
                    *extension.repeats.entry(*id).or_default() += 1;
                }
            }
            let acts = acts_before..extension.acts.len() as u32;
            extension.deeds.extend(deed_of(batch, outcomes, acts, draft.after.quarantine));
        }
        extension
    }

    /// Whether there is nothing to say but deeds, if even those.
    pub(super) fn is_empty(&self) -> bool {
        let Extension { topics, checks, acceptances, acts, repeats, deeds: _ } = self;
        topics.is_empty() && checks.is_empty() && acceptances.is_empty() && acts.is_empty() && repeats.is_empty()
    }

    /// How many times a quarantined event came again.
    pub(super) fn repeats_of(&self, id: QuarantineId) -> u64 {
        self.repeats.get(&id).copied().unwrap_or_default()
    }

    pub(super) fn put_deeds(&self, frame: &OfFrame, out: &mut Vec<u8>) {
        put_varint(out, self.deeds.len() as u64);
        self.deeds.iter().for_each(|deed| deed.put(frame, out));
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put_varint(out, self.topics.len() as u64);
        for (topic, id) in &self.topics {
            put_bytes(out, topic.as_bytes());
            out.extend_from_slice(id);
        }
        put_varint(out, self.checks.len() as u64);
        for ((topic, partition), hash) in &self.checks {
            put_bytes(out, topic.as_bytes());
            put_signed(out, i64::from(*partition));
            out.extend_from_slice(&hash.to_le_bytes());
        }
        put_varint(out, self.acceptances.len() as u64);
        self.acceptances.iter().for_each(|acceptance| acceptance.put(out));
        put_varint(out, self.acts.len() as u64);
        self.acts.iter().for_each(|act| act.put(out));
        put_varint(out, self.repeats.len() as u64);
        for (id, times) in &self.repeats {
            put_varint(out, id.0);
            put_varint(out, *times);
        }
    }

    /// A later batch's word holds; what it says of an offset without its check leaves none of an earlier offset.
    fn take_sources(&mut self, batch: &'a Batch) {
        self.acceptances.extend(batch.acceptances());
        self.topics.extend(batch.topics().iter().map(|(topic, id)| (&**topic, *id)));
        for (topic, partition, _) in batch.offsets() {
            self.checks.remove(&(&**topic, *partition));
        }
        for (topic, partition, hash) in batch.offset_checks() {
            self.checks.insert((topic, *partition), *hash);
        }
    }
}

/// What the actor of a batch did, with its acts: nothing where there is none, or where nothing came of it that is kept.
fn deed_of(batch: &Batch, outcomes: &[Outcome], acts: Range<u32>, first_quarantine: u64) -> Option<Deed> {
    let actor = batch.actor()?.clone();
    let (mut events, mut quarantined, mut types) = (0..0, 0..0, EventTypes::default());
    let extend = |range: &mut Range<u64>, number: u64| {
        *range = if range.is_empty() { number..number + 1 } else { range.start..number + 1 };
    };
    for (at, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Outcome::Accepted { position } => {
                extend(&mut events, *position);
                types.note(batch.record(at));
            }
            Outcome::Quarantined { id, is_repeat: false, .. } if id.0 >= first_quarantine => {
                extend(&mut quarantined, id.0);
            }
            Outcome::Quarantined { .. } | Outcome::Duplicate { .. } => {}
        }
    }
    let is_kept = !(events.is_empty() && quarantined.is_empty() && acts.is_empty())
        && (batch.len() <= 1 || !mutants::mutant!("actor-of-several-events-forgotten"));
    is_kept.then_some(Deed { actor, events, types, quarantined, acts })
}

/// What is kept of a try: nothing of one by nobody, nor of a replacement that did not get in.
fn act_of(batch: &Batch, tried: &Try, outcome: &Outcome) -> Option<Act> {
    let (by, why) = tried.by.clone()?;
    let position = match outcome {
        Outcome::Accepted { position } => *position,
        Outcome::Duplicate { of } => *of,
        Outcome::Quarantined { .. } if tried.kind == TryKind::Instead => return None,
        Outcome::Quarantined { .. } => 0,
    };
    let kind = match tried.kind {
        TryKind::Again => ActKind::Redriven,
        TryKind::Instead => ActKind::Replaced,
    };
    Some(Act { id: tried.id, kind, by, why, at: batch.received_at(), position })
}
