//! Signing in with OpenID Connect: the authorization code flow with PKCE, state and nonce. The provider's own document says
//! where it is asked; its tokens go no further than here, and the browser gets a session of the server.
//!
//! The state of a flow stands in the browser's cookie: whoever begins many takes no memory here.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use schemas::Timestamp;

use super::claims::{Claims, JoseHeader};
use super::provider_keys::{Kept, ProviderKeys, RefreshLimits};
use super::rules::TokenRules;
use super::signed;
use crate::caller::Caller;
use crate::fetch::{Fetch, is_guarded};
use crate::problem::{Problem, ProblemKind};

/// The provider's document is taken to hold for so long.
const DOCUMENT_AGE_MAX: Duration = Duration::from_secs(3_600);
/// After it could not be had, so long is waited before it is asked for again, whoever wants to sign in.
const DOCUMENT_PAUSE: Duration = Duration::from_secs(10);
/// So many codes are exchanged at a time; more wait. Each holds a thread for as long as the provider takes.
const EXCHANGES_AT_ONCE: usize = 16;
/// What a provider says of an error is shown up to so many letters.
const SAID_MAX: usize = 300;

/// A provider that users sign in with.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenIdOptions {
    /// Its address, exactly as its tokens say it.
    pub issuer: String,
    /// What it calls this server.
    pub client_id: String,
    /// What this server proves with that it is that client; `None`: a public client, which PKCE alone protects.
    pub client_secret: Option<String>,
    /// What is asked for; `openid` is among them.
    pub scopes: Vec<String>,
    /// What users know it as.
    pub name: String,
    /// How long a session lasts, in seconds.
    pub session_seconds: u32,
}

/// A secret must not get into a log.
impl std::fmt::Debug for OpenIdOptions {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("OpenIdOptions")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// A provider that users sign in with, and what is known of it.
pub struct OpenId {
    options: OpenIdOptions,
    fetch: Arc<dyn Fetch>,
    known: Mutex<Option<Known>>,
    /// When the document could not be had last.
    failed: Mutex<Option<Instant>>,
    /// Held by who asks for the document: others wait, and find what came of it.
    turn: tokio::sync::Mutex<()>,
    exchanges: Semaphore,
}

/// What the provider says of itself.
#[derive(Clone)]
struct Known {
    document: Arc<Document>,
    keys: Arc<ProviderKeys>,
    read: Instant,
}

/// The provider's document (OpenID Connect Discovery 1.0), as far as it is read.
#[derive(Debug, Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: Option<String>,
}

/// How a provider says that it refuses (RFC 6749, 5.2).
#[derive(Deserialize)]
struct SaidError {
    error: String,
    error_description: Option<String>,
}

/// One way to the provider and back: what the browser keeps of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// What the provider gives back, so that nobody else's answer is taken.
    pub state: String,
    /// What the token has to say, so that no other token is taken.
    pub nonce: String,
    /// What proves that who asks for the token began the flow (PKCE).
    pub verifier: String,
}

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who it is here.
    pub caller: Caller,
    /// Who it is at the provider.
    pub subject: String,
}

fn trouble(detail: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::Unavailable, detail)
}

fn refused(detail: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::NotSignedIn, detail)
}

/// An error as a provider says it, in words that may be shown: without what is no text, and not for ever.
#[must_use]
pub fn said_by_provider(error: &str, description: Option<&str>) -> String {
    let said = description.map_or_else(|| error.to_owned(), |description| format!("{error}: {description}"));
    said.chars().filter(|char| !char.is_control()).take(SAID_MAX).collect()
}

impl OpenId {
    /// A provider. It is asked when somebody signs in.
    #[must_use]
    pub fn new(options: OpenIdOptions, fetch: Arc<dyn Fetch>) -> OpenId {
        OpenId {
            options,
            fetch,
            known: Mutex::new(None),
            failed: Mutex::new(None),
            turn: tokio::sync::Mutex::new(()),
            exchanges: Semaphore::new(EXCHANGES_AT_ONCE),
        }
    }

    /// How it is set.
    #[must_use]
    pub fn options(&self) -> &OpenIdOptions {
        &self.options
    }

