//! The navigation. On a narrow screen a button in the header opens it, which takes no script.

use maud::{Markup, html};

use super::entries::Entry;
use super::guide;
use super::visit::Visit;
use super::words::words;

/// The button that opens the navigation where there is no room for it.
pub(super) fn button() -> Markup {
    html! {
        button.menu-button.quiet type="button" popovertarget="menu" {
            svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false" { path d="M3 6h18M3 12h18M3 18h18" {} }
            (words!("layout-menu"))
        }
    }
}

/// The navigation, with the page that is shown marked.
pub(super) fn menu(visit: &Visit, current: &str) -> Markup {
    let seen = |groups: &'static [&'static [Entry]]| {
        let role = visit.caller.role();
        groups.iter().flat_map(|group| group.iter()).filter(move |entry| entry.audience.holds(role))
    };
    let of_platform: Vec<&Entry> = seen(visit.site.entries.of_platform).collect();
    let item = |entry: &Entry| {
        html! {
            li { a href=(visit.link(entry.path)) aria-current=[(entry.path == current).then_some("page")] { (entry.label) } }
        }
    };
    html! {
        nav.menu #menu popover="auto" aria-label=(words!("layout-pages")) {
            ul { @for entry in seen(visit.site.entries.of_referrer) { (item(entry)) } }
            @if visit.site.guide.is_some() && visit.sees_any() {
                ul { li { a href=(visit.link(guide::PATH)) aria-current=[(current == guide::PATH).then_some("page")] { (words!("layout-menu-guide")) } } }
            }
            @if !of_platform.is_empty() {
                p.menu-heading { (words!("layout-platform")) }
                ul { @for entry in of_platform { (item(entry)) } }
            }
        }
    }
}
