//! The offers that run today, with a referrer's progress (SPEC 4.6).

use schemas::{Day, Offer, Period, Threshold, Tier, Uid};
use serde_json::{Value, json};

use super::metrics::{self, Figure};
use super::order::latest;
use super::portrait::Portrait;
use super::range::Span;
use super::{Answer, Known};

impl<'a> Known<'a> {
    /// `GET /v1/offers`: by id.
    pub fn offers(&self, uid: Uid) -> Answer {
        let today = self.now.day();
        let invitees = self.portraits(uid, None);
        let running = self.offers_in_force().into_iter().filter(|offer| {
            offer.starts.is_none_or(|starts| starts <= today) && offer.ends.is_none_or(|ends| today <= ends)
        });
        Ok(self.list(running.map(|offer| self.offer_row(uid, offer, &invitees)).collect()))
    }

    /// The latest state of each offer up to now, by id.
    fn offers_in_force(&self) -> Vec<&'a Offer<'static>> {
        let mut ids: Vec<&str> = self.offer_states().map(|(_, offer)| &*offer.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let state =
            |id: &str| latest(self.offer_states().filter(|(entry, offer)| offer.id == id && self.is_past(entry)));
        ids.into_iter().filter_map(state).map(|(_, offer)| offer).collect()
    }

    fn offer_row(&self, uid: Uid, offer: &Offer<'_>, invitees: &[Portrait<'_>]) -> Value {
        let span = running_period(offer, self.now.day());
        let progress: Vec<(bool, Value)> = offer.tiers.iter().map(|tier| tier_progress(tier, invitees, span)).collect();
        let name = |at: usize| &*offer.tiers[at].name;
        let reached = progress.iter().position(|(met, _)| *met);
        // Tiers stand highest first: above the one reached is the one before it, and the last is the lowest.
        let next = match reached {
            Some(at) => at.checked_sub(1),
            None => offer.tiers.len().checked_sub(1),
        };
        json!({
            "id": offer.id,
            "kind": offer.kind,
            "title": offer.title,
            "url": offer.url,
            "period": { "kind": offer.period, "from": span.from, "to": span.to },
            "eligible": !offer.affiliates_only || self.is_approved_affiliate(uid),
            "tiers": progress.iter().map(|(_, shown)| shown).collect::<Vec<_>>(),
            "reached": reached.map(name),
            "next": next.map(name),
        })
    }
}

/// The UTC month or quarter of today, cut to the offer's own dates.
fn running_period(offer: &Offer<'_>, today: Day) -> Span {
    let (first, months) = match offer.period {
        Period::Month => (today.month_start(), 1),
        Period::Quarter => (today.quarter_start(), 3),
    };
    let last = first.last_of_months(months);
    Span {
        from: offer.starts.map_or(first, |starts| starts.max(first)),
        to: offer.ends.map_or(last, |ends| ends.min(last)),
    }
}

/// Whether all conditions of a tier are met, and the tier as shown.
fn tier_progress(tier: &Tier<'_>, invitees: &[Portrait<'_>], span: Span) -> (bool, Value) {
    let mut all_met = true;
    let mut conditions = Vec::new();
    for condition in &tier.all {
        let current = metrics::figure(condition.metric, invitees, span);
        let met = match (current, condition.at_least) {
            (Figure::Count(current), Threshold::Count(least)) => current >= least,
            (Figure::Usd(current), Threshold::Usd(least)) => current >= least.0,
            (figure, least) => unreachable!("{figure:?} is measured by {least:?}"),
        };
        all_met &= met;
        conditions.push(json!({
            "metric": condition.metric, "current": current.shown(), "target": condition.at_least, "met": met,
        }));
    }
    (all_met, json!({ "name": tier.name, "reward": tier.reward, "conditions": conditions, "met": all_met }))
}
