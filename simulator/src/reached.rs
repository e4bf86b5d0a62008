//! What a history came to hold, told from the accepted events in their order.

use std::collections::{BTreeMap, BTreeSet};

use schemas::{Body, Event, Timestamp, Uid, Usd};

use crate::situations::{Met, Situation};

/// Notes the situations that lie in the order of these events, each once.
pub(crate) fn note(accepted: &[Event<'static>], met: &mut Met) {
    let mut seen = Seen::default();
    for event in accepted {
        seen.take(event);
    }
    met.note_if(seen.parents.keys().any(|uid| seen.is_in_circle(*uid)), Situation::Circle);
    met.note_if(seen.invitees.values().any(|count| *count > 64), Situation::ManyInvitees);
    seen.situations.into_iter().for_each(|situation| met.note(situation));
}

#[derive(Default)]
struct Seen<'a> {
    registered: BTreeSet<Uid>,
    parents: BTreeMap<Uid, Uid>,
    awaited_parents: BTreeSet<Uid>,
    traders: BTreeSet<Uid>,
    latest_trade: Option<Timestamp>,
    trades: BTreeSet<(Uid, &'a str, &'a str)>,
    codes: BTreeSet<&'a str>,
    /// Major accounts by the code of their registration.
    invitees: BTreeMap<&'a str, u32>,
    reversed: BTreeSet<(Uid, &'a str, &'a str)>,
    situations: BTreeSet<Situation>,
}

impl<'a> Seen<'a> {
    fn take(&mut self, event: &'a Event<'static>) {
        match &event.body {
            Body::Registration(registration) => {
                self.note_if(self.traders.contains(&registration.uid), Situation::LateRegistration);
                self.note_if(self.awaited_parents.contains(&registration.uid), Situation::LateParent);
                self.registered.insert(registration.uid);
                match (registration.parent_uid, &registration.code) {
                    (Some(parent), _) => {
                        self.parents.insert(registration.uid, parent);
                        if !self.registered.contains(&parent) {
                            self.awaited_parents.insert(parent);
                        }
                    }
                    (None, Some(code)) => *self.invitees.entry(code).or_default() += 1,
                    (None, None) => {}
                }
            }
            Body::Code(code) => {
                let is_late = !self.codes.contains(&*code.code) && self.invitees.contains_key(&*code.code);
                self.note_if(is_late, Situation::LateCode);
                self.codes.insert(&code.code);
            }
            Body::Trade(trade) => {
                let name = (trade.uid, &*event.source, &*event.id);
                self.note_if(self.reversed.contains(&name), Situation::ReversalFirst);
                self.note_if(trade.fee_usd == Usd(Usd::EVENT_LIMIT - 1), Situation::LargeAmount);
                self.trades.insert(name);
                self.traders.insert(trade.uid);
                self.latest_trade = self.latest_trade.max(Some(event.time));
            }
            Body::Reversal(reversal) => {
                self.reversed.insert((reversal.uid, &*reversal.trade_source, &*reversal.trade_id));
            }
            Body::Affiliate(_) | Body::Program(_) | Body::Rebate(_) => {
                self.note_if(self.latest_trade > Some(event.time), Situation::LateRate);
            }
            Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Vip(_)
            | Body::Note(_)
            | Body::Offer(_)
            | Body::Campaign(_)
            | Body::Join(_)
            | Body::Application(_) => {}
        }
    }

    fn note_if(&mut self, holds: bool, situation: Situation) {
        if holds {
            self.situations.insert(situation);
        }
    }

    fn is_in_circle(&self, uid: Uid) -> bool {
        let mut at = uid;
        // A chain is no longer than there are accounts with a parent.
        for _ in 0..=self.parents.len() {
            match self.parents.get(&at) {
                Some(parent) if *parent == uid => return true,
                Some(parent) => at = *parent,
                None => return false,
            }
        }
        false
    }
}
