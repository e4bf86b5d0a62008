//! Affiliates: every referrer with a standing, and the form that sets one: approve, suspend, other rates.

use api::{Problem, ProblemKind, question};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::query::PageRequest;
use projections::views::{Account, Standing};
use schemas::{EventType, Rate, Uid};
use serde_json::{Value, json};

use super::append::{Draft, append};
use super::{filled_again, require_operator, require_sight};
use crate::figures;
use crate::forms::{self, Field, Filled, Input};
use crate::layout::Page;
use crate::link::encoded;
use crate::moment;
use crate::parts;
use crate::site::Site;
use crate::submission::{Fields, Submission};
use crate::tables::{Column, Table, paging};
use crate::visit::{Visit, see_other};
use crate::words::{marked, words};

pub(super) const PATH: &str = "/operator/affiliates";

fn statuses() -> [(&'static str, &'static str); 2] {
    [("approved", words!("operator-approved")), ("suspended", words!("operator-suspended"))]
}

pub(super) fn router() -> Router<Site> {
    Router::new()
        .route(PATH, get(get_affiliates))
        .route("/operator/affiliates/{uid}", get(get_affiliate).post(post_affiliate))
}

/// From when on an event is to hold.
pub(super) fn from_when(form: &str) -> Field<'_> {
    Field {
        name: "time",
        form,
        label: words!("operator-from"),
        hint: words!("operator-from-hint"),
        input: Input::Moment,
        is_required: false,
    }
}

/// The fields of rates and window.
pub(super) fn rate_fields(form: &str, filled: &Filled) -> Markup {
    let rate = |name, label| Field {
        name,
        form,
        label,
        hint: words!("operator-of-the-fee-30"),
        input: Input::Rate,
        is_required: true,
    };
    let window = Field {
        name: "futures_window_days",
        form,
        label: words!("operator-window-days"),
        hint: words!("operator-window-hint"),
        input: Input::Number { min: 0, max: 36_500 },
        is_required: false,
    };
    html! {
        div.fields-2 {
            (rate("spot_rate", words!("operator-spot-rate")).draw(filled))
            (rate("futures_rate", words!("operator-futures-rate")).draw(filled))
            (window.draw(filled))
        }
        (forms::rate_rule())
    }
}

/// What the fields of a standing hold when a form is new.
pub(super) fn filled_with(status: &str, rates: (Rate, Rate, Option<u16>)) -> Filled {
    let (spot, futures, window) = rates;
    Filled::with(&[
        ("status", status.to_owned()),
        ("spot_rate", figures::percent(spot)),
        ("futures_rate", figures::percent(futures)),
        ("futures_window_days", window.map(|days| days.to_string()).unwrap_or_default()),
    ])
}

/// The event that a form of these fields asks for.
///
/// # Errors
/// If a rate is none, or could be two.
pub(super) fn draft(uid: Uid, status: &str, fields: &Fields) -> Result<Draft, Problem> {
    Ok(Draft {
        event_type: EventType::Affiliate,
        time: moment::as_the_api_takes_it(fields.get("time")),
        data: json!({
            "uid": uid,
            "status": status,
            "spot_rate": fields.rate("spot_rate")?,
            "futures_rate": fields.rate("futures_rate")?,
            "futures_window_days": whole_number_or_null(fields.get("futures_window_days")),
        }),
    })
}

/// A number as entered; what is none stays a text, which the reader of events refuses with its own words.
pub(super) fn whole_number_or_null(text: &str) -> Value {
    let text = text.trim();
    match text.parse::<u64>() {
        _ if text.is_empty() => Value::Null,
        Ok(number) => number.into(),
        Err(_) => text.into(),
    }
}

/// A standing as a mark.
pub(super) fn standing_badge(standing: Standing) -> Markup {
    match standing {
        Standing::Approved => parts::badge("good", words!("operator-approved")),
        Standing::Suspended => parts::badge("bad", words!("operator-suspended")),
        Standing::None => parts::badge("plain", words!("operator-no-affiliate")),
    }
}

/// A window in words.
pub(super) fn window(days: Option<u16>) -> Markup {
    html! { @match days { Some(days) => (marked!("operator-days", days = figures::count(u64::from(days)))), None => (words!("operator-without-end")) } }
}

