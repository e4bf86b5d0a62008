//! What changed the terms in the range: as marks over the charts, and in words below the first of them, each with the way
//! to what says so.

use api::Privilege;
use maud::{Markup, html};
use projections::views::{ChangeKind, ChangeRow, ChangedTerms, Standing};
use schemas::{Day, Rate};

use super::super::charts::Mark;
use super::super::figures;
use super::super::link::{Link, encoded};
use super::super::parts::more;
use super::super::visit::Visit;
use super::Answers;
use crate::operator;
use crate::words::{marked, words};

/// So many are told at once; the others are a click away.
const TOLD_MAX: usize = 4;

/// The changes of one bucket of the charts, under one number.
struct Group<'a> {
    at: usize,
    number: usize,
    rows: Vec<&'a ChangeRow>,
}

fn groups(answers: &Answers) -> Vec<Group<'_>> {
    let first_days: Vec<Day> = answers.series.points.iter().map(|point| point.date).collect();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for row in answers.changes.iter().flat_map(|changes| &changes.list.rows) {
        // Buckets bear their first days.
        let Some(at) = first_days.partition_point(|first| *first <= row.date).checked_sub(1) else { continue };
        match groups.last_mut() {
            Some(group) if group.at == at => group.rows.push(row),
            _ => groups.push(Group { at, number: groups.len() + 1, rows: vec![row] }),
        }
    }
    groups
}

/// As marks over the charts.
pub(super) fn marks(answers: &Answers) -> Vec<Mark> {
    let mark = |group: Group<'_>| {
        let says: Vec<String> = group.rows.iter().map(|row| in_words(row)).collect();
        Mark { at: group.at, number: group.number, says: says.join(words!("overview-between-changes")) }
    };
    groups(answers).into_iter().map(mark).collect()
}

/// In words.
pub(super) fn list(visit: &Visit, answers: &Answers) -> Markup {
    let groups = groups(answers);
    let (told, others) = groups.split_at(groups.len().min(TOLD_MAX));
    let list = answers.changes.as_ref().map(|changes| &changes.list);
    let left = list.map_or(0, |list| list.total.saturating_sub(list.rows.len() as u64));
    html! {
        @if list.is_none() { p.hint { (words!("overview-changes-untold")) } }
        @if !told.is_empty() {
            section.changes #changes aria-labelledby="changes-title" data-live {
                h4 #changes-title { (words!("overview-what-changed")) }
                (items(visit, told))
                @if !others.is_empty() { (more(&words!("overview-more", count = others.len()), items(visit, others))) }
                @if left > 0 { p.hint { (marked!("overview-later-ones", count = figures::count(left))) } }
            }
        }
    }
}

fn items(visit: &Visit, groups: &[Group<'_>]) -> Markup {
    html! {
        ul.change-list {
            @for group in groups {
                @for (at, row) in group.rows.iter().enumerate() {
                    li {
                        span.mark-number { @if at == 0 { (group.number) } }
                        span { (figures::day(row.date)) " " (told(visit, row)) }
                    }
                }
            }
        }
    }
}

/// One of them, with the ways to what it is about and to the entry that says it.
fn told(visit: &Visit, row: &ChangeRow) -> Markup {
    let sees_entries = visit.has_ledger() && visit.caller.require(Privilege::ReadFeed).is_ok();
    html! {
        @match about(visit, row) {
            Some(link) => a href=(link) { (in_words(row)) },
            None => (in_words(row)),
        }
        @if sees_entries {
            " " a.hint href=(operator::entry_link(visit, row.event.position)) { (words!("overview-entry", position = row.event.position)) }
        }
    }
}

/// The page that tells more about it, if there is one for who looks.
fn about(visit: &Visit, row: &ChangeRow) -> Option<Link> {
    match row.kind {
        ChangeKind::Standing => Some(visit.link("/account")),
        ChangeKind::Code => Some(visit.link(format!("/codes/{}", encoded(row.code.as_deref()?)))),
        ChangeKind::Program => None,
        ChangeKind::CampaignStarts | ChangeKind::CampaignEnds => Some(visit.link("/campaigns")),
    }
}

fn in_words(row: &ChangeRow) -> String {
    let after = row.after.unwrap_or_default();
    match (row.kind, row.before) {
        (ChangeKind::CampaignStarts, _) => words!("overview-campaign-begins", title = title(row)),
        (ChangeKind::CampaignEnds, _) => words!("overview-campaign-ends", title = title(row)),
        (ChangeKind::Code, None) => words!("overview-code-made", code = code(row), rates = both(after)),
        (ChangeKind::Code, Some(before)) => {
            words!("overview-code-changed", code = code(row), rates = rates(before, after))
        }
        (ChangeKind::Standing, None) => {
            words!("overview-standing-with-rates", standing = standing(after), rates = both(after))
        }
        (ChangeKind::Standing, Some(before)) if before.status != after.status => {
            words!("overview-standing-with-rates", standing = standing(after), rates = both(after))
        }
        (ChangeKind::Standing, Some(before)) => words!("overview-base-rates", rates = rates(before, after)),
        (ChangeKind::Program, None) => words!("overview-rules-made", rates = both(after)),
        (ChangeKind::Program, Some(before)) => words!("overview-rules-changed", rates = rates(before, after)),
    }
}

fn title(row: &ChangeRow) -> &str {
    row.title.as_deref().unwrap_or_default()
}

fn code(row: &ChangeRow) -> &str {
    row.code.as_deref().unwrap_or_default()
}

fn standing(terms: ChangedTerms) -> &'static str {
    match terms.status {
        Some(Standing::Approved) => words!("overview-approved"),
        Some(Standing::Suspended) => words!("overview-suspended"),
        Some(Standing::None) | None => words!("overview-no-affiliate"),
    }
}

fn percent(rate: Option<Rate>) -> String {
    rate.map_or_else(|| words!("figures-none").to_owned(), figures::percent)
}

fn both(terms: ChangedTerms) -> String {
    words!("overview-both-rates", spot = percent(terms.spot_rate), futures = percent(terms.futures_rate))
}

/// What differs, before and after.
fn rates(before: ChangedTerms, after: ChangedTerms) -> String {
    let number =
        |value: Option<u64>| value.map_or_else(|| words!("figures-none").to_owned(), |value| value.to_string());
    let days = |terms: ChangedTerms| terms.futures_window_days.map(u64::from);
    let facts = [
        (words!("overview-of-spot"), percent(before.spot_rate), percent(after.spot_rate)),
        (words!("overview-of-futures"), percent(before.futures_rate), percent(after.futures_rate)),
        (words!("overview-futures-window"), number(days(before)), number(days(after))),
        (
            words!("overview-vip-spot"),
            number(before.spot_vip_max.map(u64::from)),
            number(after.spot_vip_max.map(u64::from)),
        ),
        (
            words!("overview-vip-futures"),
            number(before.futures_vip_max.map(u64::from)),
            number(after.futures_vip_max.map(u64::from)),
        ),
    ];
    let changed = facts.into_iter().filter(|(_, before, after)| before != after);
    changed
        .map(|(what, before, after)| format!("{what} {before} \u{2192} {after}"))
        .collect::<Vec<_>>()
        .join(words!("overview-between-facts"))
}
