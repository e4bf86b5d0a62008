//! Who did what, beside the events in an answer. An affiliate sees of that what it did itself: who else did something, and
//! from where, is not its to know.

use ledger::{LedgerReader, Position, ReadError};
use projections::views;
use schemas::Uid;

use super::Asked;
use crate::caller::{Caller, Role};
use crate::problem::Problem;
use crate::views::{
    Account, Actor, Changes, EntryDetail, Explained, ForgoneTrades, RateInForce, ReferralDetail, ReferralHistory,
    Search, Shown, TradeRules,
};

/// Who did what, as far as that is kept.
pub trait WhoDid: Send + Sync {
    /// Who the event at a position is of.
    ///
    /// # Errors
    /// If there is no such position, or it cannot be read.
    fn who_did(&self, position: Position) -> Result<Option<ledger::Actor>, ReadError>;
}

impl WhoDid for LedgerReader {
    fn who_did(&self, position: Position) -> Result<Option<ledger::Actor>, ReadError> {
        self.actor(position)
    }
}

impl Caller {
    /// Whether it may see that an actor did something.
    fn sees(&self, actor: &ledger::Actor) -> bool {
        self.own_data_of().is_none_or(|own| {
            actor.role == Role::Affiliate.as_str() && actor.who.as_deref() == Some(own.to_string().as_str())
        })
    }
}

/// Who did what, for one that asks.
#[derive(Clone, Copy)]
pub(crate) struct Actors<'a> {
    pub(crate) who: &'a dyn WhoDid,
    pub(crate) caller: &'a Caller,
}

impl<'a> Asked<'a> {
    /// Who the event at a position is of, as far as that is kept and who asks may see it.
    ///
    /// # Errors
    /// If there is no such position, or it cannot be read.
    pub fn actor(&self, position: u64) -> Result<Option<Actor>, Problem> {
        self.actors().actor(position)
    }

    /// Who did what, for who asks this.
    pub(crate) fn actors(&self) -> Actors<'a> {
        Actors { who: self.who, caller: self.caller }
    }
}

