//! Signs a token with the secret of the configuration; revokes tokens.

mod revoke;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::anyhow;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use schemas::Uid;
use serde::Serialize;

use crate::cli::{CommonFlags, Role, TokenArgs};
use crate::config::{Key, Value, load, surroundings};
use crate::exit::Failure;
use crate::output;

/// What a token says (SPEC 4). Times are in seconds since 1970.
#[derive(Debug, Serialize)]
struct Claims {
    /// The uid, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    role: &'static str,
    iat: u64,
    exp: u64,
    /// What it is revoked by.
    jti: String,
}

/// Does what is asked about tokens; a new one is printed alone, so that a command substitution can take it.
pub(super) fn execute(common: &CommonFlags, args: TokenArgs) -> Result<(), Failure> {
    match args {
        TokenArgs { action: Some(action), .. } => revoke::execute(action),
        TokenArgs { role: Some(role), .. } => make(common, role, args),
        // The command line demands it.
        TokenArgs { action: None, role: None, .. } => {
            Err(Failure::usage(anyhow!("--role says what the token's bearer may do")))
        }
    }
}

fn make(common: &CommonFlags, role: Role, args: TokenArgs) -> Result<(), Failure> {
    let mut flags = common.given();
    if let Some(path) = args.hs256_secret_file {
        flags.push((Key::AuthHs256SecretFile, "hs256-secret-file", Value::Text(path)));
    }
    let (settings, _) = load(common.config.as_deref(), surroundings(), flags)?;
    let Some(secret) = settings.auth.hs256_secret else {
        return Err(Failure::usage(anyhow!(
            "no secret to sign with: set {} in the file, {} or --hs256-secret-file",
            Key::AuthHs256Secret.name(),
            Key::AuthHs256Secret.variable()
        )));
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(anyhow::Error::from)?;
    let token = sign(role, args.uid, now, args.ttl, &secret).map_err(anyhow::Error::from)?;
    output::print_raw(format!("{token}\n").as_bytes())?;
    Ok(())
}

fn sign(
    role: Role,
    uid: Option<Uid>,
    now: Duration,
    ttl: Duration,
    secret: &[u8],
) -> Result<String, jsonwebtoken::errors::Error> {
    let claims = Claims {
        sub: uid.map(|uid| uid.to_string()),
        role: role.as_str(),
        iat: now.as_secs(),
        exp: now.as_secs() + ttl.as_secs(),
        jti: format!("{:032x}", rand::random::<u128>()),
    };
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(secret))
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation};
    use serde_json::{Value as Json, json};

    use super::*;

    #[test]
    fn a_token_says_who_and_what_and_until_when_and_holds_for_its_secret_alone() {
        let (now, ttl) = (Duration::from_secs(4_000_000_000), Duration::from_secs(60));
        let token = sign(Role::Affiliate, Uid::parse("7"), now, ttl, b"a secret").expect("a token");
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false;
        let read = |secret: &[u8]| jsonwebtoken::decode::<Json>(&token, &DecodingKey::from_secret(secret), &validation);
        let mut claims = read(b"a secret").expect("a valid token").claims;
        let jti = claims.as_object_mut().and_then(|claims| claims.remove("jti")).expect("a name of its own");
        assert_eq!(jti.as_str().map(str::len), Some(32));
        assert_eq!(claims, json!({"sub": "7", "role": "affiliate", "iat": 4_000_000_000u64, "exp": 4_000_000_060u64}));
        assert!(read(b"another").is_err());
    }
}
