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
use crate::words::words;

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
        let view = read.here()?.view;
        Ok((view.program_rules(), view.now, view.as_of()))
    });
    let (rules, now, as_of) = read.await?;
    let filled = refused.unwrap_or_else(|| filled_with(&rules.in_force));
    let main = html! {
        (parts::section("in-force", words!("operator-in-force"), in_force(&rules.in_force)))
        @if visit.may_put_in() { (parts::section("set", words!("operator-set-rules"), forms::post(visit, PATH, form(&filled)))) }
        (history(visit, &rules, now))
    };
    Ok(page(visit, main, as_of, status))
}

fn page(visit: &Visit, main: Markup, as_of: AsOf, status: StatusCode) -> Response {
    Page { title: words!("operator-rules"), section: PATH, as_of: Some(as_of), aside: html! {}, main }
        .show_as(visit, status)
}

/// The rules as facts.
pub(super) fn in_force(rules: &Program) -> Markup {
    html! {
        dl.facts {
            dt { (words!("operator-default-spot-rate")) } dd { (figures::rate(rules.default_spot_rate)) }
            dt { (words!("operator-default-futures-rate")) } dd { (figures::rate(rules.default_futures_rate)) }
            dt { (words!("operator-default-window")) } dd { (window(rules.default_futures_window_days)) }
            dt { (words!("operator-vip-max-spot")) } dd { (figures::count(u64::from(rules.spot_vip_max))) }
            dt { (words!("operator-vip-max-futures")) } dd { (figures::count(u64::from(rules.futures_vip_max))) }
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
        p { (words!("operator-rules-hold")) }
        (filled.general_error(FIELDS))
        div.fields-2 {
            (field("default_spot_rate", words!("operator-default-spot-rate"), words!("operator-of-the-fee-20"), Input::Rate, true))
            (field("default_futures_rate", words!("operator-default-futures-rate"), words!("operator-of-the-fee-10"), Input::Rate, true))
            (field("default_futures_window_days", words!("operator-default-window-days"), words!("operator-empty-without-end"),
                Input::Number { min: 0, max: 36_500 }, false))
            (field("spot_vip_max", words!("operator-vip-limit-spot"), words!("operator-vip-limit-hint"), vip, true))
            (field("futures_vip_max", words!("operator-vip-limit-futures"), words!("operator-vip-limit-hint"), vip, true))
            (from_when(form).draw(filled))
        }
        (forms::rate_rule())
        button.primary type="submit" { (words!("operator-set-the-rules")) }
    }
}

fn history(visit: &Visit, rules: &ProgramRules, now: Timestamp) -> Markup {
    if rules.history.is_empty() {
        let next = html! { p { (words!("operator-built-in-hold")) } };
        return parts::empty(words!("operator-no-program-event"), next);
    }
    let in_force = rules.history.iter().rposition(|event| event.time <= now);
    let rows = html! {
        @for (at, event) in rules.history.iter().enumerate().rev() {
            tr {
                th scope="row" { (figures::time(event.time)) }
                td {
                    @if Some(at) == in_force { (parts::badge("good", words!("operator-in-force"))) }
                    @else if event.time > now { (parts::badge("warn", words!("operator-to-come"))) }
                    @else { (parts::badge("plain", words!("operator-past"))) }
                }
                td.num { (figures::rate(event.value.default_spot_rate)) }
                td.num { (figures::rate(event.value.default_futures_rate)) }
                td { (window(event.value.default_futures_window_days)) }
                td.num { (figures::count(u64::from(event.value.spot_vip_max))) }
                td.num { (figures::count(u64::from(event.value.futures_vip_max))) }
                td { (figures::count(event.position)) " " span.hint.wrap { bdi { (event.source) " " (event.id) } } }
            }
        }
    };
    let columns = [
        Column::text(words!("operator-from")),
        Column::text(words!("operator-state")),
        Column::figure(words!("operator-spot-rate")),
        Column::figure(words!("operator-futures-rate")),
        Column::text(words!("operator-window")),
        Column::figure(words!("operator-vip-spot")),
        Column::figure(words!("operator-vip-futures")),
        Column::text(words!("operator-position-and-event")),
    ];
    Table { id: "history", caption: words!("operator-program-events"), columns: &columns, sorting: None, rows }
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
            Ok(submission.visit.redirect(&to, &taken.say(words!("operator-rules-set"))))
        }
        Err(problem) => {
            let code = problem.kind.status();
            let filled = filled_again(&submission, problem)?;
            show(&submission.visit, Some(filled), code).await
        }
    }
}
