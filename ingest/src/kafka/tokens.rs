//! The tokens of SASL OAUTHBEARER (RFC 7628): asked for when the client has none, and again before one ends.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rdkafka::client::OAuthToken;
use serde::Deserialize;

/// A token, and what is known of it besides.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken {
    /// As it is sent.
    pub token: String,
    /// When it ends, in milliseconds since 1970, if who gave it said so; else the token itself has to say it.
    pub expires_millis: Option<i64>,
    /// Whose it is, if the token itself does not say it.
    pub principal: String,
}

/// What gives tokens. It is asked on the thread that reads, and may keep it waiting for some seconds.
pub trait Tokens: Send + Sync {
    /// A token that has not ended.
    ///
    /// # Errors
    /// Why there is none, in words; it is asked for again ten seconds later.
    fn token(&self) -> Result<BearerToken, String>;
}

/// What gives tokens, shared. Equal to its clones alone.
#[derive(Clone)]
pub struct TokenSource(Arc<dyn Tokens>);

impl TokenSource {
    /// Tokens of these.
    pub fn new(tokens: impl Tokens + 'static) -> TokenSource {
        TokenSource(Arc::new(tokens))
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("TokenSource")
    }
}

impl PartialEq for TokenSource {
    fn eq(&self, other: &TokenSource) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for TokenSource {}

/// What a token says of itself (RFC 7519).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Claims {
    sub: Option<String>,
    /// Seconds since 1970; some write a fraction.
    exp: Option<serde_json::Number>,
}

/// A token, as the client takes it.
///
/// # Errors
/// If nothing is named that gives tokens, or it gives none.
pub fn oauth_token(source: Option<&TokenSource>) -> Result<OAuthToken, Box<dyn Error>> {
    let source = source.ok_or("nothing is named that gives tokens")?;
    Ok(as_the_client_takes_it(source.0.token()?)?)
}

fn as_the_client_takes_it(bearer: BearerToken) -> Result<OAuthToken, String> {
    let claims = claims(&bearer.token).unwrap_or_default();
    let own = claims.exp.and_then(|exp| exp.to_string().split('.').next()?.parse::<i64>().ok());
    let own = own.map(|seconds| seconds.saturating_mul(1_000));
    let lifetime_ms = own.or(bearer.expires_millis).ok_or(
        "it is not known when the token ends: it is no JSON Web Token with the claim exp, and who gave it said nothing",
    )?;
    Ok(OAuthToken { token: bearer.token, principal_name: claims.sub.unwrap_or(bearer.principal), lifetime_ms })
}

/// The claims of a JSON Web Token. Its signature is the broker's matter.
fn claims(token: &str) -> Option<Claims> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(claims: &str, expires_millis: Option<i64>) -> Result<(String, i64), String> {
        let token = format!("e30.{}.", URL_SAFE_NO_PAD.encode(claims));
        let bearer = BearerToken { token, expires_millis, principal: "client".to_owned() };
        as_the_client_takes_it(bearer).map(|taken| (taken.principal_name, taken.lifetime_ms))
    }

    #[test]
    fn a_token_tells_itself_whose_it_is_and_when_it_ends() {
        let of = |name: &str, millis| Ok((name.to_owned(), millis));
        assert_eq!(taken(r#"{"sub":"tributary","exp":1700000000}"#, Some(1)), of("tributary", 1_700_000_000_000));
        assert_eq!(taken(r#"{"exp":1700000000.75}"#, None), of("client", 1_700_000_000_000));
        assert_eq!(taken("{}", Some(7)), of("client", 7));
        assert!(taken("{}", None).is_err_and(|told| told.contains("exp")));
        let opaque = |expires_millis| {
            let bearer = BearerToken { token: "opaque".to_owned(), expires_millis, principal: "p".to_owned() };
            as_the_client_takes_it(bearer).map(|taken| taken.lifetime_ms)
        };
        assert_eq!(opaque(Some(9)), Ok(9));
        assert!(opaque(None).is_err());
    }
}
