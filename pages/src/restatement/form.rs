//! The form of a restatement, with closed months to choose from.

use api::{Problem, question};
use maud::{Markup, html};
use projections::views::AsOf;
use schemas::{Day, Timestamp};

use super::super::forms::hidden_parameters;
use super::super::link::Link;
use super::super::moment;
use super::super::visit::Visit;
use super::asked::Wanted;
use crate::dates;
use crate::language::of_the_api;
use crate::words::words;

/// So many closed months are offered.
const MONTHS_MAX: usize = 4;
/// A month is closed on this day of the next.
const CLOSED_ON: i32 = 3;

/// What can be chosen.
pub(super) struct Offered {
    pub(super) as_of: AsOf,
    codes: Vec<String>,
    now: Timestamp,
}

impl Offered {
    pub(super) async fn read(visit: &Visit) -> Result<Offered, Problem> {
        let read = visit.read_ledger(|read| {
            let codes = read.ask(&[("limit", Some("500"))], question::codes())?;
            let (as_of, codes) = (codes.as_of, codes.rows.into_iter().map(|row| row.code).collect());
            Ok(Offered { as_of, codes, now: read.here()?.view.now })
        });
        read.await
    }
}

/// A month with the moment at which it was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Closed {
    first: Day,
    last: Day,
    closed: Timestamp,
}

/// The months that are closed by now, the latest first.
fn closed_months(now: Timestamp) -> Vec<Closed> {
    let mut next = now.day().month_start();
    let mut months = Vec::new();
    while months.len() < MONTHS_MAX {
        let closed = next.plus(CLOSED_ON - 1).start();
        let last = next.plus(-1);
        next = last.month_start();
        if closed <= now {
            months.push(Closed { first: next, last, closed });
        }
    }
    months
}

pub(super) fn draw(visit: &Visit, wanted: &Wanted, offered: &Offered, problem: Option<&Problem>) -> Markup {
    let base = visit.link("/restatement");
    let of_form = ["from", "to", "since", "until", "code"];
    let general = problem.filter(|problem| problem.field.as_deref().is_none_or(|field| !of_form.contains(&field)));
    html! {
        nav aria-label=(words!("restatement-closed-months")) {
            ul.presets {
                @for month in closed_months(offered.now) {
                    @let link = preset(&base, wanted, month);
                    li { a href=(link) aria-current=[(link == visit.here().without("cursor")).then_some("true")] {
                        (words!("restatement-as-closed", month = dates::month(month.first)))
                    } }
                }
            }
        }
        form.restatement-form method="get" action=(base.path()) {
            @if let Some(problem) = general { p.problem role="alert" lang=[of_the_api(&problem.detail)] { (problem.detail) } }
            (hidden_parameters(&base))
            div.fields-2 {
                (field("from", words!("restatement-from"), "date", wanted.from.clone(), words!("restatement-from-hint"), problem))
                (field("to", words!("restatement-to"), "date", wanted.to.clone(), words!("restatement-to-hint"), problem))
                (field("since", words!("restatement-since"), "datetime-local", time(wanted.since.as_deref()), words!("restatement-since-hint"), problem))
                @match visit.as_of() {
                    Some(as_of) => {
                        div.field { p { (words!("restatement-until")) } p { strong { (as_of) } } p.hint { (words!("restatement-looks-back")) } }
                    }
                    None => {
                        (field("until", words!("restatement-until"), "datetime-local", time(wanted.until.as_deref()), words!("restatement-until-hint"), problem))
                    }
                }
                (code(wanted, offered, problem))
            }
            (by_position(visit, wanted))
            button.primary type="submit" { (words!("restatement-show")) }
        }
    }
}

/// A moment as its field takes it; none where a position is given instead.
fn time(given: Option<&str>) -> Option<String> {
    given.and_then(moment::for_input)
}

/// Positions of the ledger instead of moments, for who has them.
fn by_position(visit: &Visit, wanted: &Wanted) -> Markup {
    let position = |given: Option<&str>| given.filter(|given| moment::is_position(given)).map(str::to_owned);
    let (since, until) = (position(wanted.since.as_deref()), position(wanted.until.as_deref()));
    let field = |name: &str, label: &str, value: &Option<String>| {
        let id = format!("restatement-{name}");
        html! { div.field { label for=(id) { (label) } input id=(id) name=(name) type="number" min="0" step="1" value=[value]; } }
    };
    html! {
        details.more open[since.is_some() || (until.is_some() && visit.as_of().is_none())] {
            summary { (words!("restatement-by-position")) }
            div.more-inside.fields-2 {
                (field("since_position", words!("restatement-since-position"), &since))
                @if visit.as_of().is_none() { (field("until_position", words!("restatement-until-position"), &until)) }
            }
        }
    }
}

fn preset(base: &Link, wanted: &Wanted, month: Closed) -> Link {
    let link = base.clone().with("from", month.first).with("to", month.last).with("since", month.closed);
    match &wanted.code {
        Some(code) => link.with("code", code),
        None => link,
    }
}

fn field(name: &str, label: &str, kind: &str, value: Option<String>, hint: &str, problem: Option<&Problem>) -> Markup {
    let id = format!("restatement-{name}");
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let error = problem.filter(|problem| problem.field.as_deref() == Some(name));
    let described = if error.is_some() { format!("{hint_id} {error_id}") } else { hint_id.clone() };
    html! {
        div.field {
            label for=(id) { (label) }
            input id=(id) name=(name) type=(kind) step=[moment::step(value.as_deref()).filter(|_| kind == "datetime-local")] value=[value] autocomplete="off"
                aria-describedby=(described) aria-invalid=[error.map(|_| "true")];
            p.hint id=(hint_id) { (hint) }
            @if let Some(error) = error { p.error id=(error_id) role="alert" lang=[of_the_api(&error.detail)] { (error.detail) } }
        }
    }
}

fn code(wanted: &Wanted, offered: &Offered, problem: Option<&Problem>) -> Markup {
    let error = problem.filter(|problem| problem.field.as_deref() == Some("code"));
    let asked = wanted.code.as_deref();
    let is_known = asked.is_none_or(|asked| offered.codes.iter().any(|code| code == asked));
    html! {
        div.field {
            label for="restatement-code" { (words!("restatement-of-code")) }
            select #restatement-code name="code" aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "restatement-code-error")] {
                option value="" selected[asked.is_none()] { (words!("restatement-all-codes")) }
                @for code in &offered.codes { option value=(code) selected[asked == Some(code)] { (code) } }
                @if let Some(asked) = asked && !is_known { option value=(asked) selected { (asked) } }
            }
            @if let Some(error) = error { p.error #restatement-code-error role="alert" lang=[of_the_api(&error.detail)] { (error.detail) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_offered_once_it_is_closed() {
        let months = |now: &str| closed_months(Timestamp::parse(now).expect("a time"));
        let first = |now: &str| months(now).first().map(|month| (dates::month(month.first), month.closed.to_string()));
        let september = || Some(("September 2026".to_owned(), "2026-10-03T00:00:00Z".to_owned()));
        assert_eq!(first("2026-10-03T00:00:00Z"), september());
        assert_eq!(first("2026-11-02T23:59:59Z"), september());
        let months = months("2026-01-31T12:00:00Z");
        assert_eq!(months.len(), MONTHS_MAX);
        assert_eq!(months.last().map(|month| dates::month(month.first)), Some("September 2025".to_owned()));
    }
}
