//! What all pages have in common: who comes is read once, a refusal is told as a page, and the headers that keep
//! other sites and scripts out stand on every answer.

use api::{Problem, ProblemKind};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use super::cookies::{self, SameSite};
use super::language::{CHOSEN_BY, Language, speaking};
use super::visit::Visit;
use super::visitor::{Visitor, names};
use super::{layout, sign_in};
use crate::site::Site;

/// Everything comes from this server, and nothing stands in the page itself: no script, no style.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The headers of every page.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

pub(super) async fn frame(State(site): State<Site>, request: Request, next: Next) -> Response {
    speaking(Language::of(request.headers()), framed(site, request, next)).await
}

async fn framed(site: Site, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let visitor = Visitor::read(&site.app, &parts);
    let visit = Visit::read(&site, visitor.clone(), &parts).await;
    let target = parts.uri.path_and_query().filter(|_| parts.method == Method::GET);
    let returns_to = visitor.address(target.map_or("/", |target| target.as_str()));
    parts.extensions.insert(visitor.clone());
    parts.extensions.insert(visit.clone());
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let again = response.headers_mut().remove(header::RETRY_AFTER);
        response = told_as_page(&site, &visitor, visit.ok().as_ref(), problem, &returns_to).await;
        if let Some(again) = again {
            response.headers_mut().insert(header::RETRY_AFTER, again);
        }
    }
    finish(&visitor, response)
}

/// Tells a refusal as a page, where no handler of a page gave it.
pub(super) async fn tell(site: &Site, parts: Parts, problem: Problem) -> Response {
    let visitor = Visitor::read(&site.app, &parts);
    let visit = Visit::read(site, visitor.clone(), &parts).await;
    let home = visitor.address("/");
    let response = told_as_page(site, &visitor, visit.ok().as_ref(), problem, &home).await;
    finish(&visitor, response)
}

async fn told_as_page(
    site: &Site,
    visitor: &Visitor,
    visit: Option<&Visit>,
    problem: Problem,
    returns_to: &str,
) -> Response {
    let mut response = match (visit, problem.kind) {
        (_, ProblemKind::NotSignedIn) => sign_in::page(site, visitor, &problem, returns_to),
        (Some(visit), _) if is_referrer_unnamed(visit, &problem) => layout::choose_referrer(visit).await,
        (Some(visit), _) => layout::problem_page(visit, &problem),
        (None, _) => layout::bare_problem_page(visitor, &problem),
    };
    for (name, value) in problem.headers {
        response.headers_mut().append(name, value);
    }
    response
}

/// Whether someone who sees any referrer's data has still to say whose.
fn is_referrer_unnamed(visit: &Visit, problem: &Problem) -> bool {
    problem.kind == ProblemKind::InvalidParameter
        && problem.field.as_deref() == Some("uid")
        && visit.sees_any()
        && visit.parameter("uid").is_none()
}

fn finish(visitor: &Visitor, mut response: Response) -> Response {
    let headers = response.headers_mut();
    if is_html(headers) {
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(Language::now().tag()));
        headers.append(header::VARY, CHOSEN_BY);
    }
    for (name, value) in HEADERS {
        if name != header::CACHE_CONTROL || !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if visitor.is_new
        && let Some(named) = cookies::set(names::VISITOR, &visitor.name, SameSite::Lax, visitor.is_secure)
    {
        headers.append(header::SET_COOKIE, named);
    }
    if visitor.flash.is_some()
        && is_html(headers)
        && let Some(told) = cookies::forget(names::FLASH, visitor.is_secure)
    {
        headers.append(header::SET_COOKIE, told);
    }
    response
}

fn is_html(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}
