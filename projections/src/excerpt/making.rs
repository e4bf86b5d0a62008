//! An excerpt made from its entries: its facts first, and then what was done.
//!
//! Nothing was traded yet when the facts come, so none of them is late; and each trade is rated once, by all facts that
//! there are. What the entries come to is the same in any order; the order of their positions, which decides what stood
//! when, is kept by each fact.

use std::sync::OnceLock;

use ledger::{Position, ReadError};
use schemas::{Body, Event};

use super::ExcerptPlan;
use crate::context::Context;
use crate::state::State;

/// So many entries are read at a time, by all workers.
const READ_TOGETHER: usize = 1 << 16;
/// Fewer than so many are read by whoever applies them.
const READ_ALONE: usize = 512;
/// Parts of what is read together, for each worker: so that none waits long for another.
const PARTS_A_WORKER: usize = 4;

impl ExcerptPlan {
    /// Makes the excerpt: it stands at the position that it was planned for, with what the whole ledger was recorded
    /// and stamped by then.
    ///
    /// # Errors
    /// If an entry cannot be read.
    pub fn make(&self, context: Context<'_>) -> Result<State, ReadError> {
        let mut state = State::new();
        for uid in &self.accounts {
            state.intern(*uid);
        }
        for code in &self.codes {
            state.codes.intern(code);
        }
        let left_out = usize::from(mutants::mutant!("excerpt-leaves-out-a-fact")).min(self.facts.len());
        let facts = &self.facts[..self.facts.len() - left_out];
        each_event(facts, context, |position, event| state.apply_fact(position, event, context))?;
        each_event(&self.events, context, |position, event| state.apply_deed(position, event, context))?;
        for (position, head) in &self.late {
            let head = state.intern(*head);
            state.late.insert(*position, head);
        }
        state.position = self.upto;
        state.recorded_at = Some(context.reader.recorded_at(self.upto)?);
        state.event_time = self.event_time.until(self.upto, context.reader)?;
        Ok(state)
    }
}

impl State {
    /// Takes in a fact while nothing was traded yet.
    fn apply_fact(&mut self, position: Position, event: &Event<'_>, context: Context<'_>) -> Result<(), ReadError> {
        match &event.body {
            Body::Registration(data) => {
                let account = self.intern(data.uid);
                self.apply_body(position, account, event, context)
            }
            Body::Code(data) => self.apply_code(position, event, data, context),
            Body::Affiliate(_)
            | Body::Rebate(_)
            | Body::Note(_)
            | Body::Program(_)
            | Body::Offer(_)
            | Body::Campaign(_)
            | Body::Application(_) => {
                self.insert_fact(position, event);
                Ok(())
            }
            Body::Kyc(_) | Body::Deposit(_) | Body::Trade(_) | Body::Reversal(_) | Body::Vip(_) | Body::Join(_) => {
                Ok(())
            }
        }
    }

    /// Takes in what an account did, where all facts are known. An entry that brought a fact has its place among them.
    fn apply_deed(&mut self, position: Position, event: &Event<'_>, context: Context<'_>) -> Result<(), ReadError> {
        let account = self.index.insert(position, event);
        match (&event.body, account) {
            (
                Body::Kyc(_) | Body::Deposit(_) | Body::Trade(_) | Body::Reversal(_) | Body::Vip(_) | Body::Join(_),
                Some(account),
            ) => self.apply_body(position, account, event, context),
            (
                Body::Kyc(_)
                | Body::Deposit(_)
                | Body::Trade(_)
                | Body::Reversal(_)
                | Body::Vip(_)
                | Body::Join(_)
                | Body::Registration(_)
                | Body::Affiliate(_)
                | Body::Code(_)
                | Body::Rebate(_)
                | Body::Note(_)
                | Body::Program(_)
                | Body::Offer(_)
                | Body::Campaign(_)
                | Body::Application(_),
                _,
            ) => Ok(()),
        }
    }
}

/// Gives the entries at these positions, in their order. Where there are many, the workers read them together.
fn each_event<'r>(
    positions: &[Position],
    context: Context<'r>,
    mut take: impl FnMut(Position, &Event<'r>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    for together in positions.chunks(READ_TOGETHER) {
        if together.len() < READ_ALONE || context.workers.count() == 1 {
            for position in together {
                take(*position, &context.reader.event(*position)?)?;
            }
            continue;
        }
        let parts: Vec<&[Position]> =
            together.chunks(together.len().div_ceil(context.workers.count() * PARTS_A_WORKER)).collect();
        let read: Vec<OnceLock<Result<Vec<Event<'r>>, ReadError>>> = parts.iter().map(|_| OnceLock::new()).collect();
        context.workers.each(parts.len(), &|part| {
            // Each part is read once.
            let _ = read[part].set(parts[part].iter().map(|position| context.reader.event(*position)).collect());
        });
        for (part, events) in parts.into_iter().zip(read) {
            // All are done.
            let events = events.into_inner().unwrap_or_else(|| Ok(Vec::new()))?;
            for (position, event) in part.iter().zip(&events) {
                take(*position, event)?;
            }
        }
    }
    Ok(())
}
