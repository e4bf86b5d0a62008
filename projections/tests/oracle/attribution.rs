//! Who belongs to whom (SPEC 2): the major account behind an account, the owner of a code, a referrer's invitees.

use schemas::{AccountType, Registration, Timestamp, Uid};

use super::{Entry, Known};

/// The major account whose activity an account's doings are, and when "the registration" was: the latest on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Home {
    pub invitee: Uid,
    pub registered_at: Timestamp,
}

/// Whom the code of a registration makes an invitee belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribution {
    /// To nobody: no code, an unknown one, or one whose owner has no major account.
    Nobody,
    /// It signed up with its own code.
    Itself,
    /// To this referrer.
    Referrer(Uid),
}

impl<'a> Known<'a> {
    /// The registration of an account; acceptance lets in one at most.
    pub(super) fn registration(self, uid: Uid) -> Option<(&'a Entry, &'a Registration<'static>)> {
        self.registrations().find(|(_, registration)| registration.uid == uid)
    }

    /// Follows parents up to a major account; `None` while one is missing, or where they go in a circle.
    pub(super) fn home(self, uid: Uid) -> Option<Home> {
        let mut seen = Vec::new();
        let mut account = uid;
        let mut registered_at = Timestamp(i64::MIN);
        while !seen.contains(&account) {
            seen.push(account);
            let (entry, registration) = self.registration(account)?;
            registered_at = registered_at.max(entry.event.time);
            match registration.account_type {
                AccountType::Major => return Some(Home { invitee: account, registered_at }),
                AccountType::Sub | AccountType::Other => account = registration.parent_uid?,
            }
        }
        None
    }

    /// Who owns a code, whether or not its time has come: the account named in its events, or that one's major
    /// account. An owner never registered stands for itself.
    pub(super) fn owner(self, code: &str) -> Option<Uid> {
        let (_, state) = self.code_states().find(|(_, state)| state.code == code)?;
        match self.registration(state.owner_uid) {
            None => Some(state.owner_uid),
            Some(_) => self.home(state.owner_uid).map(|home| home.invitee),
        }
    }

    /// Whom a major account belongs to.
    pub(super) fn attribution(self, invitee: Uid) -> Attribution {
        let code = self.registration(invitee).and_then(|(_, registration)| registration.code.as_deref());
        match code.and_then(|code| self.owner(code)) {
            None => Attribution::Nobody,
            Some(owner) if owner == invitee => Attribution::Itself,
            Some(owner) => Attribution::Referrer(owner),
        }
    }

    /// All invitees of a referrer, by uid.
    pub(super) fn invitees(self, referrer: Uid) -> Vec<Uid> {
        let mut invitees: Vec<Uid> = self
            .registrations()
            .filter(|(_, registration)| registration.account_type == AccountType::Major)
            .map(|(_, registration)| registration.uid)
            .filter(|uid| self.attribution(*uid) == Attribution::Referrer(referrer))
            .collect();
        invitees.sort_unstable();
        invitees
    }
}
