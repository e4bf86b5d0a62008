//! Whether who earns by a code, and at which rates, is the same all along a batch for an account that registered with it.

use ledger::Position;
use schemas::Timestamp;

use super::apart::Marks;
use super::plain::{PlainEvent, Says};
use crate::codes::CodeId;
use crate::history::PRESENT;
use crate::state::State;

/// A fact that rates hang on, of an entry of the batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct RateFact {
    pub(super) position: Position,
    /// From when on it holds.
    pub(super) time: Timestamp,
}

/// Whether one of the facts may be effective before a trade of an account that came earlier than it in the batch. Of a trade
/// taken back there the time is not known.
fn reach_back(facts: &[RateFact], events: &[PlainEvent]) -> bool {
    facts.iter().any(|fact| {
        let mut earlier = events.iter().take_while(|event| event.position < fact.position);
        earlier.any(|event| match event.says {
            Says::Traded(_) => event.time >= fact.time,
            Says::TakesBack => true,
            Says::Did(_) | Says::Vip | Says::NoFigure | Says::Aside => false,
        })
    })
}

/// What a code is in the batch.
#[derive(Clone, Copy, Debug)]
enum InBatch<'m> {
    /// Who earns by it may change.
    Unsettled,
    Settled {
        /// Rates agreed at a registration from this moment on may change.
        registered_before: Timestamp,
        /// Changes of the standing of who earns by it.
        standings: &'m [RateFact],
    },
}

/// The codes of a batch, each looked up once.
pub(super) struct CodesInBatch<'s> {
    state: &'s State,
    marks: &'s Marks,
    known: Vec<Option<InBatch<'s>>>,
}

impl<'s> CodesInBatch<'s> {
    pub(super) fn new(state: &'s State, marks: &'s Marks) -> CodesInBatch<'s> {
        CodesInBatch { state, marks, known: vec![None; state.codes.len()] }
    }

    /// Whether the same account earns from these events of an account, at rates that hold all along the batch. Who
    /// registers in the batch has not registered yet.
    pub(super) fn are_settled(&mut self, code: CodeId, registered: Option<Timestamp>, events: &[PlainEvent]) -> bool {
        let CodesInBatch { state, marks, known } = self;
        match *known[code.0 as usize].get_or_insert_with(|| in_batch(state, marks, code)) {
            InBatch::Unsettled => false,
            InBatch::Settled { registered_before, standings } => {
                let agreed = registered.map_or(registered_before == Timestamp(i64::MAX), |at| at < registered_before);
                agreed && !reach_back(standings, events)
            }
        }
    }
}

fn in_batch<'m>(state: &State, marks: &'m Marks, code: CodeId) -> InBatch<'m> {
    let row = state.codes.get(code);
    let mut registered_before = Timestamp(i64::MAX);
    if let Some(facts) = marks.codes.get(&code) {
        // Its first event settles who earns, and the earliest of them the rates of who registered before it.
        let Some(first) = row.terms.first(PRESENT) else { return InBatch::Unsettled };
        let earliest = facts.iter().map(|fact| fact.time).min().unwrap_or(registered_before);
        if earliest <= first.time {
            return InBatch::Unsettled;
        }
        registered_before = earliest;
    }
    let settled = |standings| InBatch::Settled { registered_before, standings };
    let Some(owner) = row.owner else { return settled(&[][..]) };
    if marks.registers(owner) {
        return InBatch::Unsettled;
    }
    let is_known = state.account(owner).registered.is_some();
    // Who owns a code may stand below others; the chain is whole, or goes apart.
    let referrer = if is_known { state.major(owner, PRESENT).map(|major| major.head) } else { Some(owner) };
    let Some(referrer) = referrer else { return InBatch::Unsettled };
    settled(marks.standings.get(&referrer).map_or(&[][..], Vec::as_slice))
}
