//! Program rules: what holds for everyone without a standing of its own, how it came about, and what is to come.

use api::Problem;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::views::{AsOf, ProgramRules};
use schemas::{EventType, Program, Timestamp};
use serde_json::json;

use super::affiliates::{from_when, whole_number_or_null, window};
use super::append::{Draft, append};
use super::{filled_again, require_operator, require_sight};
use crate::figures;
use crate::forms::{self, Field, Filled, Input};
use crate::layout::Page;
use crate::moment;
use crate::parts;
use crate::site::Site;
use crate::submission::{Fields, Submission};
use crate::tables::{Column, Table};
use crate::visit::Visit;

pub(super) const PATH: &str = "/operator/rules";

const FIELDS: &[&str] = &[
    "default_spot_rate",
    "default_futures_rate",
    "default_futures_window_days",
    "spot_vip_max",
    "futures_vip_max",
    "time",
];

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_rules).post(post_rules))
}

async fn get_rules(visit: Visit) -> Result<Response, Problem> {
    require_sight(&visit)?;
    show(&visit, None, StatusCode::OK).await
}

async fn show(visit: &Visit, refused: Option<Filled>, status: StatusCode) -> Result<Response, Problem> {
    let read = visit.read_platform(|read| {
        let view = read.asked().view;
        Ok((view.program_rules(), view.now, view.as_of()))
    });
    let (rules, now, as_of) = read.await?;
    let filled = refused.unwrap_or_else(|| filled_with(&rules.in_force));
    let main = html! {
        (parts::section("in-force", "In force", in_force(&rules.in_force)))
        @if visit.may_command() { (parts::section("set", "Set new rules", forms::post(visit, PATH, form(&filled)))) }
        (history(visit, &rules, now))
    };
    Ok(page(visit, main, as_of, status))
}

fn page(visit: &Visit, main: Markup, as_of: AsOf, status: StatusCode) -> Response {
    Page { title: "Program rules", section: PATH, as_of: Some(as_of), aside: html! {}, main }.show_as(visit, status)
}

/// The rules as facts.
pub(super) fn in_force(rules: &Program) -> Markup {
    html! {
        dl.facts {
            dt { "Default spot rate" } dd { (figures::rate(rules.default_spot_rate)) }
            dt { "Default futures rate" } dd { (figures::rate(rules.default_futures_rate)) }
            dt { "Default futures window" } dd { (window(rules.default_futures_window_days)) }
            dt { "Highest VIP level that earns, spot" } dd { (figures::count(u64::from(rules.spot_vip_max))) }
            dt { "Highest VIP level that earns, futures" } dd { (figures::count(u64::from(rules.futures_vip_max))) }
        }
    }
}

fn filled_with(rules: &Program) -> Filled {
    Filled::with(&[
        ("default_spot_rate", figures::percent(rules.default_spot_rate)),
        ("default_futures_rate", figures::percent(rules.default_futures_rate)),
        (
            "default_futures_window_days",
            rules.default_futures_window_days.map(|days| days.to_string()).unwrap_or_default(),
        ),
        ("spot_vip_max", rules.spot_vip_max.to_string()),
        ("futures_vip_max", rules.futures_vip_max.to_string()),
    ])
}

fn form(filled: &Filled) -> Markup {
    let form = "rules";
    let field =
        |name, label, hint, input, is_required| Field { name, form, label, hint, input, is_required }.draw(filled);
    let vip = Input::Number { min: 0, max: 20 };
    html! {
        p { "They hold for every referrer without a standing of its own. Trades before that moment keep the rules that they had." }
        (filled.general_error(FIELDS))
        div.fields-2 {
            (field("default_spot_rate", "Default spot rate", "Of the fee, such as 20%.", Input::Rate, true))
            (field("default_futures_rate", "Default futures rate", "Of the fee, such as 10%.", Input::Rate, true))
            (field("default_futures_window_days", "Default futures window, days", "Empty means without end.",
                Input::Number { min: 0, max: 36_500 }, false))
            (field("spot_vip_max", "Highest VIP level, spot", "Trades above it earn nothing.", vip, true))
            (field("futures_vip_max", "Highest VIP level, futures", "Trades above it earn nothing.", vip, true))
            (from_when(form).draw(filled))
        }
        (forms::rate_rule())
        button.primary type="submit" { "Set the rules" }
    }
}

fn history(visit: &Visit, rules: &ProgramRules, now: Timestamp) -> Markup {
    if rules.history.is_empty() {
        let next = html! { p { "Until a program event says otherwise the built-in rules hold." } };
        return parts::empty("No program event so far.", next);
    }
    let in_force = rules.history.iter().rposition(|event| event.time <= now);
    let rows = html! {
        @for (at, event) in rules.history.iter().enumerate().rev() {
            tr {
                th scope="row" { (figures::time(event.time)) }
                td {
                    @if Some(at) == in_force { (parts::badge("good", "In force")) }
                    @else if event.time > now { (parts::badge("warn", "To come")) }
                    @else { (parts::badge("plain", "Past")) }
                }
                td.num { (figures::rate(event.value.default_spot_rate)) }
                td.num { (figures::rate(event.value.default_futures_rate)) }
                td { (window(event.value.default_futures_window_days)) }
                td.num { (figures::count(u64::from(event.value.spot_vip_max))) }
                td.num { (figures::count(u64::from(event.value.futures_vip_max))) }
                td { (figures::count(event.position)) " " span.hint.wrap { (event.source) " " (event.id) } }
            }
        }
    };
    let columns = [
        Column::text("From"),
        Column::text("State"),
        Column::figure("Spot rate"),
        Column::figure("Futures rate"),
        Column::text("Futures window"),
        Column::figure("VIP, spot"),
        Column::figure("VIP, futures"),
        Column::text("Position and event"),
    ];
    Table { id: "history", caption: "All program events, the latest first", columns: &columns, sorting: None, rows }
        .draw(visit)
}

fn draft(fields: &Fields) -> Result<Draft, Problem> {
    Ok(Draft {
        event_type: EventType::Program,
        time: moment::as_the_api_takes_it(fields.get("time")),
        data: json!({
            "default_spot_rate": fields.rate("default_spot_rate")?,
            "default_futures_rate": fields.rate("default_futures_rate")?,
            "default_futures_window_days": whole_number_or_null(fields.get("default_futures_window_days")),
            "spot_vip_max": whole_number_or_null(fields.get("spot_vip_max")),
            "futures_vip_max": whole_number_or_null(fields.get("futures_vip_max")),
        }),
    })
}

async fn post_rules(submission: Submission) -> Result<Response, Problem> {
    require_operator(&submission)?;
    submission.require_command()?;
    let given = match draft(&submission.fields) {
        Ok(draft) => append(&submission, draft).await,
        Err(problem) => Err(problem),
    };
    match given {
        Ok(taken) => {
            let to = submission.visit.link(PATH);
            Ok(submission.visit.redirect(&to, &taken.say("The new rules are set")))
        }
        Err(problem) => {
            let code = problem.kind.status();
            let filled = filled_again(&submission, problem)?;
            show(&submission.visit, Some(filled), code).await
        }
    }
}
