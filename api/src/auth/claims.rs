//! What a token says: its header before the signature is checked, its claims after.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schemas::{Timestamp, Uid};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Number, Value};

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

/// The claims that are read, as they stand in the token: in the order in which they stand there, of whatever type they
/// are. Any other is ignored.
#[derive(Debug)]
pub(super) struct Claims(Vec<(Claim, Value)>);

/// The claims that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    Sub,
    Role,
    Exp,
    Nbf,
}

impl Claim {
    const ALL: [Claim; 4] = [Claim::Sub, Claim::Role, Claim::Exp, Claim::Nbf];

    fn name(self) -> &'static str {
        match self {
            Claim::Sub => "sub",
            Claim::Role => "role",
            Claim::Exp => "exp",
            Claim::Nbf => "nbf",
        }
    }
}

impl Claims {
    /// The claims of a token whose signature holds: of its header and its payload, with a point between them.
    pub(super) fn of(message: &str) -> Option<Claims> {
        let (_, payload) = message.split_once('.')?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    /// Who the bearer is at a moment; or why the token says nobody, with the claim that is wrong by its name.
    pub(super) fn caller(&self, now: Timestamp) -> Result<Caller, String> {
        let seconds_now = now.0.div_euclid(1_000_000);
        if self.seconds(Claim::Exp)?.is_some_and(|exp| exp <= seconds_now) {
            return Err("it has expired".to_owned());
        }
        if self.seconds(Claim::Nbf)?.is_some_and(|nbf| nbf > seconds_now) {
            return Err("it is not valid yet".to_owned());
        }
        let role = self.text(Claim::Role)?.ok_or("its claim role is missing")?;
        let role = Role::parse(role).ok_or("its role is none of affiliate, analyst, operator, service and auditor")?;
        let subject = self.text(Claim::Sub)?;
        let caller = Caller::new(role, subject.and_then(Uid::parse)).ok_or("an affiliate's sub has to be its uid")?;
        Ok(caller.named(subject))
    }

    /// A claim's value, if it is there.
    fn get(&self, claim: Claim) -> Result<Option<&Value>, String> {
        let mut found = self.0.iter().filter(|(one, _)| *one == claim).map(|(_, value)| value);
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(format!("its claim {} is there twice", claim.name())),
            (found, None) => Ok(found),
        }
    }

    fn text(&self, claim: Claim) -> Result<Option<&str>, String> {
        let wrong = || format!("its claim {} has to be a text", claim.name());
        self.get(claim)?.map(|value| value.as_str().ok_or_else(wrong)).transpose()
    }

    /// Seconds since 1970, which RFC 7519 lets have a fraction.
    fn seconds(&self, claim: Claim) -> Result<Option<i64>, String> {
        let wrong = || format!("its claim {} has to be a number of seconds", claim.name());
        let number = |value: &Value| value.as_number().map(whole_seconds).ok_or_else(wrong);
        self.get(claim)?.map(number).transpose()
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Claims, D::Error> {
        /// Collects every claim that is read, so that one given twice is seen.
        struct Collected;

        impl<'de> Visitor<'de> for Collected {
            type Value = Claims;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
                let mut claims = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    match Claim::ALL.into_iter().find(|claim| claim.name() == name) {
                        Some(claim) => claims.push((claim, map.next_value()?)),
                        None => drop(map.next_value::<IgnoredAny>()?),
                    }
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
