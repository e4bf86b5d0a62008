//! The form of the filters: search first, the rest one click away.

use api::Problem;
use maud::{Markup, html};
use projections::views::CodeRow;

use super::super::forms::hidden_parameters;
use super::super::visit::Visit;
use super::PATH;
use super::filters::{Filters, NAMES, VIP_BOXES};
use crate::language::of_the_api;
use crate::words::{Key, words};

/// Levels that have a checkbox; a level beyond has one while it is in force.
const VIP_LEVELS: u8 = 9;

pub(super) fn draw(visit: &Visit, filters: &Filters, codes: &[CodeRow], problem: Option<&Problem>) -> Markup {
    let kept = Filters::none(visit);
    html! {
        form.filters method="get" action=(visit.link(PATH).path()) role="search" {
            (hidden_parameters(&kept))
            @if let Some(problem) = problem.filter(|problem| !is_at_a_field(problem)) {
                p.problem role="alert" lang=[of_the_api(&problem.detail)] { (problem.detail) }
            }
            div.row.search {
                (field("q", words!("referrals-search-by"), problem, |id, described| html! {
                    input id=(id) name="q" type="search" value=(filters.get("q")) autocomplete="off" aria-describedby=[described] aria-invalid=[described.map(|_| "true")];
                }))
                button.primary type="submit" { (words!("referrals-search")) }
            }
            details.more-filters open[problem.is_some()] {
                summary { (words!("referrals-more-filters")) }
                div.filter-fields {
                    (day("registered_from", words!("referrals-registered-from"), filters, problem))
                    (day("registered_to", words!("referrals-registered-to"), filters, problem))
                    (choice("verified", words!("referrals-verified"), &YES_OR_NO, filters, problem))
                    (choice("deposited", words!("referrals-deposited"), &YES_OR_NO, filters, problem))
                    (choice("traded", words!("referrals-traded"), &YES_OR_NO, filters, problem))
                    (choice("commission_type", words!("referrals-commission-type"), &COVERS, filters, problem))
                    (code(filters, codes, problem))
                    (field("country", words!("referrals-countries"), problem, |id, described| html! {
                        input id=(id) name="country" type="text" value=(filters.get("country")) placeholder="DE, FR, ZZ" autocomplete="off" aria-describedby=[described] aria-invalid=[described.map(|_| "true")];
                    }))
                }
                (vip(filters, problem))
                div.row {
                    button type="submit" { (words!("referrals-apply-filters")) }
                    span.hint { (words!("referrals-countries-hint")) }
                }
            }
        }
    }
}

const YES_OR_NO: [(&str, Key); 3] =
    [("", Key("referrals-any")), ("true", Key("referrals-yes")), ("false", Key("referrals-no"))];
const COVERS: [(&str, Key); 4] = [
    ("", Key("referrals-any")),
    ("spot", Key("referrals-covers-spot")),
    ("futures", Key("referrals-covers-futures")),
    ("both", Key("referrals-covers-both")),
];

fn is_at_a_field(problem: &Problem) -> bool {
    problem.field.as_deref().is_some_and(|field| NAMES.contains(&field))
}

/// A field with its label and, beside it, what is wrong with it.
fn field(
    name: &str,
    label: &str,
    problem: Option<&Problem>,
    input: impl FnOnce(&str, Option<&str>) -> Markup,
) -> Markup {
    let id = format!("filter-{name}");
    let error_id = format!("{id}-error");
    let problem = problem.filter(|problem| problem.field.as_deref() == Some(name));
    html! {
        div.field {
            label for=(id) { (label) }
            (input(&id, problem.map(|_| &*error_id)))
            @if let Some(problem) = problem { p.error id=(error_id) role="alert" lang=[of_the_api(&problem.detail)] { (problem.detail) } }
        }
    }
}

fn day(name: &str, label: &str, filters: &Filters, problem: Option<&Problem>) -> Markup {
    field(name, label, problem, |id, described| {
        html! { input id=(id) name=(name) type="date" value=(filters.get(name)) aria-describedby=[described] aria-invalid=[described.map(|_| "true")]; }
    })
}

fn choice(name: &str, label: &str, options: &[(&str, Key)], filters: &Filters, problem: Option<&Problem>) -> Markup {
    let held = filters.get(name);
    field(name, label, problem, |id, described| {
        html! {
            select id=(id) name=(name) aria-describedby=[described] aria-invalid=[described.map(|_| "true")] {
                @for (value, label) in options { option value=(value) selected[*value == held] { (label) } }
            }
        }
    })
}

fn code(filters: &Filters, codes: &[CodeRow], problem: Option<&Problem>) -> Markup {
    let held = filters.get("code");
    field("code", words!("referrals-column-code"), problem, |id, described| {
        html! {
            select id=(id) name="code" aria-describedby=[described] aria-invalid=[described.map(|_| "true")] {
                option value="" { (words!("referrals-any")) }
                @if !held.is_empty() && !codes.iter().any(|row| row.code == held) { option value=(held) selected { (held) } }
                @for row in codes { option value=(row.code) selected[row.code == held] { (row.code) } }
            }
        }
    })
}

fn vip(filters: &Filters, problem: Option<&Problem>) -> Markup {
    let held: Vec<&str> = filters.get("vip").split(',').filter(|level| !level.is_empty()).collect();
    let mut levels: Vec<String> = (0..=VIP_LEVELS).map(|level| level.to_string()).collect();
    for level in &held {
        if !levels.iter().any(|one| one == level) {
            levels.push((*level).to_owned());
        }
    }
    let problem = problem.filter(|problem| problem.field.as_deref() == Some("vip"));
    html! {
        fieldset.segments {
            legend { (words!("referrals-vip-levels")) }
            @for level in &levels {
                div.check {
                    input id={ "filter-vip-" (level) } type="checkbox" name=(VIP_BOXES) value=(level) checked[held.contains(&level.as_str())];
                    label for={ "filter-vip-" (level) } { (level) }
                }
            }
            @if let Some(problem) = problem { p.error role="alert" lang=[of_the_api(&problem.detail)] { (problem.detail) } }
        }
    }
}
