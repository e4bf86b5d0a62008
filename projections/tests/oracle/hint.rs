//! What an answer says where nobody gave a range and the default one holds nothing, though other days do: where what
//! there is lies. The sentence is left open.

use std::collections::BTreeSet;

use schemas::Day;
use serde_json::{Value, json};

use super::metrics;
use super::portrait::Portrait;
use super::range::Span;
use super::{LINK, with};

/// The ends of a range as they were asked for.
pub(super) type Asked = (Option<Day>, Option<Day>);

/// An answer with its hint, if it has one. `held` are the days that hold something.
pub(super) fn hinted(answer: Value, asked: Asked, is_empty: bool, held: BTreeSet<Day>) -> Value {
    let ends = held.first().zip(held.last()).filter(|_| asked == (None, None) && is_empty);
    match ends {
        Some((from, to)) => with(answer, json!({ "hint": { "detail": LINK, "from": from, "to": to } })),
        None => answer,
    }
}

/// The days on which any metric of these invitees is not 0.
pub(super) fn days_held(invitees: &[Portrait<'_>]) -> BTreeSet<Day> {
    let happened = invitees.iter().flat_map(|invitee| {
        let firsts = [Some(invitee.registered_at), invitee.verified_at, invitee.first_deposit_at];
        firsts.into_iter().flatten().chain(invitee.movements.iter().map(|movement| movement.time))
    });
    let days: BTreeSet<Day> = happened.map(|time| time.day()).collect();
    days.into_iter().filter(|day| metrics::any(invitees, Span { from: *day, to: *day })).collect()
}
