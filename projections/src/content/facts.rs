//! Facts: of each the position of the entry that brought it, from which it is read again.

use ledger::Position;
use schemas::{Body, Event, Uid};

use super::parts::{POSITIONS, Parts, Section};
use crate::codes::CodeTerms;
use crate::state::State;

impl State {
    pub(super) fn write_facts<E>(&self, parts: &mut Parts<'_, E>) -> Result<(), E> {
        let facts = self.fact_positions().map(|position| (position, ())).collect();
        parts.stretches(Section::Facts, POSITIONS, facts, |(), _| {})
    }

    pub(crate) fn insert_fact(&mut self, position: Position, event: &Event<'_>) {
        let account = |uid: Uid| self.index.account(uid);
        match &event.body {
            Body::Program(data) => self.program.insert(event, position, data.clone()),
            Body::Affiliate(data) => {
                if let Some(account) = account(data.uid) {
                    self.affiliates.entry(account).or_default().insert(event, position, data.clone());
                }
            }
            Body::Rebate(data) => {
                if let Some(account) = account(data.uid) {
                    self.rebates.entry(account).or_default().insert(event, position, data.clone());
                }
            }
            Body::Note(data) => {
                if let Some(account) = account(data.uid) {
                    self.notes.entry(account).or_default().insert(event, position, (&*data.note).into());
                }
            }
            Body::Application(data) => {
                if let Some(account) = account(data.uid) {
                    self.applications.entry(account).or_default().insert(event, position, ());
                }
            }
            Body::Code(data) => {
                let code = self.codes.intern(&data.code);
                self.codes.get_mut(code).terms.insert(event, position, CodeTerms::of(data));
            }
            Body::Offer(_) | Body::Campaign(_) => self.insert_promotion(position, event),
            Body::Registration(_)
            | Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Trade(_)
            | Body::Reversal(_)
            | Body::Vip(_)
            | Body::Join(_) => {}
        }
    }
}
