//! Every endpoint of the API, once: what is served here stands in the OpenAPI document, and nothing else does. What it
//! `asks` is answered without HTTP, too.

use std::sync::OnceLock;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use ledger::LedgerReader;
use projections::View;
use schemas::Timestamp;
use utoipa::OpenApi;
use utoipa::openapi::Server;

use crate::app::App;
use crate::asking::PathNames;
use crate::caller::{Caller, Privilege};
use crate::openapi::BearerToken;
use crate::probes::PROBES;
use crate::problem::{Problem, ProblemDetails, ProblemKind};
use crate::query::{Answer, Asked};
use crate::told::{QuestionTold, of_document};
use crate::views::Shown;
use crate::{
    checkpoint, commands, events, export, feed, probes, quarantine, query, replication, segments, sign_in, tokens,
    what_if,
};

macro_rules! endpoints {
    ($($path:literal: $($method:ident => $($module:ident)::+),+ $($(needs $privilege:ident)? asks $question:expr)?;)*) => {
        /// The handlers.
        pub(crate) fn router() -> Router<App> {
            Router::new()$(.route($path, MethodRouter::new()$(.$method($($module)::+))+))*
        }

        /// Their description.
        #[derive(OpenApi)]
        #[openapi(
            info(
                title = "Tributary",
                description = "An event-sourced commission ledger for referral programs. Money and rates are texts, \
                    days are UTC, times RFC 3339. Every answer to a question says in `as_of` which position of the \
                    ledger it reflects. Errors are application/problem+json (RFC 9457).",
                license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT"),
            ),
            servers((url = "/")),
            paths($($($($module)::+),+),*),
            components(schemas(ProblemDetails<'static>)),
            tags(
                (name = "performance", description = "What a referrer's invitees brought."),
                (name = "referrals", description = "Who the invitees are."),
                (name = "codes", description = "The codes that they register with."),
                (name = "rewards", description = "What was earned, and why."),
                (name = "account", description = "A referrer's standing."),
                (name = "programs", description = "Offers and campaigns."),
                (name = "history", description = "The ledger as it would have been."),
                (name = "operation", description = "Events in, ledger entries out, and how it is."),
                (name = "access", description = "Who may ask: tokens that are taken no more, links to sign in by."),
                (name = "about", description = "Probes, metrics, this document."),
            ),
            modifiers(&BearerToken),
            security(("bearer" = [])),
        )]
        struct Documented;

        /// Those that are questions, by their templates.
        const QUESTIONS: &[Question] = &[$($(Question {
            template: $path,
            needs: &[$(Privilege::$privilege)?],
            asked: $question,
        },)?)*];
    };
}

