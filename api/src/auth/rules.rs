//! What a token that a public key signed has to say beside its signature, and where it says who bears it. A provider of
//! identities signs for many, and names its claims as it likes.

use std::collections::BTreeMap;

use crate::caller::Role;

/// What a token has to say, and where it says who bears it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRules {
    /// The claim `iss` has to be this.
    pub issuer: Option<String>,
    /// The claim `aud` has to be one of these, or hold one of them; empty: any token is taken.
    pub audience: Vec<String>,
    /// The claim that says the role: its name, or the way to it through objects, with points between.
    pub role_claim: String,
    /// The claim that says the uid, likewise.
    pub uid_claim: String,
    /// Which role each value of the role's claim stands for; empty: the values are the roles' own names.
    pub roles: BTreeMap<String, Role>,
    /// So many seconds before its `nbf` a token is taken already: the clock of who signed it may go ahead.
    pub ahead_max: i64,
    /// The role of a token without the role's claim, or with no value of it that stands for one. `None`: refused.
    pub default_role: Option<Role>,
}

impl Default for TokenRules {
    /// The claims of the contract, `sub` and `role`, of any issuer and for any audience.
    fn default() -> Self {
        TokenRules {
            issuer: None,
            audience: Vec::new(),
            role_claim: "role".to_owned(),
            uid_claim: "sub".to_owned(),
            roles: BTreeMap::new(),
            ahead_max: AHEAD_MAX,
            default_role: None,
        }
    }
}

/// Clocks that are kept by the network are closer together by far.
const AHEAD_MAX: i64 = 60;

/// Where a token says several roles, which one goes: who may do more comes first.
const FIRST: [Role; 5] = [Role::Operator, Role::Service, Role::Auditor, Role::Analyst, Role::Affiliate];

impl TokenRules {
    /// The role that a value of the role's claim stands for.
    fn role_of(&self, value: &str) -> Option<Role> {
        if self.roles.is_empty() { Role::parse(value) } else { self.roles.get(value).copied() }
    }

    /// The role of a token whose claim says these; of several that which may do more.
    ///
    /// # Errors
    /// If none stands for a role, and there is no default.
    pub(super) fn role_of_all<'v>(&self, values: impl Iterator<Item = &'v str>) -> Result<Role, String> {
        let said: Vec<Role> = values.filter_map(|value| self.role_of(value)).collect();
        let found = FIRST.into_iter().find(|role| said.contains(role)).or(self.default_role);
        found.ok_or_else(|| self.expected())
    }

    fn expected(&self) -> String {
        let claim = &self.role_claim;
        if self.roles.is_empty() {
            let all: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
            return format!("its {claim} is none of {}", all.join(", "));
        }
        format!("its {claim} holds nothing that auth.claims.roles gives a role")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_roles_the_one_that_may_do_more_goes() {
        let mut sorted = FIRST.to_vec();
        sorted.sort_by_key(|role| Role::ALL.iter().position(|known| known == role));
        assert_eq!(sorted, Role::ALL, "every role has its place");
        let rules = TokenRules::default();
        assert_eq!(rules.role_of_all(["analyst", "operator", "none"].into_iter()), Ok(Role::Operator));
        assert!(rules.role_of_all([].into_iter()).is_err());
        let given = TokenRules {
            roles: BTreeMap::from([("ledger-read".to_owned(), Role::Auditor)]),
            default_role: Some(Role::Affiliate),
            ..TokenRules::default()
        };
        assert_eq!(given.role_of_all(["ledger-read"].into_iter()), Ok(Role::Auditor));
        assert_eq!(
            given.role_of_all(["operator"].into_iter()),
            Ok(Role::Affiliate),
            "a name of ours is no value there"
        );
    }
}
