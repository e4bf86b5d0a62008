//! What the navigation leads to. Each page's module tells its entries; the room puts them in order.

use api::Role;

use super::words::Key;

/// Who sees an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Everyone.
    Everyone,
    /// Who reads everybody's numbers: operators, analysts and auditors.
    Analysts,
    /// Who asks what if: operators and analysts.
    Askers,
    /// Who sees the platform as its operators do: they and auditors.
    Operators,
}

impl Audience {
    /// Whether somebody of this role is among them.
    pub(crate) fn holds(self, role: Role) -> bool {
        match (self, role) {
            (Audience::Everyone, _) => true,
            (Audience::Analysts, Role::Operator | Role::Analyst | Role::Auditor)
            | (Audience::Askers, Role::Operator | Role::Analyst)
            | (Audience::Operators, Role::Operator | Role::Auditor) => true,
            (Audience::Analysts | Audience::Askers | Audience::Operators, _) => false,
        }
    }
}

/// An entry of the menu.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// The page's path.
    pub(crate) path: &'static str,
    /// What it is called.
    pub(crate) label: Key,
    /// Who sees it.
    pub(crate) audience: Audience,
}

/// All entries, in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entries {
    /// About one referrer.
    pub(crate) of_referrer: &'static [&'static [Entry]],
    /// About the whole platform.
    pub(crate) of_platform: &'static [&'static [Entry]],
}
