//! Signing in with a token, by a provider or by a link, signing out, and how the pages look: what is kept in a browser's
//! cookies.

mod by_link;
mod by_provider;

use api::{Channel, Problem, ProblemKind};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};

use super::cookies::{self, SameSite};
use super::forms;
use super::language::of_the_api;
use super::language_choice;
use super::layout::{document, respond};
use super::link::local;
use super::submission::{Posted, Submission};
use super::visit::{Visit, see_other};
use super::visitor::{Appearance, TOKEN_BYTES_MAX, Visitor, names};
use crate::site::Site;
use crate::words::{marked, words};

pub(super) fn router() -> Router<Site> {
    Router::new()
        .route("/sign-in", get(get_sign_in).post(post_sign_in))
        .route("/sign-in/state", get(get_state))
        .route("/sign-out", post(post_sign_out))
        .route("/appearance", post(post_appearance))
        .merge(by_link::router())
        .merge(by_provider::router())
}

/// The page to sign in on, with what stood against going on.
pub(super) fn page(site: &Site, visitor: &Visitor, problem: &Problem, returns_to: &str) -> Response {
    let (home, sign_in) = (visitor.address("/"), visitor.address("/sign-in"));
    let returns_to = local(returns_to).filter(|path| !path.starts_with(&sign_in)).unwrap_or(&home);
    let is_ended = visitor.token.is_some();
    let body = html! {
        main.alone.sign-in #main tabindex="-1" data-sign-in=(returns_to) {
            h1 { (words!("sign-in-title")) }
            @if is_ended || problem.field.is_some() {
                p.problem #token-error role="alert" lang=[of_the_api(&problem.detail)] { (problem.detail) }
            } @else {
                p { (words!("sign-in-what")) }
            }
            @match (visitor.channel, visitor.why_no_session()) {
                // It is known that it would be in vain.
                (Channel::Plain, Some(why)) => { p.problem role="alert" { (words!("sign-in-cannot", why = why)) } }
                (channel, why) => {
                    @if let Some(provider) = site.app.sign_in_provider() {
                        (by_provider::button(visitor, &provider.options().name, returns_to))
                        details.token-instead open[is_about_the_token(problem)] {
                            summary { (words!("sign-in-with-token")) }
                            (form(site, visitor, problem, returns_to))
                        }
                    } @else {
                        p { (words!("sign-in-with-given-token")) }
                        (form(site, visitor, problem, returns_to))
                    }
                    @if channel == Channel::Untold && let Some(why) = why {
                        p.hint { (words!("sign-in-comes-back", why = why)) }
                    }
                }
            }
            p.hint { (marked!("sign-in-already", go_on = html! { a href=(returns_to) { (words!("sign-in-go-on")) } })) }
            (language_choice::form(visitor.address(language_choice::PATH), &site.form_key.seal(visitor), returns_to))
        }
    };
    respond(StatusCode::UNAUTHORIZED, document(visitor, words!("sign-in-title"), &body))
}

fn is_about_the_token(problem: &Problem) -> bool {
    problem.field.as_deref() == Some("token")
}

/// The form that takes a token.
fn form(site: &Site, visitor: &Visitor, problem: &Problem, returns_to: &str) -> Markup {
    html! {
        form method="post" action=(visitor.address("/sign-in")) {
            (forms::sealed(&site.form_key.seal(visitor)))
            input type="hidden" name="next" value=(returns_to);
            div.field {
                label for="token" { (words!("sign-in-token")) }
                textarea #token name="token" rows="5" maxlength=(TOKEN_BYTES_MAX) required spellcheck="false"
                    autocomplete="off" autocapitalize="none" aria-describedby="token-hint"
                    aria-invalid=[is_about_the_token(problem).then_some("true")] {}
                p.hint #token-hint { (words!("sign-in-token-hint")) }
            }
            button.primary type="submit" { (words!("sign-in-title")) }
        }
    }
}

async fn get_sign_in(visit: Result<Visit, Problem>) -> Result<Response, Problem> {
    // Who is signed in has nothing to do here; who is not is told by the frame.
    visit.map(|visit| see_other(&visit.link("/").to_string()))
}

/// Tells a script whether the browser is signed in; a link from another site does not bring the cookie along.
async fn get_state(visit: Result<Visit, Problem>) -> StatusCode {
    if visit.is_ok() { StatusCode::NO_CONTENT } else { StatusCode::ACCEPTED }
}

async fn post_sign_in(State(site): State<Site>, posted: Posted) -> Result<Response, Problem> {
    let Posted { visitor, fields } = posted;
    let home = visitor.address("/");
    let next = local(fields.get("next")).unwrap_or(&home);
    let token: String = fields.get("token").split_whitespace().collect();
    // A header is often copied whole.
    let token = token.strip_prefix("Bearer").unwrap_or(&token);
    let refused =
        |detail: String| page(&site, &visitor, &Problem::of_field(ProblemKind::NotSignedIn, "token", detail), next);
    if token.len() > TOKEN_BYTES_MAX {
        return Ok(refused(words!("sign-in-token-too-long", most = TOKEN_BYTES_MAX)));
    }
    if let Err(problem) = site.app.bearer_of(token).await {
        return Ok(refused(problem.detail));
    }
    let mut response = see_other(next);
    keep_session(&mut response, &visitor, token);
    Ok(response)
}

/// The same page, which leads on by itself. A redirect would be the other site's still that a browser came from, and the
/// session's cookie not be sent along.
fn leading_on(mut response: Response, to: &str) -> Response {
    // An address within the pages is visible ASCII.
    if let Ok(refresh) = HeaderValue::try_from(format!("0; url={to}")) {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    response
}

/// Keeps a browser signed in with a token.
fn keep_session(response: &mut Response, visitor: &Visitor, token: &str) {
    let session = cookies::set(names::session(visitor.is_secure), token, SameSite::Strict, visitor.is_secure);
    cookies::add(response, session);
}

async fn post_sign_out(posted: Posted) -> Response {
    let is_secure = posted.visitor.is_secure;
    let mut response = see_other(&posted.visitor.address("/sign-in"));
    cookies::add(&mut response, cookies::forget(names::session(is_secure), is_secure));
    // The next who signs in here shall not find what the last one was shown.
    cookies::add(&mut response, cookies::forget(names::VISITOR, is_secure));
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    response
}

async fn post_appearance(submission: Submission) -> Result<Response, Problem> {
    let expected = || Problem::of_field(ProblemKind::InvalidBody, "appearance", "expected device, light or dark");
    let appearance = Appearance::parse(submission.fields.get("appearance")).ok_or_else(expected)?;
    let home = submission.visitor.address("/");
    let mut response = see_other(local(submission.fields.get("next")).unwrap_or(&home));
    let is_secure = submission.visitor.is_secure;
    cookies::add(&mut response, cookies::set(names::APPEARANCE, appearance.as_str(), SameSite::Lax, is_secure));
    Ok(response)
}
