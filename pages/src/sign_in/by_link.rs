//! Signing in by a link that an exchange asked for. A click on the page that it leads to uses it: what only fetches links,
//! as some programs do with each that they are sent, does not; and who is sent a link sees whom it signs in.

use api::Problem;
use api::sign_in::LINK_PATH;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;
use maud::html;

use crate::forms;
use crate::layout::{document, respond};
use crate::link::local;
use crate::site::Site;
use crate::submission::Posted;
use crate::visit::see_other;
use crate::visitor::Visitor;
use crate::words::words;

pub(super) fn router() -> Router<Site> {
    Router::new().route(LINK_PATH, get(get_link).post(post_link))
}

async fn get_link(State(site): State<Site>, visitor: Visitor, parts: Parts) -> Result<Response, Problem> {
    let given = api::parameters::read_query_string(parts.uri.query().unwrap_or_default())?;
    let text = given.iter().find(|(name, _)| name == "link").map_or("", |(_, value)| value.as_str());
    let link = site.app.sign_in_link(text).map_err(shown)?;
    let came_from = parts.headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if came_from.is_some_and(|site| site == "cross-site" || site == "same-site") {
        return Ok(come_again(&visitor, &parts));
    }
    let body = html! {
        main.alone.sign-in #main tabindex="-1" {
            h1 { (words!("sign-in-title")) }
            p { (words!("sign-in-by-link")) }
            form method="post" action=(visitor.address(LINK_PATH)) {
                (forms::sealed(&site.form_key.seal(&visitor)))
                input type="hidden" name="link" value=(text);
                button.primary type="submit" { (words!("sign-in-go-on-as", uid = link.uid)) }
            }
            p.hint { (words!("sign-in-once")) }
        }
    };
    Ok(respond(StatusCode::OK, document(&visitor, words!("sign-in-title"), &body)))
}

/// A refusal that is shown on the page to sign in on.
fn shown(problem: Problem) -> Problem {
    Problem { field: Some("link".to_owned()), ..problem }
}

/// The same page once more, from here: then the browser sends the cookie of who is signed in already, which the form's seal
/// is bound to.
fn come_again(visitor: &Visitor, parts: &Parts) -> Response {
    let here = visitor.address(parts.uri.path_and_query().map_or(LINK_PATH, |target| target.as_str()));
    let body = html! {
        main.alone.sign-in #main tabindex="-1" {
            h1 { (words!("sign-in-title")) }
            p { a.button.primary href=(here) { (words!("sign-in-go-on")) } }
        }
    };
    super::leading_on(respond(StatusCode::OK, document(visitor, words!("sign-in-title"), &body)), &here)
}

async fn post_link(State(site): State<Site>, posted: Posted) -> Result<Response, Problem> {
    let Posted { visitor, fields } = posted;
    let link = site.app.sign_in_link(fields.get("link")).map_err(shown)?;
    let session = site.app.use_sign_in_link(&link).map_err(shown)?;
    let home = visitor.address("/");
    let next = local(&link.next).map(|next| visitor.address(next));
    let mut response = see_other(next.as_ref().unwrap_or(&home));
    super::keep_session(&mut response, &visitor, &session);
    Ok(response)
}
