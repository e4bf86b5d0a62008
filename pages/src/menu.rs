//! The navigation. Each page's module tells its entries; the menu puts them in order.

use api::Role;
use maud::{Markup, html};

use super::visit::Visit;
use super::{
    account, campaigns, codes, countries, everybody, operator, overview, programs, referrals, restatement, rewards,
    what_if,
};

/// Who sees an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// Everyone.
    Everyone,
    /// Who reads any referrer's data and works with all of it: operators and analysts.
    Analysts,
    /// Operators.
    Operators,
}

/// An entry of the menu.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The page's path.
    pub(super) path: &'static str,
    /// What it is called.
    pub(super) label: &'static str,
    /// Who sees it.
    pub(super) audience: Audience,
}

/// The entries about one referrer, in order.
const OF_REFERRER: [&[Entry]; 9] = [
    overview::ENTRIES,
    countries::ENTRIES,
    referrals::ENTRIES,
    codes::ENTRIES,
    rewards::ENTRIES,
    programs::ENTRIES,
    campaigns::ENTRIES,
    account::ENTRIES,
    restatement::ENTRIES,
];

/// The entries about the whole platform, in order.
const OF_PLATFORM: [&[Entry]; 3] = [operator::ENTRIES, everybody::ENTRIES, what_if::ENTRIES];

pub(super) fn is_seen(audience: Audience, role: Role) -> bool {
    match (audience, role) {
        (Audience::Everyone, _) => true,
        (Audience::Analysts, Role::Operator | Role::Analyst) | (Audience::Operators, Role::Operator) => true,
        (Audience::Analysts | Audience::Operators, _) => false,
    }
}

/// The navigation, with the page that is shown marked.
pub(super) fn menu(visit: &Visit, current: &str) -> Markup {
    let seen = |groups: &'static [&'static [Entry]]| {
        let role = visit.caller.role();
        groups.iter().flat_map(|group| group.iter()).filter(move |entry| is_seen(entry.audience, role))
    };
    let of_platform: Vec<&Entry> = seen(&OF_PLATFORM).collect();
    let item = |entry: &Entry| {
        html! {
            li { a href=(visit.link(entry.path)) aria-current=[(entry.path == current).then_some("page")] { (entry.label) } }
        }
    };
    html! {
        nav.menu aria-label="Pages" {
            ul { @for entry in seen(&OF_REFERRER) { (item(entry)) } }
            @if !of_platform.is_empty() {
                p.menu-heading { "Platform" }
                ul { @for entry in of_platform { (item(entry)) } }
            }
        }
    }
}
