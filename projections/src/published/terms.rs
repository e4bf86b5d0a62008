//! Codes with their terms, standings and rules, as rows tell them: what holds at a moment, and what is known to come.

use schemas::{Affiliate, Program, Timestamp};

use super::{PublishedCode, PublishedRules, PublishedStanding, PublishedTerms};
use crate::codes::{CodeId, CodeTerms};
use crate::history::{Fact, History, PRESENT};
use crate::state::State;

impl State {
    /// The moment from which on rows answer: that of the last frame.
    pub(super) fn told_from(&self) -> Timestamp {
        self.recorded_at.unwrap_or(Timestamp(i64::MIN))
    }

    /// A code's owner, with what it has of the code.
    pub(super) fn published_code(&self, code: CodeId) -> Option<(schemas::Uid, PublishedCode)> {
        if code.0 as usize >= self.codes.len() {
            return None;
        }
        let owner = self.uid(self.code_owner(code, PRESENT)?);
        let row = self.codes.get(code);
        let created_at = row.terms.first(PRESENT)?.time;
        let held = row.slices.iter().filter_map(|(_, slice)| slice.days());
        let days = held.reduce(|(first, last), (from, to)| (first.min(from), last.max(to)));
        let terms = terms_from(&row.terms, self.told_from());
        // There are fewer accounts than 2^32.
        Some((owner, PublishedCode { created_at, days, invitees: row.invitees.len() as u32, terms }))
    }

    /// The rules of the platform in force, and those that are known to come.
    pub(super) fn published_rules(&self) -> Vec<PublishedRules> {
        let from = self.told_from();
        self.program.at(from, PRESENT).into_iter().chain(self.program.after(from)).map(rules).collect()
    }
}

/// The terms of a code from a moment on: those in force then, those that made it the default last, and all that come.
fn terms_from(history: &History<CodeTerms>, from: Timestamp) -> Vec<PublishedTerms> {
    let in_force = history.at(from, PRESENT);
    let default = history.iter(PRESENT).rev().find(|fact| fact.time <= from && fact.value.is_default);
    let earlier = default.filter(|default| in_force.is_none_or(|in_force| in_force.position != default.position));
    earlier.into_iter().chain(in_force).chain(history.after(from)).map(terms).collect()
}

fn terms(fact: &Fact<CodeTerms>) -> PublishedTerms {
    let (time, source, id) = fact.order_key();
    let CodeTerms { spot_rebate_rate, futures_rebate_rate, note, is_default } = &fact.value;
    PublishedTerms {
        time,
        source: source.to_owned(),
        id: id.to_owned(),
        spot_rebate_rate: *spot_rebate_rate,
        futures_rebate_rate: *futures_rebate_rate,
        note: note.to_string(),
        is_default: *is_default,
    }
}

fn rules(fact: &Fact<Program>) -> PublishedRules {
    let (time, source, id) = fact.order_key();
    PublishedRules { time, source: source.to_owned(), id: id.to_owned(), rules: fact.value.clone() }
}

/// All standings of a referrer: its account tells them all.
pub(super) fn standings(history: &History<Affiliate>) -> Vec<PublishedStanding> {
    let facts = history.iter(PRESENT).map(|fact| {
        let (time, source, id) = fact.order_key();
        let (source, id) = (source.to_owned(), id.to_owned());
        PublishedStanding { time, source, id, position: fact.position, standing: fact.value.clone() }
    });
    facts.collect()
}
