//! Small parts of pages.

use maud::{Markup, html};

use super::language::of_the_api;
use super::link::Link;
use super::visit::Visit;
use super::words::{marked, words};

/// Says that there is nothing yet, and what to do next.
pub(crate) fn empty(says: &str, next: Markup) -> Markup {
    html! { div.empty { p { (says) } (next) } }
}

/// A part of a page with its own heading.
pub(crate) fn section(id: &str, title: &str, inside: Markup) -> Markup {
    html! { section.part id=(id) aria-labelledby={ (id) "-title" } { h2 id={ (id) "-title" } { (title) } (inside) } }
}

/// A mark of a state: `tone` is `good`, `bad`, `warn` or `plain`.
pub(crate) fn badge(tone: &str, says: &str) -> Markup {
    html! { span class={ "badge " (tone) } { (says) } }
}

/// A filter in force: its link takes it away.
pub(crate) fn chip(says: &str, without: &Link) -> Markup {
    html! {
        li { a.chip href=(without) { (says) span.chip-x aria-hidden="true" { "×" } span.visually-hidden { (words!("parts-take-filter-away")) } } }
    }
}

/// Filters in force, with one link that takes all of them away.
pub(crate) fn chips(chips: &[(String, Link)], clear: &Link) -> Markup {
    html! {
        @if !chips.is_empty() {
            nav aria-label=(words!("parts-filters")) {
                ul.chips {
                    @for (says, without) in chips { (chip(says, without)) }
                    @if chips.len() > 1 { li { a href=(clear) { (words!("parts-clear-all")) } } }
                }
            }
        }
    }
}

/// Links to the sides of one page: each with its label, and whether it is the one shown.
pub(crate) fn tabs(label: &str, tabs: &[(&str, Link, bool)]) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            ul { @for (says, link, is_shown) in tabs { li { a href=(link) aria-current=[is_shown.then_some("page")] { (says) } } } }
        }
    }
}

/// One of several sides of a page, chosen from a menu of links; for more of them than tabs have room for.
pub(crate) fn choice(label: &str, links: &[(&str, Link, bool)]) -> Markup {
    let chosen = links.iter().find(|(_, _, is_chosen)| *is_chosen).map_or("", |(says, _, _)| says);
    html! {
        details.popover-menu.choice-menu {
            summary { (marked!("parts-chosen", what = label, chosen = html! { strong { (chosen) } })) }
            ul.panel { @for (says, link, is_chosen) in links { li { a href=(link) aria-current=[is_chosen.then_some("true")] { (says) } } } }
        }
    }
}

/// A text that a script copies at a click; without one it can be marked and copied by hand.
pub(crate) fn copy(what: &str, text: &str) -> Markup {
    html! {
        span.copy {
            code.copy-text { (text) }
            button.small type="button" hidden data-copy=(text) data-copied=(words!("parts-copied")) data-by-hand=(words!("parts-copy-by-hand")) { span { (words!("parts-copy")) } span.visually-hidden { (words!("parts-copy-what", what = what)) } }
        }
    }
}

/// A button that opens a dialog on this page, or without a script leads to a page with the same inside.
pub(crate) fn opens_dialog(id: &str, fallback: &Link, label: &str, class: &str) -> Markup {
    html! { a class={ "button " (class) } href=(fallback) data-dialog=(id) { (label) } }
}

/// A dialog, which a script opens.
pub(crate) fn dialog(id: &str, title: &str, inside: Markup) -> Markup {
    html! {
        dialog id=(id) aria-labelledby={ (id) "-title" } {
            div.dialog-head {
                h2 id={ (id) "-title" } { (title) }
                form method="dialog" { button.small.quiet type="submit" { (words!("parts-close")) } }
            }
            (inside)
        }
    }
}

/// What is one click away: a definition, a detail.
pub(crate) fn more(summary: &str, inside: Markup) -> Markup {
    html! { details.more { summary { (summary) } div.more-inside { (inside) } } }
}

/// A text that may be in another language than the page: the API's, or somebody's.
pub(crate) fn as_told(text: &str) -> Markup {
    html! {
        @match of_the_api(text) {
            Some(language) => span lang=(language) { (text) },
            None => (text),
        }
    }
}

/// Draws something only where commands can be given.
pub(crate) fn if_may_command(visit: &Visit, inside: impl FnOnce() -> Markup) -> Markup {
    html! { @if visit.may_command() { (inside()) } }
}
