//! Whose invitee an account is (SPEC 2, attribution and sub-accounts), as of any position.

use ledger::{AccountId, Position};
use schemas::{AccountType, Country, Relationship, Timestamp};

use crate::codes::CodeId;
use crate::state::State;

/// What an account's trades count as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attribution {
    /// The invitee: the major account.
    pub(crate) head: AccountId,
    /// From when on the account's trades count.
    pub(crate) since: Timestamp,
    /// When the invitee itself registered.
    pub(crate) registered_at: Timestamp,
    pub(crate) country: Option<Country>,
    pub(crate) relationship: Relationship,
    /// The code in the invitee's registration, whoever owns it.
    pub(crate) code: Option<CodeId>,
    pub(crate) owner: Owner,
}

/// Who earns from an invitee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// No code, or one that nobody owns (yet).
    Nobody,
    /// The invitee's own code.
    Oneself,
    /// The owner of the code, or the major account behind it.
    Referrer(AccountId),
}

impl Attribution {
    /// The referrer and the code, where the invitee is attributed.
    pub(crate) fn referrer(&self) -> Option<(AccountId, CodeId)> {
        match (self.owner, self.code) {
            (Owner::Referrer(referrer), Some(code)) => Some((referrer, code)),
            (Owner::Referrer(_) | Owner::Nobody | Owner::Oneself, _) => None,
        }
    }
}

impl State {
    /// Who earns from a code's invitees: its owner, or the major account behind an owner that is a sub-account.
    pub(crate) fn code_owner(&self, code: CodeId, upto: Position) -> Option<AccountId> {
        let row = self.codes.get(code);
        row.terms.first(upto)?;
        let owner = row.owner?;
        match self.account(owner).registered.as_ref().filter(|registered| registered.is_by(upto)) {
            None => Some(owner),
            Some(registered) => match registered.account_type {
                AccountType::Major => Some(owner),
                AccountType::Sub | AccountType::Other => self.major(owner, upto).map(|major| major.head),
            },
        }
    }

    /// What an account's trades count as; `None` while it is not registered up to a major account.
    pub(crate) fn attribution(&self, account: AccountId, upto: Position) -> Option<Attribution> {
        self.attribution_by(account, upto, |code| self.code_owner(code, upto))
    }

    /// The same, where it is told who earns from a code's invitees.
    pub(crate) fn attribution_by(
        &self,
        account: AccountId,
        upto: Position,
        code_owner: impl FnOnce(CodeId) -> Option<AccountId>,
    ) -> Option<Attribution> {
        let major = self.major(account, upto)?;
        let registered = self.account(major.head).registered.as_ref()?;
        let owner = match registered.code().and_then(code_owner) {
            None => Owner::Nobody,
            Some(owner) if owner == major.head => Owner::Oneself,
            Some(owner) => Owner::Referrer(owner),
        };
        Some(Attribution {
            head: major.head,
            since: major.since,
            registered_at: registered.time,
            country: registered.country,
            relationship: registered.relationship,
            code: registered.code(),
            owner,
        })
    }

    /// The codes whose invitees are this referrer's.
    pub(crate) fn codes_of(&self, referrer: AccountId, upto: Position) -> Vec<CodeId> {
        let mut codes: Vec<CodeId> = self
            .descendants(referrer, upto)
            .into_iter()
            .flat_map(|member| self.codes.named_owner(member).iter().copied())
            .filter(|code| self.code_owner(*code, upto) == Some(referrer))
            .collect();
        codes.sort_unstable();
        codes
    }
}
