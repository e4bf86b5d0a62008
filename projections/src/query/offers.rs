//! Offers with a referrer's progress, and campaigns (SPEC 4.6).

mod progress;

use schemas::{Offer, Period, Uid, Visibility};

use self::progress::Progress;
use super::page::{Order, PageRequest, Paging, Place, SortValue, Sorting, page};
use super::{DateRange, QueryError, View};
use crate::history::PRESENT;
use crate::views::{CampaignRow, ConditionProgress, List, OfferRow, RunningPeriod, TierProgress};

impl View<'_> {
    /// `GET /v1/offers`: the offers that run today, with the referrer's progress, by id.
    ///
    /// # Errors
    /// If the cursor is not this list's, or the ledger cannot be read.
    pub fn offers(&self, uid: Uid, request: &PageRequest) -> Result<List<OfferRow>, QueryError> {
        let sorting = Sorting { value: Order::Ascending, keys: Order::Ascending };
        let mut paging = Paging::begin(sorting, request, &question(uid), self)?;
        let in_force = self.state.offers.iter().filter_map(|(id, history)| {
            let offer = &history.at(self.now, PRESENT)?.value;
            self.runs(offer).then(|| (by_id(id), (self.period_of(offer), offer)))
        });
        let (places, asked): (Vec<Place>, Vec<_>) = in_force.unzip();
        let progress = Progress::of_all(self, uid, &asked)?;
        for (place, row) in places.into_iter().zip(asked.iter().zip(progress)) {
            paging.add(place.value, || place.keys, row);
        }
        paging.finish(self, |((range, offer), progress)| Ok(self.offer_row(uid, *range, offer, &progress)))
    }

    /// Whether cells alone hold what the offers that run today ask for, so that no trade has to be read.
    #[must_use]
    pub fn offers_need_no_trades(&self) -> bool {
        let in_force = self.state.offers.values().filter_map(|history| history.at(self.now, PRESENT));
        let mut running = in_force.map(|fact| &fact.value).filter(|offer| self.runs(offer));
        running.all(|offer| !progress::needs_trades_of(offer))
    }

    fn runs(&self, offer: &Offer<'_>) -> bool {
        let today = self.now.day();
        offer.starts.is_none_or(|starts| starts <= today) && offer.ends.is_none_or(|ends| today <= ends)
    }

    /// The offer's period that runs today, as far as the offer runs in it.
    fn period_of(&self, offer: &Offer<'_>) -> DateRange {
        let today = self.now.day();
        let (from, to) = match offer.period {
            Period::Month => (today.month_start(), today.month_start().last_of_months(1)),
            Period::Quarter => (today.quarter_start(), today.quarter_start().last_of_months(3)),
        };
        DateRange {
            from: offer.starts.map_or(from, |starts| starts.max(from)),
            to: offer.ends.map_or(to, |ends| ends.min(to)),
        }
    }

    fn offer_row(&self, uid: Uid, range: DateRange, offer: &Offer<'_>, progress: &Progress) -> OfferRow {
        let tiers: Vec<TierProgress> = offer
            .tiers
            .iter()
            .map(|tier| {
                let conditions: Vec<ConditionProgress> = tier
                    .all
                    .iter()
                    .map(|condition| {
                        let current = progress.value(condition.metric);
                        let met = current >= condition.at_least;
                        ConditionProgress { metric: condition.metric, current, target: condition.at_least, met }
                    })
                    .collect();
                let met = conditions.iter().all(|condition| condition.met);
                TierProgress { name: tier.name.to_string(), reward: tier.reward.to_string(), conditions, met }
            })
            .collect();
        let (reached, next) = reached_and_next(&tiers);
        OfferRow {
            id: offer.id.to_string(),
            kind: offer.kind,
            title: offer.title.to_string(),
            url: offer.url.to_string(),
            period: RunningPeriod { kind: offer.period, from: range.from, to: range.to },
            eligible: !offer.affiliates_only || self.is_approved_affiliate(uid),
            reached,
            next,
            tiers,
        }
    }

    /// `GET /v1/campaigns`: those ongoing, by id; exclusive ones only to approved affiliates.
    ///
    /// # Errors
    /// If the cursor is not this list's.
    pub fn campaigns(
        &self,
        uid: Uid,
        visibility: Option<Visibility>,
        request: &PageRequest,
    ) -> Result<List<CampaignRow>, QueryError> {
        let rows = self.visible_campaigns(uid).into_iter();
        let wanted = rows.filter(|row| visibility.is_none_or(|wanted| row.visibility == wanted));
        let places = wanted.map(|row| (by_id(&row.id), row));
        let sorting = Sorting { value: Order::Ascending, keys: Order::Ascending };
        page(places, sorting, request, &("campaigns", uid, visibility), self, Ok)
    }

    /// One campaign that the list shows to this referrer.
    ///
    /// # Errors
    /// If the list does not show it.
    pub fn campaign(&self, uid: Uid, id: &str) -> Result<CampaignRow, QueryError> {
        let found = self.visible_campaigns(uid).into_iter().find(|row| row.id == id);
        found.ok_or_else(|| QueryError::NotFound { what: "campaign", name: id.to_owned() })
    }

    fn visible_campaigns(&self, uid: Uid) -> Vec<CampaignRow> {
        let today = self.now.day();
        let is_approved = self.is_approved_affiliate(uid);
        let default_code = self.default_code_text(uid);
        let in_force = self.state.campaigns.values().filter_map(|history| history.at(self.now, PRESENT));
        let ongoing = in_force.map(|fact| &fact.value).filter(|campaign| {
            campaign.starts <= today
                && today <= campaign.ends
                && (campaign.visibility == Visibility::Public || is_approved)
        });
        let rows = ongoing.map(|campaign| {
            let joined = self.account(uid).is_some_and(|account| {
                self.state.joins.get(&*campaign.id).is_some_and(|joined| joined.contains(account))
            });
            CampaignRow {
                id: campaign.id.to_string(),
                visibility: campaign.visibility,
                title: campaign.title.to_string(),
                description: campaign.description.to_string(),
                url: campaign.url.to_string(),
                starts: campaign.starts,
                ends: campaign.ends,
                joined,
                share_link: joined.then(|| self.links.campaign(&campaign.id, default_code.as_deref())),
            }
        });
        rows.collect()
    }
}

/// The names of the first tier from the top that is met, and of the one above it: the lowest if none is reached, none at the
/// top.
pub(super) fn reached_and_next(tiers: &[TierProgress]) -> (Option<String>, Option<String>) {
    let reached = tiers.iter().position(|tier| tier.met);
    let next = match reached {
        Some(at) => at.checked_sub(1),
        None => tiers.len().checked_sub(1),
    };
    let name = |at: usize| tiers.get(at).map(|tier| tier.name.clone());
    (reached.and_then(name), next.and_then(name))
}

/// What a cursor of the list of offers belongs to.
pub(super) fn question(uid: Uid) -> impl std::fmt::Debug {
    ("offers", uid)
}

pub(super) fn by_id(id: &str) -> Place {
    Place { value: Some(SortValue::Text(id.to_owned())), keys: Vec::new() }
}
