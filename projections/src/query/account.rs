//! A referrer's standing and base rates.

use ledger::AccountId;
use schemas::{ProductGroup, Rate, Uid};

use super::{QueryError, View};
use crate::history::PRESENT;
use crate::views::{Account, Standing, StandingEvent};

impl View<'_> {
    /// `GET /v1/account`. A uid never seen has the standing `none` and the platform's rates.
    ///
    /// # Errors
    /// None: every uid has an answer.
    pub fn account_standing(&self, uid: Uid) -> Result<Account, QueryError> {
        let account = self.account(uid);
        let history = account.and_then(|account| self.state.affiliates.get(&account));
        let in_force = history.and_then(|history| history.at(self.now, PRESENT));
        let rates = match in_force {
            Some(fact) => (fact.value.spot_rate, fact.value.futures_rate, fact.value.futures_window_days),
            None => self.default_rates(),
        };
        let facts = history.into_iter().flat_map(|history| history.iter(PRESENT));
        let history = facts.filter(|fact| fact.time <= self.now).map(|fact| StandingEvent {
            time: fact.time,
            status: fact.value.status.into(),
            spot_rate: fact.value.spot_rate,
            futures_rate: fact.value.futures_rate,
            futures_window_days: fact.value.futures_window_days,
            position: fact.position,
        });
        Ok(Account {
            uid,
            status: account.map_or(Standing::None, |account| self.standing_now(account)),
            spot_rate: rates.0,
            futures_rate: rates.1,
            futures_window_days: rates.2,
            history: history.collect(),
            default_code: self.default_code_text(uid),
            as_of: self.as_of(),
        })
    }

    /// A referrer's standing now.
    pub(super) fn standing_now(&self, referrer: AccountId) -> Standing {
        let history = self.state.affiliates.get(&referrer);
        let in_force = history.and_then(|history| history.at(self.now, PRESENT));
        in_force.map_or(Standing::None, |fact| fact.value.status.into())
    }

    fn default_rates(&self) -> (Rate, Rate, Option<u16>) {
        let program = self.state.program_at(self.now, PRESENT).map_or(&schemas::Program::BUILT_IN, |(rules, _)| rules);
        (program.default_spot_rate, program.default_futures_rate, program.default_futures_window_days)
    }

    /// The base rates of a referrer in force now: spot, futures. A rebate may not lie above them (SPEC 4.2).
    #[must_use]
    pub fn base_rates_now(&self, uid: Uid) -> (Rate, Rate) {
        match self.account(uid) {
            Some(account) => (
                self.state.base_rate(account, ProductGroup::Spot, self.now).0,
                self.state.base_rate(account, ProductGroup::Futures, self.now).0,
            ),
            None => {
                let (spot, futures, _) = self.default_rates();
                (spot, futures)
            }
        }
    }
}
