//! Facts that rates hang on: codes, rebates, standings, platform rules. One that comes in order touches nobody;
//! one that is effective before trades already held has just those families recomputed whose trades it reaches.

use ledger::{AccountId, Position, ReadError};
use schemas::{Affiliate, Body, Code, Event, Program, Rebate, Timestamp};

use crate::codes::{CodeId, CodeTerms};
use crate::context::Context;
use crate::history::PRESENT;
use crate::state::State;

impl State {
    pub(crate) fn apply_code(
        &mut self,
        position: Position,
        event: &Event<'_>,
        data: &Code<'_>,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        self.note_keyed_command(position, event);
        let code = self.codes.intern(&data.code);
        let owner = self.intern(data.owner_uid);
        self.codes.set_owner(code, owner);
        let terms = CodeTerms::of(data);
        self.codes.get_mut(code).terms.insert(event, position, terms);
        if self.codes.get(code).terms.first(position - 1).is_none() {
            // Who registered with it before it was known is an invitee now.
            let invitees = self.codes.get(code).invitees.iter().copied().collect();
            return self.recompute(invitees, position, context);
        }
        let touched = self.touched_by_terms(code, event.time, position);
        self.rerate(touched, position, Timestamp(i64::MIN), context)
    }

    /// The invitees of a code whose rate at registration a further event of it changes.
    fn touched_by_terms(&self, code: CodeId, time: Timestamp, position: Position) -> Vec<AccountId> {
        let row = self.codes.get(code);
        let first = |upto: Position| row.terms.first(upto).map(|fact| fact.position);
        let after_all = row.last_registration.is_none_or(|last| last < time);
        if after_all && first(position - 1) == first(position) {
            return Vec::new();
        }
        let in_force = |at: Timestamp, upto: Position| {
            row.terms.at(at, upto).or_else(|| row.terms.first(upto)).map(|fact| fact.position)
        };
        let invitees = row.invitees.iter().copied().filter(|invitee| {
            let registered = self.account(*invitee).registered;
            registered.is_some_and(|at| in_force(at.time, position - 1) != in_force(at.time, position))
        });
        invitees.filter(|invitee| self.family_last_activity(*invitee) > Timestamp(i64::MIN)).collect()
    }

    pub(super) fn apply_rebate(
        &mut self,
        position: Position,
        account: AccountId,
        event: &Event<'_>,
        data: &Rebate,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        self.rebates.entry(account).or_default().insert(event, position, data.clone());
        let reaches_trades =
            self.account(account).registered.is_some() && self.family_last_activity(account) >= event.time;
        self.rerate(Vec::from_iter(reaches_trades.then_some(account)), position, event.time, context)
    }

    pub(super) fn apply_affiliate(
        &mut self,
        position: Position,
        account: AccountId,
        event: &Event<'_>,
        data: &Affiliate,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        self.affiliates.entry(account).or_default().insert(event, position, data.clone());
        let codes = self.codes_of(account, PRESENT);
        let invitees = codes.iter().flat_map(|code| self.codes.get(*code).invitees.iter().copied());
        let touched = invitees.filter(|invitee| self.family_last_activity(*invitee) >= event.time).collect();
        self.rerate(touched, position, event.time, context)
    }

    pub(super) fn apply_program(
        &mut self,
        position: Position,
        event: &Event<'_>,
        data: &Program,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        self.program.insert(event, position, data.clone());
        let all = (0..self.accounts.len() as u32).map(AccountId);
        let touched = all.filter(|account| {
            let registered = self.account(*account).registered;
            registered.is_some_and(|registered| registered.parent().is_none() && registered.code().is_some())
        });
        let touched = touched.collect();
        self.rerate(touched, position, event.time, context)
    }

    /// Offers and campaigns: facts that no amount hangs on.
    pub(crate) fn insert_promotion(&mut self, position: Position, event: &Event<'_>) {
        match event.clone().into_owned().body {
            Body::Offer(offer) => {
                let id: Box<str> = (&*offer.id).into();
                self.offers.entry(id).or_default().insert(event, position, offer);
            }
            Body::Campaign(campaign) => {
                let id: Box<str> = (&*campaign.id).into();
                self.campaigns.entry(id).or_default().insert(event, position, campaign);
            }
            Body::Registration(_)
            | Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Trade(_)
            | Body::Reversal(_)
            | Body::Vip(_)
            | Body::Affiliate(_)
            | Body::Code(_)
            | Body::Rebate(_)
            | Body::Note(_)
            | Body::Program(_)
            | Body::Join(_)
            | Body::Application(_) => {}
        }
    }
}
