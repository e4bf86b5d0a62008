//! The referral list (SPEC 4.1): filters freely combined, any column to sort by; and one invitee in detail.

use ledger::{AccountId, Position, ReadError};
use schemas::{Body, Country, Day, Event, ProductGroup, Relationship, Timestamp, Uid};

use super::columns::columns;
use super::page::{Order, PageRequest, Paging, SortValue, Sorting};
use super::referral_rows::Invitee;
use super::{QueryError, View};
use crate::history::PRESENT;
use crate::views::{Explained, List, ReferralDetail, ReferralRow};

/// How many of an invitee's latest trades its detail shows.
const DETAIL_TRADES: usize = 20;
/// The rows of so many invitees are read at once, so that memory answers for many while one is waited for.
const READ_TOGETHER: usize = 256;

/// Which invitees: everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReferralFilter {
    /// A prefix of the uid, or part of the note in any case.
    pub q: Option<String>,
    /// Registered on this day or later.
    pub registered_from: Option<Day>,
    /// Registered on this day or earlier.
    pub registered_to: Option<Day>,
    /// VIP level is one of these.
    pub vip: Option<Vec<u8>>,
    /// Has passed its identity check.
    pub verified: Option<bool>,
    /// Has deposited.
    pub deposited: Option<bool>,
    /// Has traded.
    pub traded: Option<bool>,
    /// Registered with this code.
    pub code: Option<String>,
    /// Country is one of these; `None` in the list finds the unknown.
    pub country: Option<Vec<Option<Country>>>,
    /// Covers this; `spot` and `futures` find `both` too.
    pub commission_type: Option<Relationship>,
}

columns! {
    ReferralSort:
    RegisteredAt = "registered_at",
    Uid = "uid",
    Code = "code",
    Country = "country",
    VerifiedAt = "verified_at",
    FirstDepositAt = "first_deposit_at",
    FirstTradeAt = "first_trade_at",
    Commission = "commission",
    Rebate = "rebate",
    Volume = "volume",
    VipLevel = "vip_level",
    CommissionType = "commission_type",
    SpotRebateRate = "spot_rebate_rate",
    FuturesRebateRate = "futures_rebate_rate",
    Note = "note",
}

