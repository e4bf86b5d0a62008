//! Signing in to the pages without a token of one's own: by the provider of the settings, or by a link that a service or an
//! operator asked for. Both give a session, which is a token of this server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemas::{Timestamp, Uid};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::asking::Asking;
use crate::auth::{Flow, LinkClaims, OpenId, new_jti, read_link, sign_link};
use crate::body::{NEXT, body};
use crate::caller::{Caller, Privilege};
use crate::commands::read_body;
use crate::openapi::BodyRefusals;
use crate::parameters::{Given, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::query::Answer;

parameters! {
    /// Whom a link is for.
    SignInLinkParameters: UID
}

body!(SignInLinkBody, "Where the link leads.", optional: [NEXT], may be absent);

/// A link holds for so many seconds.
const LINK_SECONDS: i64 = 60;
/// A session by a link lasts so many seconds.
const LINK_SESSION_SECONDS: u32 = 8 * 3_600;
/// The path of the page that a link leads to.
pub const LINK_PATH: &str = "/sign-in/link";

/// A link by which a user is signed in to the pages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignInLink {
    /// Where the user's browser is sent: with the origin where the server knows it (`http.public_url`), else from the path
    /// on.
    url: String,
    /// Until when it can be used.
    expires_at: Timestamp,
}

/// Makes a link that signs a user in to the pages, once, within a minute: for an exchange that hands its own user over. Its
/// bearer becomes the affiliate `uid`, and nobody else.
#[utoipa::path(
    post, path = "/v1/sign-in-links", tag = "access", params(SignInLinkParameters), request_body = SignInLinkBody,
    responses(
        (
            status = 201, body = SignInLink, description = "It is made.",
            headers(("Location" = String, description = "The link."))
        ),
        BodyRefusals
    )
)]
pub(crate) async fn post_link(State(app): State<App>, asking: Asking, request: Request) -> Result<Response, Problem> {
    asking.caller.require(Privilege::HandOver)?;
    let uid = asking.caller.referrer(&Given::of(&asking.parameters, SignInLinkParameters::ALL)?)?;
    let (parts, body) = request.into_parts();
    let fields = read_body(&parts.headers, body, SignInLinkBody::SHAPE).await?;
    let next = fields.get(&NEXT)?.unwrap_or_else(|| "/".to_owned());
    if app.is_open_to_anyone() {
        let detail = "no key is set here, so nobody signs in and everyone is an operator";
        return Err(Problem::new(ProblemKind::Conflict, detail));
    }
    let expires = app.moment().0.div_euclid(1_000_000) + LINK_SECONDS;
    let claims = LinkClaims { sub: uid.to_string(), jti: new_jti(), exp: expires, next, by: asking.caller.in_words() };
    let reach = &app.http().reach;
    let origin = reach.public_url.as_ref().map_or("", |url| url.origin().as_str());
    let url = format!("{origin}{}{LINK_PATH}?link={}", reach.base_path(), sign_link(&claims)?);
    let location = HeaderValue::try_from(&url).map_err(|error| Problem::internal(&error))?;
    let answer = Answer::json(&SignInLink { url, expires_at: Timestamp(expires * 1_000_000) })?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], answer).into_response())
}

/// The links that were used, until they would have expired: no more than were asked for in a minute.
#[derive(Clone, Default)]
struct UsedLinks(Arc<Mutex<HashMap<String, i64>>>);

impl UsedLinks {
    /// Whether a link is used for the first time, and still holds: one that has expired is forgotten.
    fn is_first(&self, link: &LinkClaims, now: i64) -> bool {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, expires| *expires > now);
        link.exp > now && used.insert(link.jti.clone(), link.exp).is_none()
    }

    fn holds(&self, link: &LinkClaims) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&link.jti)
    }
}

/// A link that a browser came with, and that can be used still.
#[derive(Debug)]
pub struct OpenLink {
    /// Whom it signs in.
    pub uid: Uid,
    /// Where it leads.
    pub next: String,
    claims: LinkClaims,
}

impl App {
    /// Looks at a link without using it: browsers and those before them fetch what nobody clicked on.
    ///
    /// # Errors
    /// If it is none, was used, or has expired.
    pub fn sign_in_link(&self, text: &str) -> Result<OpenLink, Problem> {
        let refused = |detail: &str| Err(Problem::new(ProblemKind::NotSignedIn, detail));
        let read = read_link(text).and_then(|claims| Some((Uid::parse(&claims.sub)?, claims)));
        let Some((uid, claims)) = read else {
            return refused(
                "this link to sign in is none of this server, or not whole: ask for another where you got it",
            );
        };
        if claims.exp <= self.moment().0.div_euclid(1_000_000) {
            return refused("this link to sign in has expired: ask for another where you got it");
        }
        if self.kept(UsedLinks::default).holds(&claims) {
            return refused("this link to sign in was used before: ask for another where you got it");
        }
        Ok(OpenLink { uid, next: claims.next.clone(), claims })
    }

    /// Uses a link: the session that it gives.
    ///
    /// # Errors
    /// If it was used meanwhile, or has expired.
    pub fn use_sign_in_link(&self, link: &OpenLink) -> Result<String, Problem> {
        let now = self.moment();
        if !self.kept(UsedLinks::default).is_first(&link.claims, now.0.div_euclid(1_000_000)) {
            let detail = "this link to sign in was used before, or has expired: ask for another where you got it";
            return Err(Problem::new(ProblemKind::NotSignedIn, detail));
        }
        tracing::info!(uid = link.uid.0, by = link.claims.by, "signed in by a link");
        self.authenticator().session(&Caller::affiliate(link.uid), "", now, LINK_SESSION_SECONDS)
    }

    /// Ends a way to the provider: the session of who signed in.
    ///
    /// # Errors
    /// If the provider refuses the code, or its token does not hold or says nobody that is known here.
    pub async fn sign_in_by_provider(
        &self,
        provider: &Arc<OpenId>,
        flow: &Flow,
        code: &str,
        redirect_uri: &str,
    ) -> Result<String, Problem> {
        let (keys, now) = (self.authenticator(), self.moment());
        let signed_in = provider.sign_in(flow, code, redirect_uri, (keys.rules(), now)).await?;
        tracing::info!(who = signed_in.caller.in_words(), subject = signed_in.subject, "signed in by the provider");
        keys.session(&signed_in.caller, &signed_in.subject, now, provider.options().session_seconds)
    }
}
