//! Account: a user's standing, its base rates and their history, and applying to become an affiliate.

use api::body::MESSAGE;
use api::commands::account::ApplicationBody;
use api::parameters::{AS_OF, Given, UID};
use api::{Problem, query};
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

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] = &[Entry { path: "/account", label: "Account", audience: Audience::Everyone }];

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
        Ok(()) => Ok(form.redirect(&form.link("/account"), "Your application is in. An operator will look at it.")),
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
        let account = read.ask(&[], query::account::account)?;
        let waiting = read.ask(&[], |asked| {
            let uid = asked.caller.referrer(&Given::of(asked.parameters, &[&UID, &AS_OF])?)?;
            Ok(asked.view.application_waiting_since(uid))
        })?;
        Ok((account, waiting))
    });
    let (account, waiting) = read.await?;
    let main = html! {
        (parts::section("standing", "Standing", standing(visit, &account)))
        (application(visit, &account, waiting, filled))
        (parts::section("history", "History", history(visit, &account.history)))
    };
    Ok(Page { title: "Account", section: "/account", as_of: Some(account.as_of), aside: html! {}, main })
}

/// What a standing is called, and the tone of its mark.
fn standing_words(standing: Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Approved => ("good", "approved affiliate"),
        Standing::Suspended => ("bad", "suspended"),
        Standing::None => ("plain", "no affiliate"),
    }
}

fn standing(visit: &Visit, account: &Account) -> Markup {
    let (tone, words) = standing_words(account.status);
    html! {
        dl.facts {
            dt { "Uid" } dd { (account.uid) }
            dt { "Standing" } dd { (parts::badge(tone, words)) }
            dt { "Spot and margin base rate" } dd #account-spot { (figures::rate(account.spot_rate)) " of the fee" }
            dt { "Futures base rate" } dd #account-futures { (figures::rate(account.futures_rate)) " of the fee" }
            dt { "Futures window" } dd { (window(account.futures_window_days)) }
            dt { "Default code" } dd {
                @match &account.default_code {
                    Some(code) => a href=(visit.link(format!("/codes/{code}"))) { code { (code) } },
                    None => { "none: " a href=(visit.link("/codes")) { "choose or make one" } }
                }
            }
        }
        @match account.status {
            Standing::Approved => {}
            Standing::Suspended => p.hint { "While suspended you earn nothing of new trades; what was earned before stays." }
            Standing::None => p.hint { "These are the platform's rates for everyone. Approved affiliates have rates of their own." }
        }
    }
}

fn window(days: Option<u16>) -> Markup {
    html! {
        @match days {
            Some(days) => { (figures::count(u64::from(days))) " days after an invitee's registration" }
            None => "none: futures trades earn however long ago the invitee registered",
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
        label: "Message",
        hint: "Who you are, and how you will bring invitees. Up to 2,000 characters.",
        input: Input::Area { rows: 6, max: MESSAGE_CHARS_MAX },
        is_required: true,
    };
    parts::section(
        "apply",
        "Become an affiliate",
        html! {
            div.stack {
                @if let Some(since) = waiting {
                    p { (parts::badge("plain", "waiting")) " An application is in since " (figures::time(since)) ". An operator will answer it." }
                } @else {
                    p { "Affiliates have base rates of their own, see the countries of their invitees, and take part in exclusive programs and campaigns." }
                }
                @if visit.may_command() {
                    (forms::post(visit, "/account/apply", html! {
                        (filled.general_error(&["message"]))
                        (message.draw(filled))
                        button.primary type="submit" { @if waiting.is_some() { "Apply again" } @else { "Apply" } }
                    }))
                }
            }
        },
    )
}

fn history(visit: &Visit, history: &[StandingEvent]) -> Markup {
    if history.is_empty() {
        return html! { p { "Nothing was ever decided about this account: the platform's rates hold." } };
    }
    let table = Table {
        id: "account-history",
        caption: "Every decision about the standing and the base rates, the latest first; each holds from its time on",
        columns: &[
            Column::text("From"),
            Column::text("Standing"),
            Column::figure("Spot and margin"),
            Column::figure("Futures"),
            Column::figure("Futures window, days"),
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
