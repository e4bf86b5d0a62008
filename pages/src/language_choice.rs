//! The language that is chosen by hand: a form on every page, and what it sends.

use api::{Problem, ProblemKind};
use axum::Router;
use axum::response::Response;
use axum::routing::post;
use maud::{Markup, Render, html};

use super::cookies::{self, SameSite};
use super::forms;
use super::language::{COOKIE, Language};
use super::link::local;
use super::submission::Posted;
use super::visit::see_other;
use crate::site::Site;
use crate::words::words;

/// Where it is sent.
pub(super) const PATH: &str = "/language";

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, post(post_language))
}

/// The form that chooses a language by hand. It may be sent by who is not signed in.
pub(super) fn form(action: impl Render, seal: &str, returns_to: &str) -> Markup {
    html! {
        form method="post" action=(action) {
            (forms::sealed(seal))
            input type="hidden" name="next" value=(returns_to);
            fieldset.segments {
                legend { (words!("layout-language")) }
                @for one in Language::ALL {
                    button.small type="submit" name="language" value=(one.as_str()) lang=(one.tag())
                        aria-pressed=[(one == Language::now()).then_some("true")] { (one.own_name()) }
                }
            }
        }
    }
}

async fn post_language(posted: Posted) -> Result<Response, Problem> {
    let Posted { visitor, fields } = posted;
    let expected = || {
        let detail = format!("expected one of {}", Language::ALL.map(Language::as_str).join(", "));
        Problem::of_field(ProblemKind::InvalidBody, "language", detail)
    };
    let chosen = Language::parse(fields.get("language")).ok_or_else(expected)?;
    let home = visitor.address("/");
    let mut response = see_other(local(fields.get("next")).unwrap_or(&home));
    cookies::add(&mut response, cookies::set(COOKIE, chosen.as_str(), SameSite::Lax, visitor.is_secure));
    Ok(response)
}
