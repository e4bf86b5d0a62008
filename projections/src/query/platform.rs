//! What operators ask about the platform's own settings. Nothing here is about one referrer's data.

use schemas::{Campaign, Day, Offer, Program};

use super::page::{Order, PageRequest, Place, SortValue, Sorting, page};
use super::{QueryError, View};
use crate::history::{Fact, History, PRESENT};
use crate::views::{Dated, List, Phase, PlatformCampaign, PlatformOffer, ProgramRules, Promotion, StandingRow};

impl View<'_> {
    /// The program's rules in force, and every event that set some.
    #[must_use]
    pub fn program_rules(&self) -> ProgramRules {
        let in_force = self.state.program.at(self.now, PRESENT).map_or(Program::BUILT_IN, |fact| fact.value.clone());
        ProgramRules { in_force, history: self.state.program.iter(PRESENT).map(dated).collect() }
    }

    /// Every referrer that has a standing now, by uid.
    ///
    /// # Errors
    /// If the cursor is not this list's.
    pub fn standings(&self, request: &PageRequest) -> Result<List<StandingRow>, QueryError> {
        let held = self.state.affiliates.iter().filter_map(|(account, history)| {
            let uid = self.state.uid(*account);
            let fact = history.at(self.now, PRESENT)?;
            let place = Place { value: Some(SortValue::Number(uid.0.into())), keys: Vec::new() };
            Some((place, (uid, fact, history)))
        });
        let sorting = Sorting { value: Order::Ascending, keys: Order::Ascending };
        page(held, sorting, request, &"standings", self, |(uid, fact, history)| {
            Ok(StandingRow { uid, now: dated(fact), changes_at: self.next_change(history) })
        })
    }

    /// All offers by id, whatever their dates.
    #[must_use]
    pub fn all_offers(&self) -> Vec<PlatformOffer> {
        let offers = self.state.offers.values();
        offers
            .filter_map(|history| self.promotion(history, |offer: &Offer<'_>| (offer.starts, offer.ends), 0))
            .collect()
    }

    /// All campaigns by id, whatever their dates and whoever sees them.
    #[must_use]
    pub fn all_campaigns(&self) -> Vec<PlatformCampaign> {
        let campaigns = self.state.campaigns.iter();
        let shown = campaigns.filter_map(|(id, history)| {
            let joined = self.state.joins.get(id).map_or(0, crate::joined::Joined::len);
            self.promotion(history, |campaign: &Campaign<'_>| (Some(campaign.starts), Some(campaign.ends)), joined)
        });
        shown.collect()
    }

    fn promotion<T: Clone>(
        &self,
        history: &History<T>,
        dates: impl Fn(&T) -> (Option<Day>, Option<Day>),
        joined: usize,
    ) -> Option<Promotion<T>> {
        let in_force = history.at(self.now, PRESENT);
        let fact = in_force.or_else(|| history.first(PRESENT))?;
        let (starts, ends) = dates(&fact.value);
        let today = self.now.day();
        let phase = if ends.is_some_and(|ends| ends < today) {
            Phase::Over
        } else if in_force.is_none() || starts.is_some_and(|starts| today < starts) {
            Phase::ToCome
        } else {
            Phase::Running
        };
        let changes_at = in_force.and_then(|_| self.next_change(history));
        Some(Promotion { phase, state: dated(fact), changes: history.positions().count(), changes_at, joined })
    }

    fn next_change<T>(&self, history: &History<T>) -> Option<schemas::Timestamp> {
        history.iter(PRESENT).map(|fact| fact.time).find(|time| *time > self.now)
    }
}

fn dated<T: Clone>(fact: &Fact<T>) -> Dated<T> {
    let (time, source, id) = fact.order_key();
    Dated { time, position: fact.position, source: source.to_owned(), id: id.to_owned(), value: fact.value.clone() }
}