/// A question without its transport: what a GET is answered from.
struct Question {
    template: &'static str,
    /// What its caller's role has to be allowed, whatever it asks with; the question itself refuses who is not.
    needs: &'static [Privilege],
    asked: fn(&Asked<'_>, &PathNames) -> Result<Answer, Problem>,
}

fn shown<T: Shown>(answer: Result<T, Problem>) -> Result<Answer, Problem> {
    Answer::shown(answer?)
}

endpoints! {
    "/v1/overview": get => query::overview::get_overview
        asks |asked, _| shown(query::overview::overview(asked));
    "/v1/overview/series": get => query::overview::get_series
        asks |asked, _| shown(query::overview::series(asked));
    "/v1/countries": get => query::countries::get_countries
        asks |asked, _| shown(query::countries::countries(asked));
    "/v1/cohorts": get => query::cohorts::get_cohorts
        asks |asked, _| shown(query::cohorts::cohorts(asked));
    "/v1/changes": get => query::changes::get_changes
        asks |asked, _| Answer::json(&asked.actors().changes(query::changes::changes(asked)?)?);
    "/v1/referrers": get => query::referrers::get_referrers
        needs ReadAny asks |asked, _| shown(query::referrers::referrers(asked));
    "/v1/referrals": get => query::referrals::get_referrals
        asks |asked, _| shown(query::referrals::referrals(asked));
    "/v1/referrals/{invitee}": get => query::referrals::get_referral
        asks |asked, path| Answer::json(&asked.actors().referral_detail(query::referrals::referral(asked, path.first())?)?);
    "/v1/referrals/{invitee}/history": get => query::referrals::get_referral_history
        asks |asked, path| query::referrals::history_shown(asked, path.first());
    "/v1/referrals/{invitee}/note": put => commands::referrals::put_note;
    "/v1/referrals/{invitee}/rebate": put => commands::referrals::put_rebate;
    "/v1/codes": get => query::codes::get_codes, post => commands::codes::post_code
        asks |asked, _| shown(query::codes::codes(asked));
    "/v1/codes/{code}": get => query::codes::get_code, patch => commands::codes::patch_code
        asks |asked, path| shown(query::codes::code(asked, path.first()));
    "/v1/codes/{code}/referrals": get => query::codes::get_code_referrals
        asks |asked, path| shown(query::codes::code_referrals(asked, path.first()));
    "/v1/rewards": get => query::rewards::get_rewards
        asks |asked, _| shown(query::rewards::rewards(asked));
    "/v1/rewards/trades": get => query::rewards::get_reward_trades
        asks |asked, _| query::rewards::trades_shown(asked);
    "/v1/rewards/export": get => export::get_export
        asks |asked, _| export::whole(asked);
    "/v1/restatement": get => query::restatement::get_restatement
        asks |asked, _| shown(query::restatement::restatement(asked));
    "/v1/withheld": get => query::forgone::get_withheld
        needs ReadAny asks |asked, _| shown(query::forgone::withheld(asked));
    "/v1/withheld/trades": get => query::forgone::get_withheld_trades
        needs ReadAny asks |asked, _| Answer::json(&asked.actors().forgone_trades(query::forgone::withheld_trades(asked)?)?);
    "/v1/clawbacks": get => query::forgone::get_clawbacks
        needs ReadAny asks |asked, _| shown(query::forgone::clawbacks(asked));
    "/v1/clawbacks/trades": get => query::forgone::get_clawback_trades
        needs ReadAny asks |asked, _| Answer::json(&asked.actors().forgone_trades(query::forgone::clawback_trades(asked)?)?);
    "/v1/trades/explain": get => query::explain::get_explained
        asks |asked, _| Answer::json(&asked.actors().explained(query::explain::explain(asked)?)?);
    "/v1/trades/rules": get => query::explain::get_trade_rules
        asks |asked, _| query::explain::rules_shown(asked);
    "/v1/account": get => query::account::get_account
        asks |asked, _| Answer::json(&asked.actors().account(query::account::account(asked)?)?);
    "/v1/account/codes": get => query::codes::get_account_codes
        asks |asked, _| query::codes::splits_shown(asked);
    "/v1/account/application": get => query::account::get_application
        asks |asked, _| Answer::json(&query::account::application(asked)?);
    "/v1/account/apply": post => commands::account::post_application;
    "/v1/offers": get => query::offers::get_offers
        asks |asked, _| shown(query::offers::offers(asked));
    "/v1/campaigns": get => query::campaigns::get_campaigns
        asks |asked, _| shown(query::campaigns::campaigns(asked));
    "/v1/campaigns/{id}/join": post => commands::campaigns::post_join;
    "/v1/events": post => events::post_events;
    "/v1/feed": get => feed::get_feed
        needs ReadFeed asks |asked, _| feed::whole(asked);
    "/v1/search": get => query::search::get_search
        needs ReadFeed asks |asked, _| Answer::json(&asked.actors().search(query::search::search(asked)?)?);
    "/v1/entries/{position}": get => query::search::get_entry
        needs ReadFeed asks |asked, path| Answer::json(&asked.actors().entry(query::search::entry(asked, path.first())?)?);
    "/v1/ledger/segments": get => segments::get_segments;
    "/v1/ledger/segments/{number}": get => segments::get_segment;
    "/v1/ledger/checkpoint": get => checkpoint::get_checkpoint;
    "/v1/ledger/checkpoint/{file}": get => checkpoint::get_checkpoint_file;
    "/v1/ledger/frames": get => replication::get_frames;
    "/v1/ledger/promote": post => replication::post_promote;
    "/v1/ledger/step-down": post => replication::post_step_down;
    "/v1/intake": get => query::intake::get_intake
        needs SeeOperation asks |asked, _| Answer::json(&query::intake::intake(asked)?);
    "/v1/quarantine": get => query::quarantine::get_quarantine
        needs SeeOperation asks |asked, _| Answer::json(&query::quarantine::quarantine(asked)?);
    "/v1/quarantine/{id}": get => query::quarantine::get_quarantined
        needs SeeOperation asks |asked, path| Answer::json(&query::quarantine::quarantined(asked, path.first())?);
    "/v1/quarantine/{id}/redrive": post => quarantine::post_redrive;
    "/v1/quarantine/{id}/discard": post => quarantine::post_discard;
    "/v1/quarantine/{id}/replace": post => quarantine::post_replace;
    "/v1/audit": get => query::audit::get_audit
        needs SeeOperation asks |asked, _| Answer::json(&query::audit::audit(asked)?);
    "/v1/status": get => query::status::get_status
        needs SeeOperation asks |asked, _| shown(query::status::status(asked));
    "/v1/what-if": post => what_if::post_what_if;
    "/v1/what-if/{id}": get => what_if::get_what_if;
    "/v1/tokens/revoke": post => tokens::post_revoke;
    "/v1/tokens/revoked": get => tokens::get_revoked;
    "/v1/sign-in-links": post => sign_in::post_link;
    "/healthz": get => probes::get_health;
    "/readyz": get => probes::get_readiness;
    "/metrics": get => probes::get_metrics;
    "/openapi.json": get => get_openapi;
}

/// The probes alone.
pub(crate) fn probes() -> Router<App> {
    let [health, readiness, metrics] = PROBES;
    Router::new()
        .route(health, MethodRouter::new().get(crate::probes::get_health))
        .route(readiness, MethodRouter::new().get(crate::probes::get_readiness))
        .route(metrics, MethodRouter::new().get(crate::probes::get_metrics))
}

/// The document as JSON.
fn document() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        // The document is made of texts, numbers and lists, which always serialize.
        Documented::openapi().to_json().unwrap_or_default()
    })
}