async fn get_affiliates(visit: Visit) -> Result<Response, Problem> {
    require_sight(&visit)?;
    if let Some(who) = visit.parameter("who") {
        return Ok(see_other(&visit.link(format!("{PATH}/{}", encoded(who))).to_string()));
    }
    let request = PageRequest { limit: 50, cursor: visit.parameter("cursor").map(str::to_owned) };
    let list = visit.read_platform(move |read| Ok(read.here()?.view.standings(&request)?)).await?;
    let rows = html! {
        @for row in &list.rows {
            tr {
                th scope="row" { a href=(visit.link(format!("{PATH}/{}", row.uid))) { (row.uid) } }
                td { (standing_badge(row.now.value.status.into())) }
                td.num { (figures::rate(row.now.value.spot_rate)) }
                td.num { (figures::rate(row.now.value.futures_rate)) }
                td { (window(row.now.value.futures_window_days)) }
                td { (figures::time(row.now.time)) }
                td { @if let Some(at) = row.changes_at { (marked!("operator-changes-at", time = figures::time(at))) } @else { (figures::none()) } }
            }
        }
    };
    let columns = [
        Column::text(words!("operator-uid")),
        Column::text(words!("operator-standing")),
        Column::figure(words!("operator-spot-rate")),
        Column::figure(words!("operator-futures-rate")),
        Column::text(words!("operator-window")),
        Column::text(words!("operator-since")),
        Column::text(words!("operator-to-come")),
    ];
    let caption = words!("operator-standings-caption");
    let table = Table { id: "standings", caption, columns: &columns, sorting: None, rows };
    let find = visit.link(PATH);
    let main = html! {
        form.inline method="get" action=(find.path()) {
            div.field { label for="who" { (words!("operator-referrers-uid")) } input #who name="who" type="text" inputmode="numeric" pattern="[0-9]{1,16}" required autocomplete="off"; }
            (forms::hidden_parameters(&find))
            button.primary type="submit" { (words!("operator-show-standing")) }
        }
        @if list.rows.is_empty() {
            (parts::empty(words!("operator-no-standing"), html! { p { (words!("operator-no-standing-hint")) } }))
        } @else {
            (table.draw(&visit))
            (paging(&visit, list.total, list.next_cursor.as_deref(), words!("operator-unit-referrers")))
        }
    };
    Ok(Page { title: words!("operator-affiliates"), section: PATH, as_of: Some(list.as_of), aside: html! {}, main }
        .show(&visit))
}

fn uid_of(path: &str) -> Result<Uid, Problem> {
    Uid::parse(path).ok_or_else(|| Problem::new(ProblemKind::NotFound, format!("{path} is no uid")))
}

async fn account_of(visit: &Visit, uid: Uid) -> Result<Account, Problem> {
    visit
        .read_platform(move |read| {
            let uid = uid.to_string();
            read.ask_without_uid(&[("uid", Some(&*uid))], question::account())
        })
        .await
}

async fn get_affiliate(visit: Visit, Path(uid): Path<String>) -> Result<Response, Problem> {
    require_sight(&visit)?;
    let account = account_of(&visit, uid_of(&uid)?).await?;
    let status = if account.status == Standing::Suspended { "suspended" } else { "approved" };
    let filled = filled_with(status, (account.spot_rate, account.futures_rate, account.futures_window_days));
    Ok(show(&visit, &account, &filled, StatusCode::OK))
}

fn show(visit: &Visit, account: &Account, filled: &Filled, status: StatusCode) -> Response {
    let uid = account.uid;
    let rows = html! {
        @for event in account.history.iter().rev() {
            tr {
                th scope="row" { (figures::time(event.time)) }
                td { (standing_badge(event.status)) }
                td.num { (figures::rate(event.spot_rate)) }
                td.num { (figures::rate(event.futures_rate)) }
                td { (window(event.futures_window_days)) }
            }
        }
    };
    let columns = [
        Column::text(words!("operator-from")),
        Column::text(words!("operator-standing")),
        Column::figure(words!("operator-spot-rate")),
        Column::figure(words!("operator-futures-rate")),
        Column::text(words!("operator-window")),
    ];
    let table =
        Table { id: "history", caption: words!("operator-standings-so-far"), columns: &columns, sorting: None, rows };
    let main = html! {
        dl.facts {
            dt { (words!("operator-standing")) } dd { (standing_badge(account.status)) }
            dt { (words!("operator-spot-rate-in-force")) } dd { (figures::rate(account.spot_rate)) }
            dt { (words!("operator-futures-rate-in-force")) } dd { (figures::rate(account.futures_rate)) }
            dt { (words!("operator-window-in-force")) } dd { (window(account.futures_window_days)) }
        }
        p { a href=(visit.link("/").with("uid", uid)) { (words!("operator-see-overview", uid = uid)) } }
        @if visit.may_put_in() {
            (parts::section("set", words!("operator-set-standing"), forms::post(visit, &format!("{PATH}/{uid}"), standing_form(filled))))
        }
        @if account.history.is_empty() {
            (parts::empty(words!("operator-no-affiliate-event"), html! { p { (words!("operator-defaults-hold")) } }))
        } @else { (table.draw(visit)) }
    };
    let title = words!("operator-affiliate-named", uid = uid);
    Page { title: &title, section: PATH, as_of: Some(account.as_of), aside: html! {}, main }.show_as(visit, status)
}

fn standing_form(filled: &Filled) -> Markup {
    let form = "standing";
    let statuses = statuses();
    let status = Field {
        name: "status",
        form,
        label: words!("operator-standing"),
        hint: words!("operator-standing-hint"),
        input: Input::Select(&statuses),
        is_required: true,
    };
    html! {
        (filled.general_error(&["status", "spot_rate", "futures_rate", "futures_window_days", "time"]))
        (status.draw(filled))
        (rate_fields(form, filled))
        (from_when(form).draw(filled))
        button.primary type="submit" { (words!("operator-set-standing")) }
    }
}

async fn post_affiliate(Path(uid): Path<String>, submission: Submission) -> Result<Response, Problem> {
    require_operator(&submission)?;
    let uid = uid_of(&uid)?;
    let status = submission.fields.get("status");
    submission.require_command()?;
    let given = match draft(uid, status, &submission.fields) {
        Ok(draft) => append(&submission, draft).await,
        Err(problem) => Err(problem),
    };
    match given {
        Ok(taken) => {
            let to = submission.visit.link(format!("{PATH}/{uid}"));
            Ok(submission.visit.redirect(&to, &taken.say(&words!("operator-standing-set", uid = uid))))
        }
        Err(problem) => {
            let code = problem.kind.status();
            let filled = filled_again(&submission, problem)?;
            let account = account_of(&submission.visit, uid).await?;
            Ok(show(&submission.visit, &account, &filled, code))
        }
    }
}
