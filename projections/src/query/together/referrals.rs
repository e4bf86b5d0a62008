//! Invitees of several ledgers: each lies in one of them, and their lists are merged.

use schemas::{Rate, Timestamp, Uid};

use super::super::page::{Order, Place, SortValue, Sorting};
use super::super::referrals::{ReferralFilter, ReferralSort, question};
use super::{Apart, merged};
use crate::views::{List, ReferralRow};

/// One list of those of all ledgers, by their number, that were asked by this filter and column for pages of `limit` rows;
/// `is_of_the_past` says whether they were asked as of a moment.
///
/// # Errors
/// If an invitee is in two of them.
pub fn referrals_together(
    parts: Vec<List<ReferralRow>>,
    (uid, filter): (Uid, &ReferralFilter),
    (sort, order): (ReferralSort, Order),
    (limit, is_of_the_past): (usize, bool),
) -> Result<List<ReferralRow>, Apart> {
    if parts.is_empty() {
        return Err(Apart::None);
    }
    let place =
        |row: &ReferralRow| Place { value: value(row, sort), keys: vec![SortValue::Number(i128::from(row.uid.0))] };
    let sorting = Sorting { value: order, keys: order };
    merged(parts, (sorting, place), &question(uid, filter, sort, order), (limit, is_of_the_past))
}

/// What a row is sorted by: the same as of the invitee that it was made of.
fn value(row: &ReferralRow, sort: ReferralSort) -> Option<SortValue> {
    let time = |time: Option<Timestamp>| time.map(|time| SortValue::Number(i128::from(time.0)));
    let rate = |rate: Rate| Some(SortValue::Number(i128::from(rate.0)));
    let text = |text: &str| Some(SortValue::Text(text.to_owned()));
    match sort {
        ReferralSort::RegisteredAt => time(Some(row.registered_at)),
        ReferralSort::Uid => Some(SortValue::Number(i128::from(row.uid.0))),
        ReferralSort::Code => text(&row.code),
        ReferralSort::Country => row.country.and_then(|country| text(country.as_str())),
        ReferralSort::VerifiedAt => time(row.verified_at),
        ReferralSort::FirstDepositAt => time(row.first_deposit_at),
        ReferralSort::FirstTradeAt => time(row.first_trade_at),
        ReferralSort::Commission => Some(SortValue::Number(row.commission.0)),
        ReferralSort::Rebate => Some(SortValue::Number(row.rebate.0)),
        ReferralSort::Volume => Some(SortValue::Number(row.volume.0)),
        ReferralSort::VipLevel => Some(SortValue::Number(i128::from(row.vip_level))),
        ReferralSort::CommissionType => text(row.commission_type.as_str()),
        ReferralSort::SpotRebateRate => rate(row.spot_rebate_rate),
        ReferralSort::FuturesRebateRate => rate(row.futures_rebate_rate),
        ReferralSort::Note => text(&row.note),
    }
}