/// Every question, told for who asks by hand.
pub(crate) fn told() -> Vec<QuestionTold> {
    let questions: Vec<_> = QUESTIONS.iter().map(|question| (question.template, question.needs)).collect();
    // What is made here is JSON.
    of_document(&serde_json::from_str(document()).unwrap_or_default(), &questions)
}

/// This document.
#[utoipa::path(
    get, path = "/openapi.json", tag = "about", security(()),
    responses((status = 200, body = serde_json::Value, description = "The OpenAPI 3.1 document."))
)]
pub(crate) async fn get_openapi(State(app): State<App>) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    match app.http().reach.base_path() {
        "" => (json, document()).into_response(),
        base => {
            let mut document = Documented::openapi();
            document.servers = Some(vec![Server::new(base)]);
            (json, document.to_json().unwrap_or_default()).into_response()
        }
    }
}

/// The document, below the path that a proxy gives the API: for who serves some of it beside.
#[must_use]
pub fn described(app: &App) -> serde_json::Value {
    let mut document = Documented::openapi();
    document.servers = Some(vec![Server::new(match app.http().reach.base_path() {
        "" => "/",
        base => base,
    })]);
    // It is made of texts, numbers and lists, which always serialize.
    serde_json::to_value(&document).unwrap_or_default()
}

/// Answers a question: a path below `/v1/` in its segments, with its parameters. An export and the feed are held in
/// memory, whereas HTTP streams them. `present` is the moment it is, also where the view is of the past.
///
/// # Errors
/// The refusal that the API gives, with its status; one of 400 is bad usage.
pub fn answer(
    view: &View<'_>,
    ledger: &LedgerReader,
    caller: &Caller,
    path: &[&str],
    parameters: &[(String, String)],
    present: Timestamp,
) -> Result<Answer, Problem> {
    answer_asked(&Asked { view, ledger, who: ledger, caller, parameters, present }, path)
}

/// The same of what was asked, whoever tells who the events are of.
///
/// # Errors
/// Likewise.
pub fn answer_asked(asked: &Asked<'_>, path: &[&str]) -> Result<Answer, Problem> {
    let found = QUESTIONS.iter().find_map(|question| Some((question, names_in(question.template, path)?)));
    let Some((question, names)) = found else {
        return Err(Problem::new(ProblemKind::NotFound, format!("there is nothing at {}", path.join("/"))));
    };
    (question.asked)(asked, &names)
}

/// The names in a path below `/v1/`, if it is one of this template.
fn names_in(template: &str, path: &[&str]) -> Option<PathNames> {
    let segments: Vec<&str> = template.strip_prefix("/v1/")?.split('/').collect();
    if segments.len() != path.len() {
        return None;
    }
    let mut names = Vec::new();
    for (segment, given) in segments.into_iter().zip(path) {
        if segment.starts_with('{') {
            names.push((*given).to_owned());
        } else if segment != *given {
            return None;
        }
    }
    Some(PathNames::of(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_found_by_its_own_path_alone() {
        let templates = || QUESTIONS.iter().map(|question| question.template);
        for template in templates() {
            let path: Vec<&str> = template.trim_start_matches("/v1/").split('/').collect();
            let found: Vec<&str> = templates().filter(|other| names_in(other, &path).is_some()).collect();
            assert_eq!(found, [template]);
        }
        assert!(names_in("/v1/codes/{code}", &["codes"]).is_none());
        let names = names_in("/v1/codes/{code}/referrals", &["codes", "ALPHA", "referrals"]);
        assert_eq!(names.expect("it is one").first(), "ALPHA");
    }
}
