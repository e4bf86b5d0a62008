//! The operator's pages: the whole platform, where the other pages show one referrer.

mod affiliates;
mod append;
mod applications;
mod audit;
mod campaigns;
mod entry;
mod ingestion;
mod latency;
mod offer_form;
mod offers;
mod promotions;
mod quarantine;
mod raw_bytes;
mod rules;
mod search;
mod start;
mod throughput;

use api::{Privilege, Problem, ProblemKind, Role};
use axum::Router;

use super::entries::{Audience, Entry};
use super::forms::Filled;
use super::layout::role_in_words;
use super::search_field;
use super::submission::Submission;
use super::visit::Visit;
use super::words::Key;
use crate::site::Site;

pub(crate) use self::entry::link as entry_link;

const fn entry(path: &'static str, label: Key) -> Entry {
    Entry { path, label, audience: Audience::Operators }
}

/// Their entries in the menu.
pub(super) const ENTRIES: &[Entry] = &[
    entry(start::PATH, Key("layout-menu-glance")),
    entry(search_field::PATH, Key("layout-menu-search")),
    entry(ingestion::PATH, Key("layout-menu-ingestion")),
    entry(quarantine::PATH, Key("layout-menu-quarantine")),
    entry(audit::PATH, Key("layout-menu-audit")),
    entry(applications::PATH, Key("layout-menu-applications")),
    entry(affiliates::PATH, Key("layout-menu-affiliates")),
    entry(rules::PATH, Key("layout-menu-rules")),
    entry(offers::PATH, Key("layout-menu-offers")),
    entry(campaigns::PATH, Key("layout-menu-all-campaigns")),
];

pub(super) fn router() -> Router<Site> {
    Router::new()
        .merge(start::router())
        .merge(search::router())
        .merge(entry::router())
        .merge(ingestion::router())
        .merge(quarantine::router())
        .merge(audit::router())
        .merge(applications::router())
        .merge(affiliates::router())
        .merge(rules::router())
        .merge(offers::router())
        .merge(campaigns::router())
}

/// A role by its name; what is none as it is.
fn role_by_name(name: &str) -> &str {
    match Role::parse(name) {
        Some(role) => role_in_words(role),
        None => name,
    }
}

/// Refuses who does not see the platform as its operators do.
fn require_sight(visit: &Visit) -> Result<(), Problem> {
    visit.caller.require(Privilege::SeeOperation)
}

/// Refuses who is no operator.
fn require_operator(visit: &Visit) -> Result<(), Problem> {
    visit.caller.require(Privilege::Operate)
}

/// What a form is shown again with: its fields and what is wrong with one of them. A refusal that the user can do
/// nothing about in the form is told as a page.
fn filled_again(submission: &Submission, problem: Problem) -> Result<Filled, Problem> {
    match problem.kind {
        ProblemKind::BreaksRule | ProblemKind::InvalidBody | ProblemKind::Conflict | ProblemKind::InvalidParameter => {
            Ok(Filled::refused(submission.fields.clone(), problem))
        }
        ProblemKind::InvalidHeader
        | ProblemKind::InvalidPath
        | ProblemKind::TlsNeeded
        | ProblemKind::NotSignedIn
        | ProblemKind::NotAllowed
        | ProblemKind::ReadOnly
        | ProblemKind::NotFound
        | ProblemKind::MethodNotAllowed
        | ProblemKind::Slow
        | ProblemKind::TooLarge
        | ProblemKind::UnsupportedMediaType
        | ProblemKind::Misdirected
        | ProblemKind::TooMany
        | ProblemKind::Internal
        | ProblemKind::Full
        | ProblemKind::Unavailable => Err(problem),
    }
}
