//! The API through real HTTP on loopback, on a small history whose figures are worked out by hand.

mod access;
mod as_of;
mod audit;
mod auditor;
mod certificates;
mod changes;
mod checkpoint;
mod cohorts;
mod commands;
mod compression;
mod connections;
mod cross_origin;
mod documented;
mod dry_run;
mod exports;
mod feeds;
mod forgone;
mod history;
mod intake;
mod metrics;
mod opening;
mod operation;
mod paging;
mod parameters;
mod posting;
mod protocol;
mod quarantine;
mod questions;
mod rates;
mod read_only;
mod refusals;
mod restatement;
mod roles;
mod search;
mod segments;
mod server;
mod shell;
mod tls;
mod together;
mod what_if;

/// What is served: the API alone.
fn router(app: &api::App) -> axum::Router {
    app.router()
}