    /// Where a browser goes to sign in.
    ///
    /// # Errors
    /// If the provider does not say where.
    pub async fn authorization_url(self: &Arc<Self>, flow: &Flow, redirect_uri: &str) -> Result<String, Problem> {
        let document = self.known().await?.document;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&flow.verifier));
        let scope = self.options.scopes.join(" ");
        let fields = [
            ("response_type", "code"),
            ("client_id", self.options.client_id.as_str()),
            ("redirect_uri", redirect_uri),
            ("scope", scope.as_str()),
            ("state", flow.state.as_str()),
            ("nonce", flow.nonce.as_str()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let query = serde_urlencoded::to_string(fields).map_err(|error| Problem::internal(&error))?;
        let joint = if document.authorization_endpoint.contains('?') { '&' } else { '?' };
        Ok(format!("{}{joint}{query}", document.authorization_endpoint))
    }

    /// Exchanges a code for who signed in.
    ///
    /// # Errors
    /// If the provider refuses it, or its token does not hold or says nobody that is known here.
    pub async fn sign_in(
        self: &Arc<Self>,
        flow: &Flow,
        code: &str,
        redirect_uri: &str,
        (rules, now): (&TokenRules, Timestamp),
    ) -> Result<SignedIn, Problem> {
        let known = self.known().await?;
        let (asking, document) = (Arc::clone(self), Arc::clone(&known.document));
        let (code, verifier, redirect_uri) = (code.to_owned(), flow.verifier.clone(), redirect_uri.to_owned());
        let place = self.exchanges.acquire().await.map_err(|error| Problem::internal(&error))?;
        let exchanged = spawn_blocking(move || asking.exchange(&document, &code, &verifier, &redirect_uri));
        let token = exchanged.await.map_err(|error| Problem::internal(&error))??;
        drop(place);
        let claims = self.claims_of(&known.keys, &token).await?;
        self.read(&claims, &known.document, flow, rules, now).map_err(|why| {
            refused(format!("{} signed somebody in whom this server does not take: {why}", self.options.name))
        })
    }

    /// The claims of a token whose signature holds.
    async fn claims_of(&self, keys: &Arc<ProviderKeys>, token: &str) -> Result<Claims, Problem> {
        let invalid = |why: &str| refused(format!("the token of {} is not valid: {why}", self.options.name));
        let jose = JoseHeader::of(token).ok_or_else(|| invalid("its header cannot be read"))?;
        if jose.crit.is_some() {
            return Err(invalid("it has critical extensions"));
        }
        // A key that was withdrawn shall not be taken for as long as no new one comes.
        keys.refresh_if_due().await;
        if signed::keys_of(&jose, keys.known().iter()).is_empty() {
            keys.refresh_for_unknown().await;
        }
        let known = keys.known();
        signed::claims(token, &signed::keys_of(&jose, known.iter())).map_err(invalid)
    }

    /// Who a token is of: it is this provider's, for this client, of this flow, and holds.
    fn read(
        &self,
        claims: &Claims,
        document: &Document,
        flow: &Flow,
        rules: &TokenRules,
        now: Timestamp,
    ) -> Result<SignedIn, String> {
        if claims.expires()?.is_none() {
            return Err("its token does not say when it expires".to_owned());
        }
        claims.hold_at(now, rules.ahead_max)?;
        if claims.text("iss")? != Some(document.issuer.as_str()) {
            return Err("its token is of another issuer".to_owned());
        }
        let (client, audience) = (&*self.options.client_id, claims.texts("aud")?);
        let party = claims.text("azp")?;
        let is_for_us = audience.contains(&client) && party.is_none_or(|party| party == client);
        if !is_for_us || (audience.len() > 1 && party.is_none()) {
            return Err("its token is for another client".to_owned());
        }
        if claims.text("nonce")? != Some(flow.nonce.as_str()) {
            return Err("its token is of another sign-in".to_owned());
        }
        let subject = claims.text("sub")?.ok_or("its token does not say who it is")?.to_owned();
        Ok(SignedIn { caller: claims.caller(rules)?, subject })
    }

    /// Asks for the token of a code.
    fn exchange(&self, document: &Document, code: &str, verifier: &str, redirect: &str) -> Result<String, Problem> {
        let (client, name) = (&*self.options.client_id, &self.options.name);
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ];
        // As the provider takes it; where it does not say, in the header (OpenID Connect Core, 9).
        let methods = document.token_endpoint_auth_methods_supported.as_deref();
        let takes = |method: &str| methods.is_none_or(|methods| methods.iter().any(|one| one == method));
        let header = match &self.options.client_secret {
            Some(secret) if takes("client_secret_basic") => Some(basic(client, secret)),
            Some(secret) => {
                fields.extend([("client_id", client), ("client_secret", secret.as_str())]);
                None
            }
            None => {
                fields.push(("client_id", client));
                None
            }
        };
        let answer = self.fetch.post_form(&document.token_endpoint, header.as_deref(), &fields);
        let answer = answer.map_err(|why| {
            tracing::warn!(endpoint = document.token_endpoint, why, "no token of the provider");
            trouble(format!("{name} does not answer when it is asked who signed in: try again later"))
        })?;
        if answer.status != 200 {
            let said: Option<SaidError> = serde_json::from_slice(&answer.body).ok();
            let said = said.map(|said| said_by_provider(&said.error, said.error_description.as_deref()));
            let said = said.unwrap_or_else(|| format!("status {}", answer.status));
            tracing::warn!(endpoint = document.token_endpoint, said, "the provider refused a code");
            return Err(refused(format!("{name} refused to say who signed in: {said}")));
        }
        let read: Option<TokenAnswer> = serde_json::from_slice(&answer.body).ok();
        read.and_then(|read| read.id_token).ok_or_else(|| trouble(format!("{name} gave no ID token")))
    }

    /// What the provider says of itself, read again when it is old: by one at a time, and after a failure not at once.
    async fn known(self: &Arc<Self>) -> Result<Known, Problem> {
        if let Some(known) = self.fresh() {
            return Ok(known);
        }
        let _turn = self.turn.lock().await;
        if let Some(known) = self.fresh() {
            return Ok(known);
        }
        let before = locked(&self.known).clone();
        let failed = *locked(&self.failed);
        if failed.is_none_or(|failed| failed.elapsed() >= DOCUMENT_PAUSE) {
            let asking = Arc::clone(self);
            let read = spawn_blocking(move || asking.read_document()).await;
            match read.map_err(|error| Problem::internal(&error))? {
                Ok(document) => {
                    let same = before.filter(|before| before.keys.url() == document.jwks_uri).map(|before| before.keys);
                    let keys = same.unwrap_or_else(|| self.keys(&document.jwks_uri));
                    let known = Known { document: Arc::new(document), keys, read: Instant::now() };
                    *locked(&self.known) = Some(known.clone());
                    return Ok(known);
                }
                Err(why) => {
                    tracing::warn!(issuer = self.options.issuer, why, "the provider's document cannot be had");
                    *locked(&self.failed) = Some(Instant::now());
                }
            }
        }
        // It said where it is asked before, and that seldom changes. Why it does not answer is nobody's who is not known yet.
        before.ok_or_else(|| {
            let name = &self.options.name;
            trouble(format!("you cannot sign in with {name} now: it does not answer as it should. Try again later"))
        })
    }

    fn fresh(&self) -> Option<Known> {
        locked(&self.known).clone().filter(|known| known.read.elapsed() < DOCUMENT_AGE_MAX)
    }

    fn keys(&self, url: &str) -> Arc<ProviderKeys> {
        Arc::new(ProviderKeys::new(url.to_owned(), Arc::clone(&self.fetch), Kept::Nowhere, RefreshLimits::default()))
    }

    fn read_document(&self) -> Result<Document, String> {
        let url = format!("{}/.well-known/openid-configuration", self.options.issuer.trim_end_matches('/'));
        let document: Document = json(self.fetch.get(&url).map_err(|why| format!("it does not answer ({why})"))?)?;
        if document.issuer != self.options.issuer {
            return Err(format!("its document is of another issuer, {}", said_by_provider(&document.issuer, None)));
        }
        let asked = [&document.authorization_endpoint, &document.token_endpoint, &document.jwks_uri];
        if let Some(url) = asked.into_iter().find(|url| !is_guarded(url)) {
            return Err(format!("its document names an address without https, {}", said_by_provider(url, None)));
        }
        Ok(document)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn json<T: DeserializeOwned>(fetched: crate::fetch::Fetched) -> Result<T, String> {
    if fetched.status != 200 {
        return Err(format!("its document is answered with the status {}", fetched.status));
    }
    serde_json::from_slice(&fetched.body).map_err(|error| format!("its document cannot be read: {error}"))
}

/// The header of a client with its secret (RFC 6749, 2.3.1: both are encoded as in a form before).
fn basic(client: &str, secret: &str) -> String {
    let encoded = |text: &str| serde_urlencoded::to_string([("", text)]).map(|pair| pair[1..].to_owned());
    let pair = format!("{}:{}", encoded(client).unwrap_or_default(), encoded(secret).unwrap_or_default());
    format!("Basic {}", STANDARD.encode(pair))
}

#[cfg(test)]
mod tests;