impl Actors<'_> {
    /// Who the event at a position is of, as far as that is kept and its caller may see it.
    fn actor(&self, position: u64) -> Result<Option<Actor>, Problem> {
        let actor = self.who.who_did(position).map_err(|error| Problem::internal(&error))?;
        Ok(actor.filter(|actor| self.caller.sees(actor)).map(Actor::from))
    }

    /// A trade explained, with who its events are of.
    pub(crate) fn explained(&self, explained: views::Explained) -> Result<Explained, Problem> {
        let mut shown = explained.shown();
        shown.actor = self.actor(shown.position)?;
        for rate in [&mut shown.base_rate, &mut shown.rebate_rate] {
            if let Some(RateInForce { event: Some(event), .. }) = rate {
                event.actor = self.actor(event.position)?;
            }
        }
        if let Some(reversal) = &mut shown.reversal {
            reversal.actor = self.actor(reversal.position)?;
        }
        Ok(shown)
    }

    /// An invitee, with who the events of its trades are of.
    pub(crate) fn referral_detail(&self, detail: views::ReferralDetail) -> Result<ReferralDetail, Problem> {
        let views::ReferralDetail { referral, trades, as_of } = detail;
        let trades = trades.into_iter().map(|trade| self.explained(trade)).collect::<Result<_, _>>()?;
        Ok(ReferralDetail { referral: referral.shown(), trades, as_of: as_of.shown() })
    }

    /// An invitee in a range of days, with who the events are of.
    pub(crate) fn referral_history(
        &self,
        invitee: Uid,
        (range, agreed): (views::InviteeRange, Vec<views::AgreedRates>),
        as_of: views::AsOf,
    ) -> Result<ReferralHistory, Problem> {
        let views::InviteeRange { range, records, trades, trades_total } = range;
        let trades = trades.into_iter().map(|trade| self.explained(trade)).collect::<Result<_, _>>()?;
        let mut rates = agreed.shown();
        for rates in &mut rates {
            rates.event.actor = self.actor(rates.event.position)?;
        }
        let (from, to, records, as_of) = (range.from, range.to, records.shown(), as_of.shown());
        Ok(ReferralHistory { invitee_uid: invitee, from, to, records, trades, trades_total, rates, as_of })
    }

    /// What a trade was measured by, with who set it.
    pub(crate) fn trade_rules(
        &self,
        trade: views::Explained,
        rules: views::TradeRules,
        as_of: views::AsOf,
    ) -> Result<TradeRules, Problem> {
        let mut event = rules.program_event.shown();
        if let Some(event) = &mut event {
            event.actor = self.actor(event.position)?;
        }
        let views::Explained { account_uid, invitee_uid, referrer_uid, code, .. } = trade;
        Ok(TradeRules {
            account_uid,
            invitee_uid,
            referrer_uid,
            code,
            default_spot_rate: rules.program.default_spot_rate,
            default_futures_rate: rules.program.default_futures_rate,
            default_futures_window_days: rules.program.default_futures_window_days,
            spot_vip_max: rules.program.spot_vip_max,
            futures_vip_max: rules.program.futures_vip_max,
            event,
            counts_from: rules.counts_from,
            invitee_registered_at: rules.invitee_registered_at,
            futures_window_days: rules.futures_window_days,
            suspended: rules.is_suspended,
            as_of: as_of.shown(),
        })
    }

    /// What changed the terms, with who the events are of.
    pub(crate) fn changes(&self, changes: views::Changes) -> Result<Changes, Problem> {
        let mut shown = changes.shown();
        for row in &mut shown.list.rows {
            row.event.actor = self.actor(row.event.position)?;
        }
        Ok(shown)
    }

    /// What was found, with who the events are of.
    pub(crate) fn search(&self, search: views::Search) -> Result<Search, Problem> {
        let mut shown = search.shown();
        for event in shown.rows.iter_mut().filter_map(|row| row.event.as_mut()) {
            event.actor = self.actor(event.position)?;
        }
        Ok(shown)
    }

    /// Trades that were withheld or taken back, with who the reversals are of.
    pub(crate) fn forgone_trades(&self, trades: views::ForgoneTrades) -> Result<ForgoneTrades, Problem> {
        let mut shown = trades.shown();
        for reversal in shown.list.rows.iter_mut().filter_map(|row| row.reversal.as_mut()) {
            reversal.actor = self.actor(reversal.position)?;
        }
        Ok(shown)
    }

    /// An entry, with who it is of.
    pub(crate) fn entry(&self, entry: views::EntryDetail) -> Result<EntryDetail, Problem> {
        let mut shown = entry.shown();
        shown.entry.actor = self.actor(shown.entry.position)?;
        Ok(shown)
    }

    /// A referrer's standing, with who the events of its history are of.
    pub(crate) fn account(&self, account: views::Account) -> Result<Account, Problem> {
        let positions: Vec<u64> = account.history.iter().map(|event| event.position).collect();
        let mut shown = account.shown();
        for (event, position) in shown.history.iter_mut().zip(positions) {
            event.actor = self.actor(position)?;
        }
        Ok(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_affiliate_sees_of_who_did_something_itself_alone() {
        let by = |who: Option<&str>, role: &str| ledger::Actor {
            who: who.map(str::to_owned),
            role: role.to_owned(),
            address: None,
            request_id: None,
        };
        let own = Caller::affiliate(Uid(7));
        assert!(own.sees(&by(Some("7"), "affiliate")));
        for other in [by(Some("8"), "affiliate"), by(Some("7"), "operator"), by(None, "affiliate")] {
            assert!(!own.sees(&other), "{other:?}");
            assert!(Caller::operator().sees(&other));
        }
    }
}
