//! The trades that gave nothing, and those that were taken back, each on its own day.

use std::collections::HashSet;

use ledger::{AccountId, Position, ReadError};
use schemas::{Body, Day, Event, Timestamp, Trade, Usd};

use super::super::walk::WalkedTrade;
use super::super::{DateRange, View};
use super::{ForgoneFilter, ForgoneKind};
use crate::attribution::{Attribution, Owner};
use crate::codes::CodeId;
use crate::history::PRESENT;
use crate::rating::WhyNothing;
use crate::views::Forgone;

/// Why it was forgone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason<'e> {
    /// The rule that withheld it.
    Why(WhyNothing),
    /// What the reversal says.
    Said(&'e str),
}

/// A trade, or what takes it back, that counts on a day of the range.
pub(super) struct Found<'e> {
    /// The trade's place in the ledger.
    pub(super) position: Position,
    pub(super) event: &'e Event<'e>,
    pub(super) trade: &'e Trade<'e>,
    pub(super) attribution: &'e Attribution,
    pub(super) day: Day,
    /// Who would have earned, or had earned.
    pub(super) referrer: AccountId,
    pub(super) code: CodeId,
    pub(super) reason: Reason<'e>,
    pub(super) sum: Forgone,
    /// The reversal, where it counts on that one's day.
    pub(super) reversal: Option<Position>,
}

/// A trade, and what took it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TakenBack {
    pub(super) trade: Position,
    pub(super) reversal: Position,
    pub(super) time: Timestamp,
}

