//! Every endpoint of the API, once: what is served here stands in the OpenAPI document, and nothing else does.

use axum::Router;
use axum::routing::MethodRouter;
use utoipa::OpenApi;

use crate::app::App;
use crate::openapi::BearerToken;
use crate::problem::ProblemDetails;
use crate::{commands, events, export, feed, metrics, openapi, probes, quarantine, query, what_if};

macro_rules! endpoints {
    ($($path:literal: $($method:ident => $($module:ident)::+),+;)*) => {
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
                (name = "about", description = "Probes, metrics, this document."),
            ),
            modifiers(&BearerToken),
            security(("bearer" = [])),
        )]
        struct Documented;
    };
}

endpoints! {
    "/v1/overview": get => query::overview::get_overview;
    "/v1/overview/series": get => query::overview::get_series;
    "/v1/countries": get => query::countries::get_countries;
    "/v1/referrers": get => query::referrers::get_referrers;
    "/v1/referrals": get => query::referrals::get_referrals;
    "/v1/referrals/{invitee}": get => query::referrals::get_referral;
    "/v1/referrals/{invitee}/note": put => commands::referrals::put_note;
    "/v1/referrals/{invitee}/rebate": put => commands::referrals::put_rebate;
    "/v1/codes": get => query::codes::get_codes, post => commands::codes::post_code;
    "/v1/codes/{code}": get => query::codes::get_code, patch => commands::codes::patch_code;
    "/v1/codes/{code}/referrals": get => query::codes::get_code_referrals;
    "/v1/rewards": get => query::rewards::get_rewards;
    "/v1/rewards/export": get => export::get_export;
    "/v1/restatement": get => query::restatement::get_restatement;
    "/v1/trades/explain": get => query::explain::get_explained;
    "/v1/account": get => query::account::get_account;
    "/v1/account/apply": post => commands::account::post_application;
    "/v1/offers": get => query::offers::get_offers;
    "/v1/campaigns": get => query::campaigns::get_campaigns;
    "/v1/campaigns/{id}/join": post => commands::campaigns::post_join;
    "/v1/events": post => events::post_events;
    "/v1/feed": get => feed::get_feed;
    "/v1/quarantine": get => query::quarantine::get_quarantine;
    "/v1/quarantine/{id}": get => query::quarantine::get_quarantined;
    "/v1/quarantine/{id}/redrive": post => quarantine::post_redrive;
    "/v1/quarantine/{id}/discard": post => quarantine::post_discard;
    "/v1/quarantine/{id}/replace": post => quarantine::post_replace;
    "/v1/status": get => query::status::get_status;
    "/v1/what-if": post => what_if::post_what_if;
    "/v1/what-if/{id}": get => what_if::get_what_if;
    "/healthz": get => probes::get_health;
    "/readyz": get => probes::get_readiness;
    "/metrics": get => metrics::get_metrics;
    "/openapi.json": get => openapi::get_openapi;
}

/// What tells an orchestrator and a monitor how it is. It is answered when nothing else is.
const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Whether a path is that of a probe.
pub(crate) fn is_probe(path: &str) -> bool {
    PROBES.contains(&path)
}

/// The probes alone.
pub(crate) fn probes() -> Router<App> {
    let [health, readiness, metrics] = PROBES;
    Router::new()
        .route(health, MethodRouter::new().get(crate::probes::get_health))
        .route(readiness, MethodRouter::new().get(crate::probes::get_readiness))
        .route(metrics, MethodRouter::new().get(crate::metrics::get_metrics))
}

/// The OpenAPI document.
pub(crate) fn documented() -> utoipa::openapi::OpenApi {
    Documented::openapi()
}
