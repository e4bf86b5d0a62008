//! The top of a page: whose data is shown, as of when, who is signed in, and what has to be known before all else.

use maud::{Markup, html};

use super::super::visit::Visit;
use super::super::visitor::Appearance;
use super::super::{forms, menu, moment, parts, search_field};

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
/// opens them, which takes no script, and says whose data is looked at.
fn finder(visit: &Visit) -> Markup {
    html! {
        button.finder-button.quiet type="button" popovertarget="finder" {
            svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false" { path d="M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M15.5 15.5L20 20" {} }
            @match visit.referrer() {
                Some(uid) => { span.visually-hidden { "Find. Looking at referrer " } (uid) },
                None => span.finder-says { "Find" },
            }
        }
        div.finder #finder popover="auto" { (chooser(visit)) (search_field::draw(visit)) }
    }
}

/// Whose data is looked at, for those who may look at any.
fn chooser(visit: &Visit) -> Markup {
    let here = visit.here().without("uid").first_page().without("code");
    html! {
        form.chooser method="get" action=(here.path()) role="search" aria-label="Whose data" {
            @if let Some(uid) = visit.referrer() {
                span.looking { "Looking at referrer " strong { (uid) } }
            }
            label.visually-hidden for="chooser-uid" { "Referrer's uid" }
            input #chooser-uid name="uid" type="text" inputmode="numeric" pattern="[0-9]{1,16}" placeholder="uid" required size="10" autocomplete="off";
            (forms::hidden_parameters(&here))
            button.small type="submit" { "Show" }
        }
    }
}

fn as_of_picker(visit: &Visit) -> Markup {
    let here = visit.here().without("as_of").first_page();
    let moment = visit.as_of().and_then(moment::for_input);
    html! {
        details.popover-menu {
            summary { "As of: " @match visit.as_of() { Some(as_of) => strong { (as_of) }, None => "now" } }
            div.panel {
                form method="get" action=(here.path()) {
                    div.field {
                        label for="as-of" { "Date and time, UTC" }
                        input #as-of name="as_of" type="datetime-local" step=[moment::step(moment.as_deref())] value=[&moment] aria-describedby="as-of-hint" required;
                        p.hint #as-of-hint { "The page as everything was known at that moment." }
                    }
                    (forms::hidden_parameters(&here))
                    div.row {
                        button.primary.small type="submit" { "Show" }
                        @if visit.as_of().is_some() { a.button.small href=(here) { "Back to now" } }
                    }
                }
                (parts::more("By ledger position", html! {
                    form.inline method="get" action=(here.path()) {
                        div.field {
                            label for="as-of-position" { "Ledger position" }
                            input #as-of-position name="as_of" type="number" min="0" step="1" value=[visit.as_of().filter(|given| moment::is_position(given))] required;
                        }
                        (forms::hidden_parameters(&here))
                        button.small type="submit" { "Show" }
                    }
                }))
            }
        }
    }
}

fn who(visit: &Visit) -> Markup {
    let is_open = visit.site.app.is_open_to_anyone();
    html! {
        details.popover-menu {
            summary { (visit.caller.in_words()) }
            div.panel {
                (forms::post(visit, "/appearance", html! {
                    input type="hidden" name="next" value=(visit.here());
                    fieldset.segments {
                        legend { "Appearance" }
                        @for one in Appearance::ALL {
                            button.small type="submit" name="appearance" value=(one.as_str())
                                aria-pressed=[(one == visit.visitor.appearance).then_some("true")] {
                                (match one { Appearance::Device => "Device", Appearance::Light => "Light", Appearance::Dark => "Dark" })
                            }
                        }
                    }
                }))
                @if !is_open {
                    (forms::post(visit, "/sign-out", html! { button.small type="submit" { "Sign out" } }))
                }
            }
        }
    }
}

/// What has to be known before all else.
pub(super) fn banners(visit: &Visit) -> Markup {
    html! {
        @if visit.site.app.is_open_to_anyone() {
            p.banner.warn { "No key is set: everyone on this machine is an operator." }
        }
        @if let Some(ledger) = visit.site.app.ledger_if_open() {
            @if ledger.is_read_only() && ledger.replication_status().leader.is_some() {
                p.banner { "A standby answers here: nothing can be changed. Its leader takes what is sent." }
            } @else if ledger.is_read_only() {
                p.banner { "The ledger is only read here: nothing can be changed." }
            } @else if let Some(why) = ledger.closed_because() {
                p.banner { "Nothing can be changed here: " (why) "." }
            }
        }
        @if let Some(as_of) = visit.as_of() {
            p.banner.past {
                "The past, as of " strong { (as_of) } ": nothing can be changed here. "
                a href=(visit.here().without("as_of").first_page()) { "Back to the present" }
            }
        }
        @if visit.sees_any() && !visit.site.app.is_open_to_anyone() && let Some(uid) = visit.referrer() {
            p.banner.other { "You look at the data of referrer " strong { (uid) } " as " (visit.caller.role().as_str()) "." }
        }
        @if let Some(flash) = &visit.visitor.flash {
            p.banner.done role="status" { (flash) }
        }
    }
}
