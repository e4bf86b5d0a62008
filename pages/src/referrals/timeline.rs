//! An invitee's dates, one after the other.

use maud::{Markup, html};
use projections::views::ReferralRow;
use schemas::Timestamp;

use super::super::figures;
use crate::words::words;

pub(super) fn draw(row: &ReferralRow) -> Markup {
    let mut steps = [
        (words!("referrals-step-registered"), Some(row.registered_at)),
        (words!("referrals-step-verified"), row.verified_at),
        (words!("referrals-step-deposit"), row.first_deposit_at),
        (words!("referrals-step-trade"), row.first_trade_at),
    ];
    // What has not happened yet comes last, in the order in which it usually happens.
    steps.sort_by_key(|(_, time)| time.unwrap_or(Timestamp(i64::MAX)));
    html! {
        ol.timeline {
            @for (what, time) in steps {
                li.is-done[time.is_some()] {
                    span.step { (what) }
                    @match time { Some(time) => (figures::time(time)), None => span.hint { (words!("referrals-not-yet")) } }
                }
            }
        }
    }
}
