//! Offers and campaigns, and who joined which.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ledger::column::Shared;
use schemas::{Body, Campaign, Event, Offer, Timestamp};

use super::parts::lists_apart;
use super::{PromotionKind, PublishedChange, PublishedPromotion};
use crate::history::{Fact, History, PRESENT};
use crate::state::State;

type Promotions<T> = Shared<BTreeMap<Box<str>, History<T>>>;

impl State {
    pub(super) fn each_promotion_changed<E>(
        &self,
        before: &State,
        take: &mut dyn FnMut(PublishedChange<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let from = (before.told_from(), self.told_from());
        let offers = (&before.offers, &self.offers);
        each_changed(PromotionKind::Offer, offers, from, |offer: &Offer<'static>| Body::Offer(offer.clone()), take)?;
        let campaigns = (&before.campaigns, &self.campaigns);
        let body = |campaign: &Campaign<'static>| Body::Campaign(campaign.clone());
        each_changed(PromotionKind::Campaign, campaigns, from, body, take)?;
        for (campaign, joined) in self.joins.entries_apart(&before.joins) {
            let earlier = before.joins.get(campaign);
            // Nobody leaves a campaign.
            for account in joined.iter().filter(|account| earlier.is_none_or(|earlier| !earlier.contains(*account))) {
                take(PublishedChange::Joined { uid: self.uid(account), campaign })?;
            }
        }
        Ok(())
    }
}

fn each_changed<T: Clone, E>(
    kind: PromotionKind,
    (before, now): (&Promotions<T>, &Promotions<T>),
    (from_before, from): (Timestamp, Timestamp),
    body: impl Fn(&T) -> Body<'static>,
    take: &mut dyn FnMut(PublishedChange<'_>) -> Result<(), E>,
) -> Result<(), E> {
    if before.is_same(now) {
        return Ok(());
    }
    for (id, is) in now.iter() {
        let was = before.get(id);
        // States only come: as many are the same ones.
        if was.map_or(0, History::len) == is.len() {
            continue;
        }
        let was = was.map_or_else(Vec::new, |was| states_from(was, from_before, &body));
        for (part, before, now) in lists_apart(&was, &states_from(is, from, &body)) {
            take(PublishedChange::Promotion { kind, id, part, before, now })?;
        }
    }
    Ok(())
}

/// The state in force at a moment, and those that are known to come.
fn states_from<T: Clone>(
    history: &History<T>,
    from: Timestamp,
    body: &impl Fn(&T) -> Body<'static>,
) -> Vec<PublishedPromotion> {
    let state = |fact: &Fact<T>| {
        let (time, source, id) = fact.order_key();
        let own = |text: &str| Cow::Owned(text.to_owned());
        PublishedPromotion(Event { source: own(source), id: own(id), time, body: body(&fact.value) })
    };
    history.at(from, PRESENT).into_iter().chain(history.after(from)).map(state).collect()
}