impl View<'_> {
    /// Gives all that was forgone by who registered with these codes, dated in the range.
    pub(super) fn each_forgone(
        &self,
        kind: &ForgoneKind,
        filter: &ForgoneFilter,
        codes: &[CodeId],
        range: DateRange,
        visit: &mut dyn FnMut(&Found<'_>),
    ) -> Result<(), ReadError> {
        match kind {
            ForgoneKind::Withheld(reasons) => self.each_withheld(reasons.as_deref(), filter, codes, range, visit),
            ForgoneKind::Clawbacks(reason) => self.each_clawback(reason.as_deref(), filter, codes, range, visit),
        }
    }

    fn each_withheld(
        &self,
        reasons: Option<&[WhyNothing]>,
        filter: &ForgoneFilter,
        codes: &[CodeId],
        range: DateRange,
        visit: &mut dyn FnMut(&Found<'_>),
    ) -> Result<(), ReadError> {
        for code in codes {
            for head in self.state.codes.get(*code).invitees.iter().copied() {
                if filter.takes_country(self.state.account(head).registered.and_then(|one| one.country)) {
                    self.each_withheld_of(head, reasons, range, visit)?;
                }
            }
        }
        Ok(())
    }

    /// Gives all that was withheld of a registered account and its sub-accounts, dated in the range.
    pub(super) fn each_withheld_of(
        &self,
        head: AccountId,
        reasons: Option<&[WhyNothing]>,
        range: DateRange,
        visit: &mut dyn FnMut(&Found<'_>),
    ) -> Result<(), ReadError> {
        self.walk_all_of_family(head, range, &mut |walked| {
            let reason = walked.rated.reason.filter(|why| reasons.is_none_or(|wanted| wanted.contains(why)));
            if let Some(why) = reason
                && let Some(found) = self.withheld(walked, why)
            {
                visit(&found);
            }
        })
    }

    /// What a trade without commission would have given by the rates that were in force, less what it gave: none where
    /// nobody would have earned.
    fn withheld<'e>(&self, walked: &WalkedTrade<'e>, why: WhyNothing) -> Option<Found<'e>> {
        let WalkedTrade { attribution, trade, trade_event, rated, .. } = *walked;
        let (referrer, code) = owner_of(attribution)?;
        let terms = self.state.terms(attribution, (referrer, code), trade.product.group(), trade_event.time, PRESENT);
        let fee = trade.fee_usd.max(Usd::ZERO);
        let rebate = fee.cut_share(terms.rebate.rate);
        let commission = fee.cut_share(terms.base.rate) - rebate;
        let withheld = Forgone {
            trades: 1,
            fee_usd: trade.fee_usd,
            commission: commission - rated.commission,
            rebate: rebate - rated.rebate,
        };
        let (sum, reversal) = if walked.is_reversal {
            let Forgone { fee_usd, commission, rebate, .. } = withheld;
            let taken_back = Forgone { trades: 0, fee_usd: -fee_usd, commission: -commission, rebate: -rebate };
            (taken_back, self.state.reversal_of(walked.position, PRESENT).map(|fact| fact.position))
        } else {
            (withheld, None)
        };
        Some(Found {
            position: walked.position,
            event: trade_event,
            trade,
            attribution,
            day: walked.day,
            referrer,
            code,
            reason: Reason::Why(why),
            sum,
            reversal,
        })
    }

    fn each_clawback(
        &self,
        wanted: Option<&str>,
        filter: &ForgoneFilter,
        codes: &[CodeId],
        range: DateRange,
        visit: &mut dyn FnMut(&Found<'_>),
    ) -> Result<(), ReadError> {
        let codes: HashSet<CodeId> = codes.iter().copied().collect();
        for taken_back in self.taken_back(range) {
            self.clawback(taken_back, &codes, &mut |found| {
                let is_wanted = match found.reason {
                    Reason::Said(said) => wanted.is_none_or(|wanted| wanted == said),
                    Reason::Why(_) => false,
                };
                if is_wanted && filter.takes_country(found.attribution.country) {
                    visit(found);
                }
            })?;
        }
        Ok(())
    }

    /// The trades whose earliest reversal is dated in the range, in the order of the ledger, which is then read from its
    /// beginning to its end.
    pub(super) fn taken_back(&self, range: DateRange) -> Vec<TakenBack> {
        let taken_back = self.state.reversals.iter().filter_map(|(trade, history)| {
            let earliest = history.first(PRESENT)?;
            let taken_back = TakenBack { trade: *trade, reversal: earliest.position, time: earliest.time };
            range.contains(earliest.time.day()).then_some(taken_back)
        });
        let mut taken_back: Vec<TakenBack> = taken_back.collect();
        taken_back.sort_unstable();
        taken_back
    }

    /// Gives what was taken back with a trade, if that is something, and its invitee registered with one of these codes.
    pub(super) fn clawback(
        &self,
        taken_back: TakenBack,
        codes: &HashSet<CodeId>,
        visit: &mut dyn FnMut(&Found<'_>),
    ) -> Result<(), ReadError> {
        let TakenBack { trade: position, reversal, time } = taken_back;
        let event = self.reader.event(position)?;
        let Body::Trade(trade) = &event.body else { return Ok(()) };
        let account = self.account(trade.uid);
        let Some(attribution) = account.and_then(|account| self.state.attribution(account, PRESENT)) else {
            return Ok(());
        };
        let rated = self.state.rate(Some(&attribution), trade, event.time, PRESENT);
        let Some((referrer, code)) = rated.referrer.filter(|(_, code)| codes.contains(code)) else { return Ok(()) };
        if rated.total().is_zero() {
            return Ok(());
        }
        let reversal_event = self.reader.event(reversal)?;
        if let Body::Reversal(said) = &reversal_event.body {
            visit(&Found {
                position,
                event: &event,
                trade,
                attribution: &attribution,
                day: time.day(),
                referrer,
                code,
                reason: Reason::Said(&said.reason),
                sum: Forgone { trades: 1, fee_usd: trade.fee_usd, commission: rated.commission, rebate: rated.rebate },
                reversal: Some(reversal),
            });
        }
        Ok(())
    }
}

/// Who owns the code of a registration, be it the one who registered.
fn owner_of(attribution: &Attribution) -> Option<(AccountId, CodeId)> {
    let code = attribution.code?;
    match attribution.owner {
        Owner::Referrer(referrer) => Some((referrer, code)),
        Owner::Oneself => Some((attribution.head, code)),
        Owner::Nobody => None,
    }
}
