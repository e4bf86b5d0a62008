//! Who asks, and what its role lets it ask (SPEC 4, "Who may ask").

use std::sync::Arc;

use schemas::Uid;

use crate::parameters::{Given, UID};
use crate::problem::{Problem, ProblemKind};

/// What the bearer of a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Reads its own data, and acts for itself.
    Affiliate,
    /// Reads any.
    Analyst,
    /// Reads and acts for any.
    Operator,
    /// Reads any and the feed, and posts events.
    Service,
    /// Reads all that anybody reads, and acts on nothing.
    Auditor,
}

impl Role {
    /// All roles.
    pub const ALL: &'static [Role] = &[Role::Affiliate, Role::Analyst, Role::Operator, Role::Service, Role::Auditor];

    /// The role of a token's claim.
    #[must_use]
    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.iter().copied().find(|role| role.as_str() == text)
    }

    /// The role as a token says it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Affiliate => "affiliate",
            Role::Analyst => "analyst",
            Role::Operator => "operator",
            Role::Service => "service",
            Role::Auditor => "auditor",
        }
    }
}

/// Something that only some roles may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privilege {
    /// Commands, for itself or for any.
    Command,
    /// `POST /v1/events`.
    PostEvents,
    /// `GET /v1/feed`.
    ReadFeed,
    /// `GET /v1/quarantine`, `GET /v1/status`, and what the pages show of the platform.
    SeeOperation,
    /// What operators do to quarantined events, and with a standby.
    Operate,
    /// `POST /v1/tokens/revoke`.
    RevokeTokens,
    /// `POST /v1/sign-in-links`: signs somebody else in.
    HandOver,
    /// `POST /v1/what-if`.
    WhatIf,
    /// `GET /v1/what-if/{id}`: what came of one.
    ReadWhatIf,
    /// Everybody's numbers: `GET /v1/referrers`.
    ReadAny,
}

/// Of who a token names, so much is kept with what it does.
const SUBJECT_CHARACTERS_MAX: usize = 256;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    role: Role,
    /// Always there for an affiliate.
    uid: Option<Uid>,
    /// Whom the token names, where that is no uid.
    subject: Option<Arc<str>>,
}

impl Caller {
    /// The affiliate with this uid.
    #[must_use]
    pub fn affiliate(uid: Uid) -> Caller {
        Caller { role: Role::Affiliate, uid: Some(uid), subject: None }
    }

    /// Whoever works on this machine: the command line, and everyone where no key is set.
    #[must_use]
    pub fn operator() -> Caller {
        Caller { role: Role::Operator, uid: None, subject: None }
    }

    /// The bearer of a role. `None` for an affiliate without a uid.
    #[must_use]
    pub fn new(role: Role, uid: Option<Uid>) -> Option<Caller> {
        (role != Role::Affiliate || uid.is_some()).then_some(Caller { role, uid, subject: None })
    }

    /// The same, named by its token: what is no uid is kept as far as 256 characters go.
    pub(crate) fn named(self, subject: Option<&str>) -> Caller {
        let subject = subject.filter(|subject| self.uid.is_none() && !subject.is_empty());
        let cut = |subject: &str| subject.chars().take(SUBJECT_CHARACTERS_MAX).collect::<String>().into();
        Caller { subject: subject.map(cut), ..self }
    }

    /// Its role.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Its uid, if its token names one.
    pub(crate) fn uid(&self) -> Option<Uid> {
        self.uid
    }

    /// Who it is, by the name that the ledger keeps of it; none where its token names nobody, or none was needed.
    pub(crate) fn name(&self) -> Option<String> {
        self.uid.map(|uid| uid.to_string()).or_else(|| Some(self.subject.as_deref()?.to_owned()))
    }

    /// Whose data alone it sees; none where it sees any.
    #[must_use]
    pub fn own_data_of(&self) -> Option<Uid> {
        self.uid.filter(|_| self.role == Role::Affiliate)
    }

    /// The referrer that a question or a command is about.
    pub fn referrer(&self, given: &Given<'_>) -> Result<Uid, Problem> {
        match (self.own_data_of(), given.get(&UID)?) {
            (Some(own), None) => Ok(own),
            (Some(_), Some(named)) if mutants::mutant!("affiliate-sees-what-is-of-another") => Ok(named),
            (Some(own), Some(named)) if own == named => Ok(own),
            (Some(_), Some(named)) => {
                let detail = format!("an affiliate sees its own data, and not that of {named}");
                Err(Problem::of_field(ProblemKind::NotAllowed, UID.name, detail))
            }
            (None, Some(named)) => Ok(named),
            (None, None) => {
                let detail = format!("name a referrer: {}", UID.expected);
                Err(Problem::of_field(ProblemKind::InvalidParameter, UID.name, detail))
            }
        }
    }

