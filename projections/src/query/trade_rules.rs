//! The rules that a trade is measured by: limits and window in force at its time, and who set them.

use schemas::{AffiliateStatus, Program, Timestamp, Uid};

use super::{QueryError, View};
use crate::history::PRESENT;
use crate::views::TradeRules;

impl View<'_> {
    /// The rules for a trade that an account makes at a moment.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn trade_rules(&self, account: Uid, time: Timestamp) -> Result<TradeRules, QueryError> {
        let program = self.state.program_at(time, PRESENT);
        let attribution = self.account(account).and_then(|account| self.state.attribution(account, PRESENT));
        let referrer = attribution.and_then(|attribution| attribution.referrer()).map(|(referrer, _)| referrer);
        let affiliate = referrer
            .and_then(|referrer| self.state.affiliates.get(&referrer))
            .and_then(|history| history.at(time, PRESENT))
            .map(|fact| &fact.value);
        let rules = program.map_or(&Program::BUILT_IN, |(rules, _)| rules);
        let default_window = referrer.and(rules.default_futures_window_days);
        Ok(TradeRules {
            program: rules.clone(),
            program_event: program.map(|(_, position)| self.event_ref(position)).transpose()?,
            counts_from: attribution.map(|attribution| attribution.since),
            invitee_registered_at: attribution.map(|attribution| attribution.registered_at),
            futures_window_days: affiliate.map_or(default_window, |affiliate| affiliate.futures_window_days),
            is_suspended: affiliate.is_some_and(|affiliate| affiliate.status == AffiliateStatus::Suspended),
        })
    }
}
