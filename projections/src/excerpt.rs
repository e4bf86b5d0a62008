//! An excerpt: a small state with all that a question about one referrer can be answered from, as of an earlier
//! position, and nothing of anybody else.
//!
//! It is planned from the present state, which knows the position of every fact and of every account's events, and
//! made from the ledger's entries without replaying the others ([`ExcerptPlan::make`]). A number is a function of the
//! set of entries, and a question about one referrer hangs on these alone:
//!
//! - the events of the referrer's own family, and of the families of all who registered with a code that one of it
//!   owns: each account that was linked to them by then;
//! - the facts that rates hang on: the platform's rules; the codes in question; whose invitee the referrer is itself,
//!   with the standing of that one; the registrations that lead up from an owner or a sub-account to its major account;
//! - offers and campaigns.
//!
//! So it costs what the referrer's families have of events. It answers as the state of then would: overview, series,
//! countries, cohorts, referrals, codes, rewards, offers, campaigns, account, restatement, and explain for the referrer's own
//! trades and those of its invitees. What is about several referrers or the ledger as a whole (everybody's numbers, the
//! feed, status, quarantine, applications) is not asked of it.

mod making;
mod reach;
mod weight;

use std::num::NonZeroU64;

use ledger::{AccountId, Position};
use schemas::Uid;

use self::reach::Reach;
use crate::event_times::KeptEventTime;
use crate::history::History;
use crate::state::State;

/// Which entries an excerpt is made of: all that has to be asked of the present state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExcerptPlan {
    upto: Position,
    /// The accounts, in the order in which they are numbered.
    accounts: Vec<Uid>,
    /// The codes, likewise.
    codes: Vec<Box<str>>,
    /// The entries of facts, ascending.
    facts: Vec<Position>,
    /// The entries of the families, ascending.
    events: Vec<Position>,
    /// Entries that changed what earlier trades of a family came to.
    late: Vec<(Position, Uid)>,
    event_time: KeptEventTime,
}

impl ExcerptPlan {
    /// How many events the referrer's families have in it.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events.len() as u64
    }

    /// How many accounts, codes and entries it names.
    #[cfg(test)]
    pub(crate) fn size(&self) -> u64 {
        let ExcerptPlan { accounts, codes, facts, events, late, .. } = self;
        (accounts.len() + codes.len() + facts.len() + events.len() + late.len()) as u64
    }

    /// The position that it is as of.
    #[must_use]
    pub fn upto(&self) -> Position {
        self.upto
    }
}

impl State {
    /// Plans an excerpt about a referrer as of a position that this state has reached; none where its families had
    /// more events than so many by then. It takes as many steps as [`State::weight_of_excerpt`] tells.
    #[must_use]
    pub fn plan_excerpt(&self, referrer: Uid, upto: Position, events_max: NonZeroU64) -> Option<ExcerptPlan> {
        let reach = match self.find_account(referrer) {
            Some(account) => Reach::of(self, account, upto, events_max.get())?,
            // Of a uid that nothing is known of there is the platform's standing alone.
            None => Reach::default(),
        };
        let late = reach.accounts.iter().flat_map(|head| self.late_entries_of(*head, upto)).collect();
        Some(ExcerptPlan {
            upto,
            accounts: reach.accounts.iter().map(|account| self.uid(*account)).collect(),
            codes: reach.codes.iter().map(|code| self.codes.get(*code).text.clone()).collect(),
            facts: self.facts_of(&reach, upto),
            events: reach.events,
            late,
            event_time: self.event_times.at(upto),
        })
    }

    fn late_entries_of(&self, head: AccountId, upto: Position) -> impl Iterator<Item = (Position, Uid)> + '_ {
        let late = self.late.by_head.get(&head).into_iter().flatten();
        let uid = self.uid(head);
        late.take_while(move |position| **position <= upto).map(move |position| (*position, uid))
    }

    /// The entries of all facts about accounts and codes, and of those of the platform, up to a position, ascending.
    fn facts_of(&self, reach: &Reach, upto: Position) -> Vec<Position> {
        let mut facts: Vec<Position> = Vec::new();
        facts.extend(self.program.positions());
        facts.extend(self.offers.values().flat_map(History::positions));
        facts.extend(self.campaigns.values().flat_map(History::positions));
        facts.extend(reach.codes.iter().flat_map(|code| self.codes.get(*code).terms.positions()));
        for account in &reach.accounts {
            facts.extend(self.account(*account).registered.map(|registered| registered.position.get()));
            facts.extend(self.affiliates.get(account).into_iter().flat_map(History::positions));
            facts.extend(self.rebates.get(account).into_iter().flat_map(History::positions));
            facts.extend(self.notes.get(account).into_iter().flat_map(History::positions));
            facts.extend(self.applications.get(account).into_iter().flat_map(History::positions));
        }
        facts.retain(|position| *position <= upto);
        facts.sort_unstable();
        facts
    }
}