impl View<'_> {
    /// `GET /v1/referrals`, and `GET /v1/codes/{code}/referrals` with the code as filter.
    ///
    /// # Errors
    /// If the code is not the referrer's, or the cursor is not this list's.
    pub fn referrals(
        &self,
        uid: Uid,
        filter: &ReferralFilter,
        sort: ReferralSort,
        order: Order,
        request: &PageRequest,
    ) -> Result<List<ReferralRow>, QueryError> {
        let codes = self.codes_asked(Some(uid), filter.code.as_deref())?;
        let sorting = Sorting { value: order, keys: order };
        let mut paging = Paging::begin(sorting, request, &question(uid, filter, sort, order), self)?;
        let needle = filter.q.as_ref().map(|q| q.to_lowercase());
        for code in codes {
            // The newest first: that is how the list stands where nothing is said.
            let heads: Vec<AccountId> = self.invitees_of(code).rev().collect();
            for heads in heads.chunks(READ_TOGETHER) {
                let invitees: Vec<Invitee> = heads.iter().filter_map(|head| self.invitee(*head, code)).collect();
                for invitee in invitees {
                    if self.matches(&invitee, filter, needle.as_deref())? {
                        let uid = || vec![SortValue::Number(i128::from(self.state.uid(invitee.head).0))];
                        paging.add(self.sort_value(&invitee, sort)?, uid, invitee);
                    }
                }
            }
        }
        paging.finish(self, |invitee| Ok(self.referral_row(&invitee)?))
    }

    fn matches(&self, invitee: &Invitee, filter: &ReferralFilter, needle: Option<&str>) -> Result<bool, ReadError> {
        let registered = &invitee.registered;
        let agrees = |wanted: Option<bool>, moment: fn(&Self, &Invitee) -> Option<Timestamp>| {
            wanted.is_none_or(|wanted| wanted == moment(self, invitee).is_some())
        };
        let day = registered.time.day();
        let covers = match filter.commission_type {
            None => true,
            Some(Relationship::Both) => registered.relationship == Relationship::Both,
            Some(one) => registered.relationship == one || registered.relationship == Relationship::Both,
        };
        Ok(covers
            && filter.registered_from.is_none_or(|from| from <= day)
            && filter.registered_to.is_none_or(|to| day <= to)
            && filter.country.as_ref().is_none_or(|wanted| wanted.contains(&registered.country))
            && agrees(filter.verified, Self::verified_at)
            && agrees(filter.deposited, Self::first_deposit_at)
            && agrees(filter.traded, Self::first_trade_at)
            && needle.is_none_or(|needle| self.is_found(invitee, needle))
            && match &filter.vip {
                Some(wanted) => wanted.contains(&self.vip_level(invitee)?),
                None => true,
            })
    }

    fn is_found(&self, invitee: &Invitee, needle: &str) -> bool {
        self.state.uid(invitee.head).to_string().starts_with(needle)
            || self.note(invitee).to_lowercase().contains(needle)
    }

    fn sort_value(&self, invitee: &Invitee, sort: ReferralSort) -> Result<Option<SortValue>, ReadError> {
        let totals = || self.state.totals(invitee.head);
        let time = |time: Option<Timestamp>| time.map(|time| SortValue::Number(i128::from(time.0)));
        let rate = |group| Some(SortValue::Number(i128::from(self.rebate_rate(invitee, group).0)));
        let text = |text: &str| Some(SortValue::Text(text.to_owned()));
        Ok(match sort {
            ReferralSort::RegisteredAt => time(Some(invitee.registered.time)),
            ReferralSort::Uid => Some(SortValue::Number(i128::from(self.state.uid(invitee.head).0))),
            ReferralSort::Code => text(&self.state.codes.get(invitee.code).text),
            ReferralSort::Country => invitee.registered.country.and_then(|country| text(country.as_str())),
            ReferralSort::VerifiedAt => time(self.verified_at(invitee)),
            ReferralSort::FirstDepositAt => time(self.first_deposit_at(invitee)),
            ReferralSort::FirstTradeAt => time(self.first_trade_at(invitee)),
            ReferralSort::Commission => Some(SortValue::Number(totals().commission.0)),
            ReferralSort::Rebate => Some(SortValue::Number(totals().rebate.0)),
            ReferralSort::Volume => Some(SortValue::Number(totals().volume.0)),
            ReferralSort::VipLevel => Some(SortValue::Number(i128::from(self.vip_level(invitee)?))),
            ReferralSort::CommissionType => text(invitee.registered.relationship.as_str()),
            ReferralSort::SpotRebateRate => rate(ProductGroup::Spot),
            ReferralSort::FuturesRebateRate => rate(ProductGroup::Futures),
            ReferralSort::Note => text(self.note(invitee)),
        })
    }

    /// `GET /v1/referrals/{invitee}`: its row, and its and its sub-accounts' latest trades, each explained.
    ///
    /// # Errors
    /// If the account is not an invitee of this referrer.
    pub fn referral(&self, uid: Uid, invitee: Uid) -> Result<ReferralDetail, QueryError> {
        let invitee = self.invitee_of(uid, invitee)?;
        let referral = self.referral_row(&invitee)?;
        let trades = self.latest_trades(&invitee)?;
        Ok(ReferralDetail { referral, trades, as_of: self.as_of() })
    }

    /// An account that is an invitee of this referrer.
    pub(super) fn invitee_of(&self, uid: Uid, invitee: Uid) -> Result<Invitee, QueryError> {
        let not_found = || QueryError::NotFound { what: "invitee", name: invitee.to_string() };
        let referrer = self.account(uid).ok_or_else(not_found)?;
        let head = self.account(invitee).ok_or_else(not_found)?;
        let attribution = self.state.attribution(head, PRESENT).filter(|found| found.head == head);
        match attribution.and_then(|attribution| attribution.referrer()) {
            Some((owner, code)) if owner == referrer => self.invitee(head, code).ok_or_else(not_found),
            Some(_) | None => Err(not_found()),
        }
    }

    /// Whether an account is an invitee of this referrer.
    #[must_use]
    pub fn is_invitee_of(&self, uid: Uid, invitee: Uid) -> bool {
        self.invitee_of(uid, invitee).is_ok()
    }

    fn latest_trades(&self, invitee: &Invitee) -> Result<Vec<Explained>, QueryError> {
        let mut latest: Vec<(Position, Event<'_>)> = Vec::new();
        for member in self.state.descendants(invitee.head, PRESENT) {
            let row = self.state.account(member);
            for position in self.state.index.positions(member).rev() {
                let event = self.reader.event(position)?;
                if !matches!(event.body, Body::Trade(_)) {
                    continue;
                }
                let oldest = latest.last().map(|(_, event)| event.time).filter(|_| latest.len() == DETAIL_TRADES);
                if oldest.is_some_and(|oldest| row.all_before(event.time, oldest)) {
                    break;
                }
                let at = latest.partition_point(|(_, held)| held.order_key() > event.order_key());
                latest.insert(at, (position, event));
                latest.truncate(DETAIL_TRADES);
            }
        }
        latest.iter().map(|(position, event)| self.explained(*position, event)).collect()
    }
}

/// What a cursor of the list belongs to.
pub(super) fn question(uid: Uid, filter: &ReferralFilter, sort: ReferralSort, order: Order) -> impl std::fmt::Debug {
    ("referrals", uid, filter, sort, order)
}
