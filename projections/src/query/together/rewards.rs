//! Records of rewards of several ledgers. An invitee with all that it trades lies in one of them, and so does each record: its
//! lists are merged.

use std::collections::BTreeMap;

use schemas::{Day, Uid, Usd};

use super::super::DateRange;
use super::super::page::Place;
use super::super::rewards::{SORTING, place_of, question};
use super::{Apart, merged, same};
use crate::views::{Hint, RewardKind, RewardRow, Rewards};

/// What a referrer earned in a ledger, by day: each day once.
pub type DaySums = Vec<(Day, Usd)>;

/// One list of those of all ledgers, by their number, with a page of so many rows. `by_day` are the ledgers' sums of the days
/// in doubt ([`days_in_doubt`]), where there are any; `is_of_the_past` says whether they were asked as of a moment.
///
/// # Errors
/// If they are not the answers to one question, or one record is in two of them.
pub fn rewards_together(
    parts: Vec<Rewards>,
    limit: usize,
    by_day: &[DaySums],
    is_of_the_past: bool,
) -> Result<Rewards, Apart> {
    let Some(Rewards { uid, kind, from, to, .. }) = parts.first() else { return Err(Apart::None) };
    let (uid, kind, range) = (*uid, *kind, DateRange { from: *from, to: *to });
    same("whose rewards they are", &parts.iter().map(|part| (part.uid, part.kind)).collect::<Vec<_>>())?;
    same("the days that they count", &parts.iter().map(|part| (part.from, part.to)).collect::<Vec<_>>())?;
    let hint = hint(&parts, range, by_day);
    let lists = parts.into_iter().map(|part| part.list).collect();
    let list = merged(lists, (SORTING, place), &question(uid, kind, range), (limit, is_of_the_past))?;
    Ok(Rewards { uid, kind, from: range.from, to: range.to, hint, list })
}

/// The days whose sums over all ledgers have to be known before their hints are one: a day that holds something in each of
/// two of them may come to nothing in both together. None where that cannot be, or nothing is hinted.
#[must_use]
pub fn days_in_doubt(parts: &[Rewards]) -> Option<DateRange> {
    let hints = hints(parts)?;
    let held = hull(&hints)?;
    let ends_there = |day: Day, end: fn(&Hint) -> Day| hints.iter().filter(|hint| end(hint) == day).count();
    let is_in_doubt = ends_there(held.from, |hint| hint.from) > 1 || ends_there(held.to, |hint| hint.to) > 1;
    is_in_doubt.then_some(held)
}

fn place(row: &RewardRow) -> Place {
    let counterparty = match row.kind {
        RewardKind::Commission => row.invitee_uid,
        RewardKind::Shared => row.referrer_uid,
    };
    place_of(row.date, counterparty.unwrap_or(Uid(0)), row.product.as_str())
}

/// The hints of the ledgers; none where any of them has a record.
fn hints(parts: &[Rewards]) -> Option<Vec<&Hint>> {
    let is_empty = parts.iter().all(|part| part.list.total == 0);
    is_empty.then(|| parts.iter().filter_map(|part| part.hint.as_ref()).collect())
}

fn hull(hints: &[&Hint]) -> Option<DateRange> {
    let from = hints.iter().map(|hint| hint.from).min()?;
    Some(DateRange { from, to: hints.iter().map(|hint| hint.to).max()? })
}

fn hint(parts: &[Rewards], used: DateRange, by_day: &[DaySums]) -> Option<Hint> {
    let held = match days_in_doubt(parts) {
        None => hull(&hints(parts)?)?,
        Some(_) => {
            let mut sums: BTreeMap<Day, Usd> = BTreeMap::new();
            for (day, sum) in by_day.iter().flatten() {
                *sums.entry(*day).or_default() += *sum;
            }
            let mut days = sums.into_iter().filter(|(_, sum)| !sum.is_zero()).map(|(day, _)| day);
            let from = days.next()?;
            DateRange { from, to: days.next_back().unwrap_or(from) }
        }
    };
    Some(Hint::of(used, held))
}
