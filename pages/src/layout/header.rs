//! The top of a page: whose data is shown, as of when, who is signed in, and what has to be known before all else.

use api::Role;
use maud::{Markup, html};

use super::super::visit::Visit;
use super::super::visitor::Appearance;
use super::super::{forms, language_choice, menu, moment, parts, search_field};
use crate::words::{marked, words};

pub(super) fn header(visit: &Visit) -> Markup {
    html! {
        header.top {
            (menu::button())
            a.brand href=(visit.link("/")) { (mark()) span.brand-name { "Tributary" } }
            @if visit.sees_any() { (finder(visit)) }
            div.tools { (as_of_picker(visit)) (who(visit)) }
        }
    }
}

fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false" {
            path d="M4 4c0 7 8 6 8 12v5M20 4c0 7-8 6-8 12M12 3v7" {}
        }
    }
}

/// The fields that find somebody or something, for those who may look at any. Where there is no room for them a button
/// opens them, which takes no script, and says whose data is looked at, though not in sight on a telephone: what stands
/// first on the page says it there, and the header has room for one row only.
fn finder(visit: &Visit) -> Markup {
    html! {
        button.finder-button.quiet type="button" popovertarget="finder" {
            svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false" { path d="M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M15.5 15.5L20 20" {} }
            @match visit.referrer() {
                Some(uid) => { span.visually-hidden { (words!("layout-find-looking")) " " } span.finder-says { (uid) } },
                None => span.finder-says { (words!("layout-find")) },
            }
        }
        div.finder #finder popover="auto" { (chooser(visit)) (search_field::draw(visit)) }
    }
}

/// Whose data is looked at, for those who may look at any.
fn chooser(visit: &Visit) -> Markup {
    let here = visit.here().without("uid").first_page().without("code");
    html! {
        form.chooser method="get" action=(here.path()) role="search" aria-label=(words!("layout-whose-label")) {
            @if let Some(uid) = visit.referrer() {
                span.looking { (marked!("layout-looking", uid = html! { strong { (uid) } })) }
            }
            label.visually-hidden for="chooser-uid" { (words!("layout-referrers-uid")) }
            input #chooser-uid name="uid" type="text" inputmode="numeric" pattern="[0-9]{1,16}" placeholder=(words!("layout-uid")) required size="10" autocomplete="off";
            (forms::hidden_parameters(&here))
            button.small type="submit" { (words!("parts-show")) }
        }
    }
}

fn as_of_picker(visit: &Visit) -> Markup {
    let here = visit.here().without("as_of").first_page();
    let picked = visit.as_of().and_then(moment::for_input);
    let moment = html! { @match visit.as_of() { Some(as_of) => strong { (as_of) }, None => (words!("layout-now")) } };
    html! {
        details.popover-menu {
            summary { (marked!("layout-as-of", moment = moment)) }
            div.panel {
                form method="get" action=(here.path()) {
                    div.field {
                        label for="as-of" { (words!("layout-date-and-time")) }
                        input #as-of name="as_of" type="datetime-local" step=[moment::step(picked.as_deref())] value=[&picked] aria-describedby="as-of-hint" required;
                        p.hint #as-of-hint { (words!("layout-as-of-hint")) }
                    }
                    (forms::hidden_parameters(&here))
                    div.row {
                        button.primary.small type="submit" { (words!("parts-show")) }
                        @if visit.as_of().is_some() { a.button.small href=(here) { (words!("layout-back-to-now")) } }
                    }
                }
                // Each ledger counts its own positions.
                @if visit.has_ledger() { (parts::more(words!("layout-by-position"), html! {
                    form.inline method="get" action=(here.path()) {
                        div.field {
                            label for="as-of-position" { (words!("layout-ledger-position")) }
                            input #as-of-position name="as_of" type="number" min="0" step="1" value=[visit.as_of().filter(|given| moment::is_position(given))] required;
                        }
                        (forms::hidden_parameters(&here))
                        button.small type="submit" { (words!("parts-show")) }
                    }
                })) }
            }
        }
    }
}

/// Who is signed in: the role, and of whom.
fn caller(visit: &Visit) -> String {
    let role = role_in_words(visit.caller.role());
    match visit.caller.own_data_of() {
        Some(uid) => words!("layout-caller", role = role, uid = uid),
        None => role.to_owned(),
    }
}

/// A role, as pages call it.
pub(crate) fn role_in_words(role: Role) -> &'static str {
    match role {
        Role::Affiliate => words!("layout-role-affiliate"),
        Role::Analyst => words!("layout-role-analyst"),
        Role::Operator => words!("layout-role-operator"),
        Role::Service => words!("layout-role-service"),
        Role::Auditor => words!("layout-role-auditor"),
    }
}

fn who(visit: &Visit) -> Markup {
    let is_open = visit.site.app.is_open_to_anyone();
    html! {
        details.popover-menu {
            summary { (caller(visit)) }
            div.panel {
                (forms::post(visit, "/appearance", html! {
                    input type="hidden" name="next" value=(visit.here());
                    fieldset.segments {
                        legend { (words!("layout-appearance")) }
                        @for one in Appearance::ALL {
                            button.small type="submit" name="appearance" value=(one.as_str())
                                aria-pressed=[(one == visit.visitor.appearance).then_some("true")] {
                                (match one { Appearance::Device => words!("layout-device"), Appearance::Light => words!("layout-light"), Appearance::Dark => words!("layout-dark") })
                            }
                        }
                    }
                }))
                (language_choice::form(visit.link(language_choice::PATH), &visit.seal(), &visit.here().to_string()))
                @if !is_open {
                    (forms::post(visit, "/sign-out", html! { button.small type="submit" { (words!("layout-sign-out")) } }))
                }
            }
        }
    }
}

/// What has to be known before all else.
pub(super) fn banners(visit: &Visit) -> Markup {
    html! {
        @if visit.site.app.is_open_to_anyone() {
            p.banner.warn { (words!("layout-no-key")) }
        }
        @if !visit.has_ledger() {
            p.banner { (words!("layout-serving-node")) }
        }
        @if let Some(ledger) = visit.site.app.ledger_if_open() {
            @if ledger.is_read_only() && ledger.replication_status().leader.is_some() {
                p.banner { (words!("layout-standby")) }
            } @else if ledger.is_read_only() {
                p.banner { (words!("layout-read-only")) }
            } @else if let Some(why) = ledger.closed_because() {
                @if ledger.no_commands_because().is_none() {
                    p.banner { (marked!("layout-closed-to-events", why = parts::as_told(&why))) }
                } @else {
                    p.banner { (marked!("layout-closed", why = parts::as_told(&why))) }
                }
            }
        }
        @if let Some(as_of) = visit.as_of() {
            p.banner.past {
                (marked!("layout-past", moment = html! { strong { (as_of) } })) " "
                a href=(visit.here().without("as_of").first_page()) { (words!("layout-back-to-present")) }
            }
        }
        @if visit.sees_any() && !visit.site.app.is_open_to_anyone() && let Some(uid) = visit.referrer() {
            p.banner.other { (marked!("layout-other", uid = html! { strong { (uid) } }, role = role_in_words(visit.caller.role()))) }
        }
        @if let Some(flash) = &visit.visitor.flash {
            p.banner.done role="status" { (flash) }
        }
    }
}
