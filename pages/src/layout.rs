//! The whole page around a `main`: head, header, menu, banners, footer.

mod header;
mod problem;
mod shell;

pub(super) use self::header::role_in_words;
pub(super) use self::problem::{bare_problem_page, choose_referrer, problem_page};
pub(super) use self::shell::{shell_at_once, shell_first};

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header as names};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use projections::views::AsOf;

use super::visit::Visit;
use super::visitor::{Appearance, Visitor};
use super::{assets, figures, menu};
use crate::language::Language;
use crate::words::{marked, words};

/// A page, to be shown to a visit.
pub(crate) struct Page<'a> {
    /// What it is: its `h1`, and its tab's title.
    pub(crate) title: &'a str,
    /// The path of its entry in the menu; `""` where it has none.
    pub(crate) section: &'a str,
    /// What its figures reflect.
    pub(crate) as_of: Option<AsOf>,
    /// What stands beside the heading, such as a button; may be empty.
    pub(crate) aside: Markup,
    /// What it shows below its heading.
    pub(crate) main: Markup,
}

impl<'a> Page<'a> {
    /// A page of nothing but its heading and this.
    fn bare(title: &'a str, section: &'a str, main: Markup) -> Page<'a> {
        Page { title, section, as_of: None, aside: html! {}, main }
    }

    /// The whole page.
    pub(crate) fn show(self, visit: &Visit) -> Response {
        self.show_as(visit, StatusCode::OK)
    }

    /// The whole page, with another status than 200: a form that was refused.
    pub(crate) fn show_as(self, visit: &Visit, status: StatusCode) -> Response {
        respond(status, document(&visit.visitor, self.title, &self.body(visit)))
    }

    fn body(&self, visit: &Visit) -> Markup {
        html! {
            (header::header(visit))
            div.frame {
                (menu::menu(visit, self.section))
                main #main tabindex="-1" {
                    (header::banners(visit))
                    (heading(self.title, &self.aside))
                    (self.main)
                }
            }
            (footer(visit, self.as_of))
        }
    }
}

/// What stands over the content of a page.
fn heading(title: &str, aside: &Markup) -> Markup {
    html! { div.page-head { h1 { (title) } (aside) } }
}

fn footer(visit: &Visit, as_of: Option<AsOf>) -> Markup {
    html! {
        footer.foot {
            @if let Some(as_of) = as_of {
                p #foot-position data-live {
                    @match as_of.event_time {
                        // Of several ledgers each has a position of its own.
                        Some(time) if !visit.has_ledger() => (marked!("layout-reflects-published", time = figures::time(time))),
                        None if !visit.has_ledger() => (words!("layout-reflects-nothing-yet")),
                        Some(time) => (marked!("layout-reflects", position = figures::count(as_of.position), time = figures::time(time))),
                        None => (marked!("layout-reflects-nothing", position = figures::count(as_of.position))),
                    }
                }
            }
            p { (words!("layout-utc-days")) " " span data-zone-switch data-utc=(words!("layout-show-local", zone = "{zone}")) data-local=(words!("layout-show-utc", zone = "{zone}")) {} }
        }
    }
}

/// An HTML document as an answer.
pub(super) fn respond(status: StatusCode, document: impl Into<Body>) -> Response {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    (status, [(names::CONTENT_TYPE, html)], document.into()).into_response()
}

/// A whole document around a body.
pub(super) fn document(visitor: &Visitor, title: &str, body: &Markup) -> String {
    let theme = match visitor.appearance {
        Appearance::Device => None,
        Appearance::Light | Appearance::Dark => Some(visitor.appearance.as_str()),
    };
    let page = html! {
        (DOCTYPE)
        html lang=(Language::now().tag()) data-theme=[theme] data-base=[Some(&visitor.base).filter(|base| !base.is_empty())] {
            head {
                meta charset="utf-8";
                title { (title) " · Tributary" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff";
                meta name="theme-color" media="(prefers-color-scheme: dark)" content="#12161c";
                link rel="stylesheet" href=(visitor.address(assets::STYLE.url()));
                link rel="icon" type="image/svg+xml" href=(visitor.address(assets::ICON.url()));
                link rel="apple-touch-icon" href=(visitor.address(assets::ICON_192.url()));
                link rel="manifest" href=(visitor.address(assets::MANIFEST_PATH));
                script type="module" src=(visitor.address(assets::SCRIPT.url())) {}
            }
            body {
                a.skip href="#main" { (words!("layout-skip")) }
                (body)
            }
        }
    };
    page.into_string()
}
