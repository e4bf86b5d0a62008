//! A trade as explain shows it (SPEC 4.4), for who reads all of them: names and postings are given one by one, and
//! nothing is written out that an answer would only copy.

use ledger::{AccountId, Position};
use schemas::{Body, Event, Rate, Uid, Usd};

use super::{PostingAccount, View};
use crate::attribution::Attribution;
use crate::history::PRESENT;
use crate::rating::{Rated, WhyNothing};
use crate::terms::RateInForce;
use crate::views::Side;

/// A rate in force, and the entry that set it; none for a built-in default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateSet {
    /// The rate; a rebate rate as capped.
    pub rate: Rate,
    /// The position of the event that set it.
    pub set_by: Option<Position>,
}

impl From<RateInForce> for RateSet {
    fn from(rate: RateInForce) -> RateSet {
        RateSet { rate: rate.rate, set_by: rate.set_by }
    }
}

/// A posting made for a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostingMade {
    /// The entry that made it.
    pub position: Position,
    /// On which account.
    pub account: PostingAccount,
    /// On which side.
    pub side: Side,
    /// The amount, above 0.
    pub amount: Usd,
}

/// A trade, rated by all facts up to the state's position: the fields of explain.
#[derive(Clone, Copy, Debug)]
pub struct RatedTrade<'v> {
    /// The invitee: the major account behind it; none where it is not registered.
    pub invitee_uid: Option<Uid>,
    /// The parent of a sub or other account.
    pub parent_uid: Option<Uid>,
    /// Who earns; none if the trade is not attributed.
    pub referrer_uid: Option<Uid>,
    /// The code in the invitee's registration, whoever owns it.
    pub code: Option<&'v str>,
    /// The referrer's base rate; none if the trade is not attributed.
    pub base_rate: Option<RateSet>,
    /// The invitee's rebate rate, capped; none if the trade is not attributed.
    pub rebate_rate: Option<RateSet>,
    /// Whether it is an eligible trade (SPEC 2).
    pub eligible: bool,
    /// Why there is no commission; none where there is one.
    pub reason: Option<WhyNothing>,
    /// What the referrer earns.
    pub commission: Usd,
    /// What the invitee earns.
    pub rebate: Usd,
    /// The reversal that took it back, if any.
    pub reversed_by: Option<Position>,
    account: AccountId,
    head: Option<AccountId>,
    rated: Rated,
    position: Position,
}

impl RatedTrade<'_> {
    /// `commission + rebate`.
    #[must_use]
    pub fn total(&self) -> Usd {
        self.commission + self.rebate
    }
}

impl<'a> View<'a> {
    /// The trade at a position, rated; none where the event is no trade.
    #[must_use]
    pub fn rated_trade(&self, position: Position, event: &Event<'_>) -> Option<RatedTrade<'a>> {
        let Body::Trade(trade) = &event.body else { return None };
        let state = self.state;
        let account = state.find_account(trade.uid)?;
        let attribution = state.attribution(account, PRESENT);
        let rated = state.rate(attribution.as_ref(), trade, event.time, PRESENT);
        let Rated { referrer, base, rebate_rate, eligible, reason, commission, rebate } = rated;
        let parent = state.account(account).registered.and_then(|registered| registered.parent());
        let code = attribution.and_then(|attribution| attribution.code);
        Some(RatedTrade {
            invitee_uid: attribution.map(|Attribution { head, .. }| state.uid(head)),
            parent_uid: parent.map(|parent| state.uid(parent)),
            referrer_uid: referrer.map(|(referrer, _)| state.uid(referrer)),
            code: code.map(|code| &*state.codes.get(code).text),
            base_rate: base.map(RateSet::from),
            rebate_rate: rebate_rate.map(RateSet::from),
            eligible,
            reason,
            commission,
            rebate,
            reversed_by: state.reversal_of(position, PRESENT).map(|fact| fact.position),
            account,
            head: attribution.map(|attribution| attribution.head),
            rated,
            position,
        })
    }

    /// Gives every posting made for a trade, by whichever entry, by position, in the order of explain. Only its own entry,
    /// its reversals, and the late entries that touched its family can have made one.
    pub fn each_posting_of(&self, rated: &RatedTrade<'_>, event: &Event<'_>, visit: &mut dyn FnMut(&PostingMade)) {
        let Body::Trade(trade) = &event.body else { return };
        let late = rated.head.and_then(|head| self.state.late.by_head.get(&head));
        let touched = late.into_iter().flatten().any(|entry| *entry >= rated.position);
        let reversals = self.state.reversals.get(&rated.position);
        if !touched && reversals.is_none() {
            // Its own entry alone posted for it, and what that posted still stands.
            return self.each_posting_of_its_entry(rated, visit);
        }
        let mut entries = vec![rated.position];
        entries.extend(reversals.into_iter().flat_map(|history| history.positions()));
        entries.extend(late.into_iter().flatten());
        entries.retain(|entry| *entry >= rated.position);
        entries.sort_unstable();
        entries.dedup();
        for entry in entries {
            for made in self.posted_by(entry, rated.position, rated.account, event, trade) {
                visit(&PostingMade { position: entry, account: made.account, side: made.side, amount: made.amount });
            }
        }
    }

    fn each_posting_of_its_entry(&self, rated: &RatedTrade<'_>, visit: &mut dyn FnMut(&PostingMade)) {
        let Some(head) = rated.head else { return };
        let Some(posted) = self.state.posted(rated.position, head, &rated.rated, PRESENT) else { return };
        let mut give = |account, side, amount: Usd| {
            if !amount.is_zero() {
                visit(&PostingMade { position: rated.position, account, side, amount });
            }
        };
        give(PostingAccount::CommissionExpense, Side::Debit, posted.commission + posted.rebate);
        let commission = (self.state.uid(posted.referrer), posted.commission);
        let rebate = (self.state.uid(posted.invitee), posted.rebate);
        let (first, second) = if commission.0 < rebate.0 { (commission, rebate) } else { (rebate, commission) };
        give(PostingAccount::Payable(first.0), Side::Credit, first.1);
        give(PostingAccount::Payable(second.0), Side::Credit, second.1);
    }
}
