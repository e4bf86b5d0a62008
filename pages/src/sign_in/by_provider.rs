//! Signing in by a provider of identities (OpenID Connect): the way there, and back.
//!
//! What the way needs stands in a cookie of the browser, which has one random value; state, nonce and verifier are made of
//! it. Nothing is kept here for who only begins.

use std::sync::Arc;

use api::{Flow, OpenId, Problem, ProblemKind, Reached, said_by_provider};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use maud::{Markup, html};

use crate::cookies::{self, cookie};
use crate::layout::{document, respond};
use crate::link::{Link, local};
use crate::site::Site;
use crate::visit::see_other;
use crate::visitor::{Visitor, names};
use crate::words::words;

const PATH: &str = "/sign-in/provider";
const BACK_PATH: &str = "/sign-in/provider/back";

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_there)).route(BACK_PATH, get(get_back))
}

/// What leads to the provider.
pub(super) fn button(visitor: &Visitor, name: &str, returns_to: &str) -> Markup {
    let there = Link::below(&visitor.base, PATH, vec![("next".to_owned(), returns_to.to_owned())]);
    html! { p { a.button.primary href=(there) { (words!("sign-in-with", name = name)) } } }
}

/// A way to the provider and back, as the browser keeps it.
struct Way {
    secret: [u8; 32],
    next: String,
}

impl Way {
    fn begin(next: &str) -> Way {
        Way { secret: rand::random(), next: next.to_owned() }
    }

    fn read(text: &str) -> Option<Way> {
        let (secret, next) = text.split_once('.')?;
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        let next = String::from_utf8(URL_SAFE_NO_PAD.decode(next).ok()?).ok()?;
        Some(Way { secret, next })
    }

    fn written(&self) -> String {
        format!("{}.{}", URL_SAFE_NO_PAD.encode(self.secret), URL_SAFE_NO_PAD.encode(&self.next))
    }

    fn flow(&self) -> Flow {
        let derived = |what: &str| URL_SAFE_NO_PAD.encode(blake3::derive_key(what, &self.secret));
        Flow {
            state: derived("tributary 2026 sign-in state"),
            nonce: derived("tributary 2026 sign-in nonce"),
            verifier: derived("tributary 2026 sign-in verifier"),
        }
    }
}

fn provider_of(site: &Site) -> Result<Arc<OpenId>, Problem> {
    let none = || Problem::new(ProblemKind::NotFound, words!("sign-in-no-provider"));
    site.app.sign_in_provider().ok_or_else(none)
}

/// Where the provider sends the browser back to. It knows the address from its own settings.
fn redirect_uri(site: &Site, visitor: &Visitor, parts: &Parts) -> Result<String, Problem> {
    let reach = &site.app.http().reach;
    let origin = Reached::of(reach, parts)
        .origin(reach)
        .ok_or_else(|| Problem::new(ProblemKind::Unavailable, words!("sign-in-no-address")))?;
    Ok(format!("{origin}{}", visitor.address(BACK_PATH)))
}

async fn get_there(State(site): State<Site>, visitor: Visitor, parts: Parts) -> Result<Response, Problem> {
    let provider = provider_of(&site)?;
    let given = parameters(&parts)?;
    let home = visitor.address("/");
    let way = Way::begin(given.get("next").and_then(local).unwrap_or(&home));
    let to = provider.authorization_url(&way.flow(), &redirect_uri(&site, &visitor, &parts)?).await?;
    let mut response = see_other(&to);
    let name = names::way(visitor.is_secure);
    cookies::add(&mut response, cookies::set_for_a_way(name, &way.written(), visitor.is_secure));
    Ok(response)
}

async fn get_back(State(site): State<Site>, visitor: Visitor, parts: Parts) -> Result<Response, Problem> {
    let refused = |detail: &str| Problem::of_field(ProblemKind::NotSignedIn, "provider", detail);
    let provider = provider_of(&site)?;
    let given = parameters(&parts)?;
    let name = names::way(visitor.is_secure);
    let way =
        cookie(&parts.headers, name).and_then(Way::read).ok_or_else(|| refused(words!("sign-in-begun-elsewhere")))?;
    let flow = way.flow();
    if given.get("state") != Some(flow.state.as_str()) {
        return Err(refused(words!("sign-in-answer-of-another")));
    }
    // RFC 9207: a provider that says who answers is held to it.
    if given.get("iss").is_some_and(|issuer| issuer != provider.options().issuer) {
        return Err(refused(words!("sign-in-other-provider")));
    }
    if let Some(error) = given.get("error") {
        let said = said_by_provider(error, given.get("error_description"));
        return Err(refused(&words!("sign-in-provider-refused", name = provider.options().name, said = said)));
    }
    let code = given.get("code").ok_or_else(|| refused(words!("sign-in-no-code")))?;
    let redirect_uri = redirect_uri(&site, &visitor, &parts)?;
    let signed_in = site.app.sign_in_by_provider(&provider, &flow, code, &redirect_uri).await;
    let session = signed_in.map_err(|problem| Problem { field: Some("provider".to_owned()), ..problem })?;
    let mut response = go_on(&visitor, local(&way.next).unwrap_or(&visitor.address("/")));
    super::keep_session(&mut response, &visitor, &session);
    cookies::add(&mut response, cookies::forget(name, visitor.is_secure));
    Ok(response)
}

/// The parameters of an address, each the first of its name.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, value)| found == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }
}

fn parameters(parts: &Parts) -> Result<Parameters, Problem> {
    Ok(Parameters(api::parameters::read_query_string(parts.uri.query().unwrap_or_default())?))
}

/// A page that leads on by itself. A redirect would be the other site's still, and a session's cookie not be sent along.
fn go_on(visitor: &Visitor, next: &str) -> Response {
    let body = html! {
        main.alone #main tabindex="-1" {
            h1 { (words!("sign-in-done")) }
            p { a.button.primary href=(next) { (words!("sign-in-go-on")) } }
        }
    };
    super::leading_on(respond(StatusCode::OK, document(visitor, words!("sign-in-done"), &body)), next)
}
