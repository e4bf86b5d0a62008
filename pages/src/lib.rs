//! The pages of the dashboard: what a referrer, an affiliate and an operator work with in a browser.
//!
//! `router` gives them beside the API, to be served with it.
//!
//! A page is a file with its handler, its queries and its markup; every figure on it comes from the API's own
//! questions through `visit::Visit::read_ledger`, so that both say the same to the last digit. Each page works without
//! JavaScript (links, GET forms, POST and redirect, `details`), and better with it.
//!
//! **What this crate does not do.** It computes no amount, and knows no rule: what a page shows is an answer of the
//! API, and what a form sends is one of the API's commands or events.
//!
//! # The kit, for who builds a page
//!
//! | file | what it gives |
//! |---|---|
//! | `site` | `Site`: the API that all pages ask, and the key of their forms |
//! | `visit` | `Visit`: who looks at a page, at whose data, as of when; an extractor of every handler |
//! | `reading` | `Reading`: asks several questions of one state |
//! | `elsewhere` | what answers them where there is no ledger |
//! | `link` | `Link`: addresses that keep whose data is shown and as of when |
//! | `submission` | `Submission`: the fields of a POST form, its token checked; gives commands |
//! | `bodies` | a form's fields as the body of the API's command |
//! | `seal` | what guards the forms against other sites' pages |
//! | `cookies`, `visitor`, `sign_in` | who a browser is before and after it signs in |
//! | `frame` | the middleware of all pages: their headers, and refusals told as pages |
//! | `layout` | the whole page around a `main`: `Page` |
//! | `entries`, `menu` | the navigation; each page's module tells its own entries, `ENTRIES` puts them in order |
//! | `search_field` | the field of the header that finds anything by its name |
//! | `guide` | what a newcomer is shown first, where whoever serves the pages wrote one: `Guide` |
//! | `forms` | fields with label, hint and error beside them; values kept after an error |
//! | `per_cent` | rates as people type them |
//! | `split` | what a split gives of a fee, in money |
//! | `figures` | amounts, rates, counts, dates and times, with the API's exact text in `data-value` |
//! | `dates` | days and months in words, by language |
//! | `metrics` | the metrics of SPEC 3: label, unit, definition, figure |
//! | `ranges` | ranges of days: presets and from–to, kept in the address |
//! | `tables` | tables with sort links, paging, and what to do when they are empty |
//! | `parts` | small parts: cards, chips, tabs, badges, notices, empty states, copy, dialogs |
//! | `trades` | trades with why each gave its amounts, and links to their explanation |
//! | `outside` | links that lead out of the pages |
//! | `offer_metrics` | what the conditions of offers measure |
//! | `charts` | bars, lines, spark lines and funnels, with their values as a table |
//! | `qr` | QR codes |
//! | `assets` | the style sheet (concatenated from `assets/css`), the script (from `assets/js`), icons, manifest |
//! | `language` | which language a browser is answered in, by hand or by what it asks for |
//! | `language_choice` | the form that chooses one by hand |
//! | `words` | the texts of the pages, once a language: begin there to write or translate one |
//! | `live` | tells open pages that the ledger grew; a page marks what changes with `data-live` and an `id` |

mod assets;
mod bodies;
mod charts;
mod cookies;
mod dates;
mod elsewhere;
mod entries;
mod figures;
mod forms;
mod frame;
mod guide;
mod language;
mod language_choice;
mod layout;
mod link;
mod live;
mod menu;
mod metrics;
mod moment;
mod offer_metrics;
mod outside;
mod parts;
mod per_cent;
mod qr;
mod ranges;
mod reading;
mod seal;
mod search_field;
mod sign_in;
mod site;
mod split;
mod submission;
mod tables;
mod trades;
mod visit;
mod visitor;
mod words;

mod account;
mod ask;
mod campaigns;
mod codes;
mod cohorts;
mod countries;
mod everybody;
mod explain;
mod guide_page;
mod operator;
mod overview;
mod programs;
mod referrals;
mod restatement;
mod rewards;
mod what_if;
mod withheld;

use api::{App, Problem, ProblemKind, preferred};
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use tower_service::Service;

use crate::entries::Entries;
use crate::language::{Language, speaking};
use crate::site::Site;
use crate::visit::Visit;
use crate::visitor::Visitor;
use crate::words::words;

pub use crate::guide::{Chapter, Guide, Lead, Story, Told, Trade};