    /// The referrer that a question is about which can be about all of them together: none then, where its caller sees
    /// any and names none.
    pub(crate) fn referrer_or_all(&self, given: &Given<'_>) -> Result<Option<Uid>, Problem> {
        if self.own_data_of().is_none() && given.get(&UID)?.is_none() {
            return Ok(None);
        }
        self.referrer(given).map(Some)
    }

    /// Refuses what its role may not do.
    pub fn require(&self, privilege: Privilege) -> Result<(), Problem> {
        let (may, what) = match (privilege, self.role) {
            (Privilege::Command, Role::Affiliate | Role::Operator) => return Ok(()),
            (Privilege::PostEvents | Privilege::HandOver, Role::Operator | Role::Service) => return Ok(()),
            (Privilege::ReadFeed, Role::Operator | Role::Service | Role::Auditor) => return Ok(()),
            (Privilege::SeeOperation, Role::Operator | Role::Auditor) => return Ok(()),
            (Privilege::Operate | Privilege::RevokeTokens, Role::Operator) => return Ok(()),
            (Privilege::WhatIf, Role::Analyst | Role::Operator) => return Ok(()),
            (Privilege::ReadWhatIf, Role::Analyst | Role::Operator | Role::Auditor) => return Ok(()),
            (Privilege::ReadAny, Role::Analyst | Role::Operator | Role::Service | Role::Auditor) => return Ok(()),
            (Privilege::Command, _) => ("affiliates and operators", "give commands"),
            (Privilege::PostEvents, _) => ("services and operators", "post events"),
            (Privilege::ReadFeed, _) => ("services, operators and auditors", "read the feed"),
            (Privilege::SeeOperation, _) => ("operators and auditors", "see this"),
            (Privilege::Operate, _) => ("operators", "do this"),
            (Privilege::RevokeTokens, _) => ("operators", "revoke tokens"),
            (Privilege::HandOver, _) => ("services and operators", "make links that sign somebody in"),
            (Privilege::WhatIf, _) => ("analysts and operators", "ask what if"),
            (Privilege::ReadWhatIf, _) => ("analysts, operators and auditors", "see what came of a what-if"),
            (Privilege::ReadAny, _) => ("analysts, operators, services and auditors", "see everybody's numbers"),
        };
        let detail = format!("only {may} {what}; this token's role is {}", self.role.as_str());
        Err(Problem::new(ProblemKind::NotAllowed, detail))
    }

    /// Who it is, with the name that its token gives: for what is kept of who did something.
    pub(crate) fn with_name(&self) -> String {
        self.name().map_or_else(|| self.role.as_str().to_owned(), |name| format!("{} {name}", self.role.as_str()))
    }

    /// Who it is, in words: for the origin of what it posts.
    pub fn in_words(&self) -> String {
        match self.uid {
            Some(uid) => format!("{} {uid}", self.role.as_str()),
            None => self.role.as_str().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_may_do_what_the_contract_says_and_no_more() {
        use Privilege::{Command, HandOver, Operate, PostEvents, ReadAny, ReadFeed, ReadWhatIf, RevokeTokens};
        use Privilege::{SeeOperation, WhatIf};
        let all =
            [Command, PostEvents, ReadFeed, SeeOperation, Operate, RevokeTokens, HandOver, WhatIf, ReadWhatIf, ReadAny];
        let table: [(Role, &[Privilege]); 5] = [
            (Role::Affiliate, &[Command]),
            (Role::Analyst, &[WhatIf, ReadWhatIf, ReadAny]),
            (Role::Operator, &all),
            (Role::Service, &[PostEvents, HandOver, ReadFeed, ReadAny]),
            (Role::Auditor, &[ReadFeed, SeeOperation, ReadWhatIf, ReadAny]),
        ];
        for (role, may) in table {
            let caller = Caller::new(role, Some(Uid(7))).expect("a caller");
            for privilege in all {
                let allowed = caller.require(privilege);
                assert_eq!(allowed.is_ok(), may.contains(&privilege), "{role:?} {privilege:?}");
                assert!(allowed.err().is_none_or(|problem| problem.status() == 403));
            }
        }
    }

    #[test]
    fn who_a_token_names_is_kept_whether_or_not_it_is_a_uid() {
        let named = |uid, subject| Caller::new(Role::Operator, uid).expect("a caller").named(subject).name();
        assert_eq!(named(Some(Uid(7)), Some("7")).as_deref(), Some("7"));
        assert_eq!(named(None, Some("olga@exchange.example")).as_deref(), Some("olga@exchange.example"));
        assert_eq!((named(None, Some("")), named(None, None)), (None, None));
        let long = "é".repeat(SUBJECT_CHARACTERS_MAX + 1);
        assert_eq!(named(None, Some(&long)).map(|name| name.chars().count()), Some(SUBJECT_CHARACTERS_MAX));
    }

    #[test]
    fn an_affiliate_has_a_uid() {
        assert_eq!(Caller::new(Role::Affiliate, None), None);
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(*role));
        }
        assert_eq!(Role::parse("Operator"), None);
    }
}
