//! One row of the referral list (SPEC 4.1): what is known of an invitee.

use ledger::{AccountId, ReadError};
use schemas::{ProductGroup, Timestamp};

use super::View;
use crate::accounts::{NEVER, Registered, VipMark};
use crate::codes::CodeId;
use crate::family::later_mark;
use crate::firsts::First;
use crate::history::PRESENT;
use crate::views::ReferralRow;

/// An invitee of a referrer: the family's major account, and what it counts as.
#[derive(Clone, Copy)]
pub(super) struct Invitee {
    pub(super) head: AccountId,
    pub(super) code: CodeId,
    pub(super) registered: Registered,
}

impl View<'_> {
    pub(super) fn invitee(&self, head: AccountId, code: CodeId) -> Option<Invitee> {
        self.state.account(head).registered.map(|registered| Invitee { head, code, registered })
    }

    pub(super) fn verified_at(&self, invitee: &Invitee) -> Option<Timestamp> {
        moment(self.state.family_first(invitee.head, First::Verified))
    }

    pub(super) fn first_deposit_at(&self, invitee: &Invitee) -> Option<Timestamp> {
        moment(self.state.family_first(invitee.head, First::Deposited))
    }

    pub(super) fn first_trade_at(&self, invitee: &Invitee) -> Option<Timestamp> {
        moment(self.state.account(invitee.head).first_trade)
    }

    pub(super) fn note(&self, invitee: &Invitee) -> &str {
        let latest = self.state.notes.get(&invitee.head).and_then(|history| history.at(self.now, PRESENT));
        latest.map_or("", |fact| &fact.value)
    }

    pub(super) fn rebate_rate(&self, invitee: &Invitee, group: ProductGroup) -> schemas::Rate {
        match self.state.attribution(invitee.head, PRESENT) {
            Some(attribution) => self.state.agreed_rebate(&attribution, invitee.code, group, self.now, PRESENT).rate,
            None => schemas::Rate::ZERO,
        }
    }

    /// The VIP level of the family's latest event up to now that carries one; 0 if none does.
    pub(super) fn vip_level(&self, invitee: &Invitee) -> Result<u8, ReadError> {
        let mut latest: Option<VipMark> = None;
        for member in self.state.descendants(invitee.head, PRESENT) {
            let mark = match self.state.account(member).vip {
                Some(mark) if mark.time > self.now => self.vip_up_to_now(member)?,
                mark => mark,
            };
            if let Some(mark) = mark {
                latest = Some(later_mark(latest, mark, self.reader)?);
            }
        }
        Ok(latest.map_or(0, |mark| mark.level))
    }

    /// The latest mark up to now, where events stamped in the future are held too.
    fn vip_up_to_now(&self, member: AccountId) -> Result<Option<VipMark>, ReadError> {
        let mut latest = None;
        self.state.each_vip_mark(member, self.reader, &mut |mark, _| {
            if mark.time <= self.now {
                latest = Some(later_mark(latest, mark, self.reader)?);
            }
            Ok(())
        })?;
        Ok(latest)
    }

    pub(super) fn referral_row(&self, invitee: &Invitee) -> Result<ReferralRow, ReadError> {
        let totals = self.state.totals(invitee.head);
        Ok(ReferralRow {
            uid: self.state.uid(invitee.head),
            registered_at: invitee.registered.time,
            code: self.state.codes.get(invitee.code).text.to_string(),
            country: invitee.registered.country,
            verified_at: self.verified_at(invitee),
            first_deposit_at: self.first_deposit_at(invitee),
            first_trade_at: self.first_trade_at(invitee),
            commission: totals.commission,
            rebate: totals.rebate,
            volume: totals.volume,
            vip_level: self.vip_level(invitee)?,
            commission_type: invitee.registered.relationship,
            spot_rebate_rate: self.rebate_rate(invitee, ProductGroup::Spot),
            futures_rebate_rate: self.rebate_rate(invitee, ProductGroup::Futures),
            note: self.note(invitee).to_owned(),
        })
    }
}

fn moment(time: Timestamp) -> Option<Timestamp> {
    (time != NEVER).then_some(time)
}