/// The entries of the menu, in order.
const ENTRIES: Entries = Entries {
    of_referrer: &[
        overview::ENTRIES,
        cohorts::ENTRIES,
        countries::ENTRIES,
        referrals::ENTRIES,
        codes::ENTRIES,
        rewards::ENTRIES,
        programs::ENTRIES,
        campaigns::ENTRIES,
        account::ENTRIES,
        restatement::ENTRIES,
    ],
    of_platform: &[operator::ENTRIES, everybody::ENTRIES, withheld::ENTRIES, ask::ENTRIES, what_if::ENTRIES],
};

/// Those where there is no ledger.
const ENTRIES_ELSEWHERE: Entries = Entries {
    of_referrer: &[
        overview::ENTRIES,
        cohorts::ENTRIES,
        countries::ENTRIES,
        referrals::ENTRIES,
        codes::ENTRIES,
        rewards::ENTRIES,
        programs::ENTRIES,
        campaigns::ENTRIES,
        account::ENTRIES,
    ],
    of_platform: &[everybody::ENTRIES, ask::ENTRIES],
};

/// Whether a request is a browser's that asks for a page.
fn asks_for_page(request: &Request) -> bool {
    let wanted = preferred(request.headers(), &["application/problem+json", "text/html"]);
    wanted == Some("text/html") && !request.uri().path().starts_with("/v1/")
}

/// What stands where nothing is: a page to a browser that asks for one.
async fn nowhere(State(site): State<Site>, request: Request) -> Response {
    let problem = Problem::new(ProblemKind::NotFound, "there is nothing here: see /openapi.json");
    if !asks_for_page(&request) {
        return problem.into_response();
    }
    let language = Language::of(request.headers());
    let parts = request.into_parts().0;
    let told = async {
        let problem = Problem { detail: words!("problems-nowhere").to_owned(), ..problem };
        frame::tell(&site, parts, problem).await
    };
    speaking(language, told).await
}

/// The same where there is no ledger: all that is no page is the API's; and why a page is none here, a browser is told as a
/// page.
async fn not_here(State(site): State<Site>, request: Request) -> Response {
    if !asks_for_page(&request) {
        return site.api().call(request).await.unwrap_or_else(|never| match never {});
    }
    let language = Language::of(request.headers());
    let (mut parts, body) = request.into_parts();
    let told = async {
        let visit = Visit::read(&site, Visitor::read(&site.app, &parts), &parts).await;
        if let Ok(visit) = &visit {
            parts.extensions.insert(visit.within());
        }
        let request = Request::from_parts(parts.clone(), body);
        let mut answer = site.api().call(request).await.unwrap_or_else(|never| match never {});
        match answer.extensions_mut().remove::<Problem>() {
            Some(problem) => frame::tell(&site, parts, problem).await,
            None => answer,
        }
    };
    speaking(language, told).await
}

/// The API, and the pages beside it.
pub fn router(app: &App) -> Router {
    router_with(app, None)
}

/// The same, with a guide for who comes for the first time.
pub fn router_with(app: &App, guide: Option<Guide>) -> Router {
    let site = Site::new(app.clone(), ENTRIES, guide);
    let of_a_ledger = Router::new()
        .merge(guide_page::router())
        .merge(restatement::router())
        .merge(operator::router())
        .merge(withheld::router())
        .merge(what_if::router())
        .merge(live::router());
    let pages = framed(&site, anywhere().merge(of_a_ledger)).fallback(nowhere);
    // What stands where nothing is, is told here instead of by the API alone.
    app.router().reset_fallback().merge(pages.with_state(site))
}

/// The pages where there is no ledger, beside what answers the API there: those whose questions it answers, with forms that give
/// it commands.
pub fn router_elsewhere(app: &App, api: Router) -> Router {
    let site = Site::elsewhere(app.clone(), ENTRIES_ELSEWHERE, api);
    let pages = framed(&site, anywhere()).fallback(not_here);
    pages.with_state(site)
}

/// The pages that are made of answers to the API's questions.
fn anywhere() -> Router<Site> {
    Router::new()
        .merge(overview::router())
        .merge(cohorts::router())
        .merge(countries::router())
        .merge(everybody::router())
        .merge(referrals::router())
        .merge(codes::router())
        .merge(rewards::router())
        .merge(programs::router())
        .merge(campaigns::router())
        .merge(account::router())
        .merge(explain::router())
        .merge(ask::router())
        .merge(qr::router())
        .merge(sign_in::router())
        .merge(language_choice::router())
}

fn framed(site: &Site, pages: Router<Site>) -> Router<Site> {
    pages.layer(from_fn_with_state(site.clone(), frame::frame)).merge(assets::router())
}
