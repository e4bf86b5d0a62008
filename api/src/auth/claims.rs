//! What a token says: its header before the signature is checked, its claims after.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schemas::{Timestamp, Uid};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Number, Value};

use super::rules::TokenRules;
use crate::caller::{Caller, Role};

/// The parts of a JOSE header that choose a key.
#[derive(Debug, Deserialize)]
pub(super) struct JoseHeader {
    pub(super) alg: String,
    pub(super) kid: Option<String>,
    /// Extensions that have to be understood; none are.
    pub(super) crit: Option<Value>,
}

impl JoseHeader {
    pub(super) fn of(token: &str) -> Option<JoseHeader> {
        let (header, _) = token.split_once('.')?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()
    }
}

/// The claims, as they stand in the token: in the order in which they stand there, of whatever type they are. Those that
/// nobody reads may be anything.
#[derive(Debug)]
pub(super) struct Claims(Vec<(String, Value)>);

impl Claims {
    /// The claims of a token whose signature holds: of its header and its payload, with a point between them.
    pub(super) fn of(message: &str) -> Option<Claims> {
        let (_, payload) = message.split_once('.')?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    /// Whether it holds at a moment, by a clock that the one of who signed it may be so many seconds ahead of; or why not.
    pub(super) fn hold_at(&self, now: Timestamp, ahead_max: i64) -> Result<(), String> {
        let seconds_now = now.0.div_euclid(1_000_000);
        if self.expires()?.is_some_and(|exp| exp <= seconds_now) {
            return Err("it has expired".to_owned());
        }
        if self.seconds("nbf")?.is_some_and(|nbf| nbf > seconds_now.saturating_add(ahead_max)) {
            return Err("it is not valid yet".to_owned());
        }
        Ok(())
    }

    /// When it expires, in whole seconds since 1970; `None`: never.
    pub(super) fn expires(&self) -> Result<Option<i64>, String> {
        self.seconds("exp")
    }

    /// Whether it is from the issuer and for the audience that the rules name; or why not.
    pub(super) fn are_for(&self, rules: &TokenRules) -> Result<(), String> {
        if let Some(issuer) = &rules.issuer
            && self.text("iss")? != Some(issuer.as_str())
        {
            return Err("it is of another issuer than auth.issuer".to_owned());
        }
        if !rules.audience.is_empty() {
            let audience = self.texts("aud")?;
            if !audience.iter().any(|one| rules.audience.iter().any(|known| known == one)) {
                return Err("it is for another audience than auth.audience".to_owned());
            }
        }
        Ok(())
    }

    /// Who the bearer is; or why the token says nobody, with the claim that is wrong by its name.
    pub(super) fn caller(&self, rules: &TokenRules) -> Result<Caller, String> {
        let role = self.role(rules)?;
        let uid = self.uid(&rules.uid_claim)?;
        let missing = || format!("an affiliate's {} has to be its uid", rules.uid_claim);
        let caller = Caller::new(role, uid).ok_or_else(missing)?;
        Ok(caller.named(self.text("sub")?))
    }

    fn role(&self, rules: &TokenRules) -> Result<Role, String> {
        let name = &*rules.role_claim;
        let is_plain = rules.roles.is_empty() && name == "role";
        match self.at(name)? {
            None => match rules.default_role {
                Some(role) => Ok(role),
                None => Err(format!("its claim {name} is missing")),
            },
            Some(Value::String(one)) => rules.role_of_all([&**one].into_iter()),
            // The contract's own claim is one text.
            Some(Value::Array(several)) if !is_plain => {
                rules.role_of_all(several.iter().filter_map(|value| value.as_str()))
            }
            Some(_) if is_plain => Err(format!("its claim {name} has to be a text")),
            Some(_) => Err(format!("its claim {name} has to be a text, or a list of them")),
        }
    }

    /// The uid that a claim says: a text, or, in another claim than `sub`, a number. What is no uid is none.
    fn uid(&self, name: &str) -> Result<Option<Uid>, String> {
        match self.at(name)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Uid::parse(text)),
            Some(Value::Number(number)) if name != "sub" => Ok(Uid::parse(&number.to_string())),
            Some(_) if name == "sub" => Err("its claim sub has to be a text".to_owned()),
            Some(_) => Err(format!("its claim {name} has to be a text or a number")),
        }
    }

    /// A claim by its name, or by the way to it through objects, with points between.
    fn at(&self, path: &str) -> Result<Option<&Value>, String> {
        if let Some(value) = self.get(path)? {
            return Ok(Some(value));
        }
        let mut names = path.split('.');
        let first = self.get(names.next().unwrap_or_default())?;
        Ok(names.try_fold(first, |value, name| Some(value?.get(name))).flatten())
    }

    /// A claim's value, if it is there.
    fn get(&self, claim: &str) -> Result<Option<&Value>, String> {
        let mut found = self.0.iter().filter(|(name, _)| name == claim).map(|(_, value)| value);
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(format!("its claim {claim} is there twice")),
            (found, None) => Ok(found),
        }
    }

    /// A claim that is a text, if it is there.
    pub(super) fn text(&self, claim: &str) -> Result<Option<&str>, String> {
        let wrong = || format!("its claim {claim} has to be a text");
        self.get(claim)?.map(|value| value.as_str().ok_or_else(wrong)).transpose()
    }

    /// A claim that is a text or a list of them.
    pub(super) fn texts(&self, claim: &str) -> Result<Vec<&str>, String> {
        let wrong = || format!("its claim {claim} has to be a text, or a list of them");
        match self.get(claim)? {
            None => Ok(Vec::new()),
            Some(Value::Array(several)) => {
                several.iter().map(Value::as_str).collect::<Option<Vec<&str>>>().ok_or_else(wrong)
            }
            Some(one) => one.as_str().map(|one| vec![one]).ok_or_else(wrong),
        }
    }

    /// Seconds since 1970, which RFC 7519 lets have a fraction.
    fn seconds(&self, claim: &str) -> Result<Option<i64>, String> {
        let wrong = || format!("its claim {claim} has to be a number of seconds");
        let number = |value: &Value| value.as_number().map(whole_seconds).ok_or_else(wrong);
        self.get(claim)?.map(number).transpose()
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Claims, D::Error> {
        /// Collects every claim, so that one given twice is seen.
        struct Collected;

        impl<'de> Visitor<'de> for Collected {
            type Value = Claims;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
                let mut claims = Vec::new();
                while let Some(claim) = map.next_entry()? {
                    claims.push(claim);
                }
                Ok(Claims(claims))
            }
        }

        deserializer.deserialize_map(Collected)
    }
}

/// Cut to whole seconds; what no `i64` holds is as far as one reaches.
fn whole_seconds(number: &Number) -> i64 {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(seconds), _, _) => seconds,
        (None, Some(_), _) => i64::MAX,
        (None, None, Some(seconds)) => seconds as i64,
        (None, None, None) => i64::MIN,
    }
}
