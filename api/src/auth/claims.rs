//! What a token says: its header before the signature is checked, its claims after.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schemas::{Timestamp, Uid};
use serde::Deserialize;
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

/// The claims that are read. Any other is ignored.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    sub: Option<String>,
    role: Option<String>,
    /// Seconds since 1970, which RFC 7519 lets have a fraction.
    exp: Option<Number>,
    nbf: Option<Number>,
}

impl Claims {
    /// Who the bearer is at a moment; or why the token says nobody.
    pub(super) fn caller(&self, now: Timestamp) -> Result<Caller, &'static str> {
        let seconds_now = now.0.div_euclid(1_000_000);
        if self.exp.as_ref().is_some_and(|exp| whole_seconds(exp) <= seconds_now) {
            return Err("it has expired");
        }
        if self.nbf.as_ref().is_some_and(|nbf| whole_seconds(nbf) > seconds_now) {
            return Err("it is not valid yet");
        }
        let role = self.role.as_deref().and_then(Role::parse);
        let role = role.ok_or("its role is none of affiliate, analyst, operator and service")?;
        let uid = self.sub.as_deref().and_then(Uid::parse);
        Caller::new(role, uid).ok_or("an affiliate's sub has to be its uid")
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
