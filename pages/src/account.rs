//! Account: a user's standing, its base rates and their history, and applying to become an affiliate.

use api::body::MESSAGE;
use api::commands::account::ApplicationBody;
use api::{Problem, question};
use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use projections::commands::Command;
use projections::views::{Account, Standing, StandingEvent};
use schemas::Timestamp;

use super::entries::{Audience, Entry};
use super::forms::{self, Field, Filled, Input};
use super::layout::Page;
use super::submission::Submission;
use super::tables::{Column, Table};
use super::visit::Visit;
use super::{figures, parts};
use crate::site::Site;
use crate::words::{Key, marked, words};

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] =
    &[Entry { path: "/account", label: Key("layout-menu-account"), audience: Audience::Everyone }];

pub(super) fn router() -> Router<Site> {
    Router::new().route("/account", get(get_account)).route("/account/apply", post(post_application))
}

/// The longest message, in characters (SPEC 1).
const MESSAGE_CHARS_MAX: usize = 2_000;

async fn get_account(visit: Visit) -> Result<Response, Problem> {
    Ok(page(&visit, &Filled::default()).await?.show(&visit))
}

async fn post_application(form: Submission) -> Result<Response, Problem> {
    match apply(&form).await {
        Ok(()) => Ok(form.redirect(&form.link("/account"), words!("account-application-is-in"))),
        Err(problem) => {
            let status = problem.kind.status();
            let filled = Filled::refused(form.fields.clone(), problem);
            Ok(page(&form, &filled).await?.show_as(&form, status))
        }
    }
}

async fn apply(form: &Submission) -> Result<(), Problem> {
    form.require_command()?;
    let body = form.fields.to_body(ApplicationBody::SHAPE, &["message"], &[], &[])?;
    form.command(Command::Apply { message: body.require(&MESSAGE)? }).await?;
    Ok(())
}

async fn page(visit: &Visit, filled: &Filled) -> Result<Page<'static>, Problem> {
    let read = visit.read_ledger(|read| {
        let account = read.ask(&[], question::account())?;
        let waiting = match account.status {
            Standing::Approved => None,
            Standing::Suspended | Standing::None => read.ask(&[], question::application())?,
        };
        Ok((account, waiting))
    });
    let (account, waiting) = read.await?;
    let main = html! {
        (parts::section("standing", words!("account-standing"), standing(visit, &account)))
        (application(visit, &account, waiting, filled))
        (parts::section("history", words!("account-history"), history(visit, &account.history)))
    };
    Ok(Page { title: words!("account-title"), section: "/account", as_of: Some(account.as_of), aside: html! {}, main })
}

/// What a standing is called, and the tone of its mark.
fn standing_words(standing: Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Approved => ("good", words!("account-approved")),
        Standing::Suspended => ("bad", words!("account-suspended")),
        Standing::None => ("plain", words!("account-no-affiliate")),
    }
}

fn standing(visit: &Visit, account: &Account) -> Markup {
    let (tone, words) = standing_words(account.status);
    html! {
        dl.facts {
            dt { (words!("account-uid")) } dd { (account.uid) }
            dt { (words!("account-standing")) } dd { (parts::badge(tone, words)) }
            dt { (words!("account-spot-rate")) } dd #account-spot { (marked!("account-of-the-fee", rate = figures::rate(account.spot_rate))) }
            dt { (words!("account-futures-rate")) } dd #account-futures { (marked!("account-of-the-fee", rate = figures::rate(account.futures_rate))) }
            dt { (words!("account-futures-window")) } dd { (window(account.futures_window_days)) }
            dt { (words!("account-default-code")) } dd {
                @match &account.default_code {
                    Some(code) => a href=(visit.link(format!("/codes/{code}"))) { code { (code) } },
                    None => (marked!("account-no-code", choose = html! { a href=(visit.link("/codes")) { (words!("account-choose-code")) } })),
                }
            }
        }
        @match account.status {
            Standing::Approved => {}
            Standing::Suspended => p.hint { (words!("account-while-suspended")) }
            Standing::None => p.hint { (words!("account-rates-of-everyone")) }
        }
    }
}

fn window(days: Option<u16>) -> Markup {
    html! {
        @match days {
            Some(days) => (marked!("account-window", days = figures::count(u64::from(days)))),
            None => (words!("account-no-window")),
        }
    }
}

/// Applying, for who is not approved.
fn application(visit: &Visit, account: &Account, waiting: Option<Timestamp>, filled: &Filled) -> Markup {
    if account.status == Standing::Approved {
        return html! {};
    }
    let message = Field {
        name: "message",
        form: "apply",
        label: words!("account-message"),
        hint: words!("account-message-hint"),
        input: Input::Area { rows: 6, max: MESSAGE_CHARS_MAX },
        is_required: true,
    };
    parts::section(
        "apply",
        words!("account-become"),
        html! {
            div.stack {
                @if let Some(since) = waiting {
                    p { (parts::badge("plain", words!("account-waiting"))) " " (marked!("account-waiting-since", time = figures::time(since))) }
                } @else {
                    p { (words!("account-what-affiliates-have")) }
                }
                @if visit.may_command() {
                    (forms::post(visit, "/account/apply", html! {
                        (filled.general_error(&["message"]))
                        (message.draw(filled))
                        button.primary type="submit" { @if waiting.is_some() { (words!("account-apply-again")) } @else { (words!("account-apply")) } }
                    }))
                }
            }
        },
    )
}

fn history(visit: &Visit, history: &[StandingEvent]) -> Markup {
    if history.is_empty() {
        return html! { p { (words!("account-nothing-decided")) } };
    }
    let table = Table {
        id: "account-history",
        caption: words!("account-history-caption"),
        columns: &[
            Column::text(words!("account-from")),
            Column::text(words!("account-standing")),
            Column::figure(words!("trades-spot-and-margin")),
            Column::figure(words!("trades-futures")),
            Column::figure(words!("account-window-days")),
        ],
        sorting: None,
        rows: html! {
            @for one in history.iter().rev() {
                @let (tone, words) = standing_words(one.status);
                tr {
                    th scope="row" { (figures::time(one.time)) }
                    td { (parts::badge(tone, words)) }
                    td.num { (figures::rate(one.spot_rate)) }
                    td.num { (figures::rate(one.futures_rate)) }
                    td.num { @match one.futures_window_days { Some(days) => { (figures::count(u64::from(days))) } None => { (figures::none()) } } }
                }
            }
        },
    };
    table.draw(visit)
}
