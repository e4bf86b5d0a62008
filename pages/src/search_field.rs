//! The field of the header that finds anything by its name, for who sees the whole ledger.

use api::Privilege;
use maud::{Markup, html};

use super::forms;
use super::visit::Visit;
use super::words::words;

/// Where it leads to.
pub(crate) const PATH: &str = "/operator/search";

/// The field; nothing for who may not look.
pub(crate) fn draw(visit: &Visit) -> Markup {
    html! {
        @if visit.has_ledger() && visit.caller.require(Privilege::SeeOperation).is_ok() {
            form.search method="get" action=(visit.link(PATH).path()) role="search" aria-label=(words!("layout-search-label")) {
                label.visually-hidden for="search-name" { (words!("layout-search-by")) }
                input #search-name name="name" type="search" placeholder=(words!("layout-search-placeholder")) required maxlength="2000" autocomplete="off" spellcheck="false";
                (forms::hidden_parameters(&visit.link(PATH).without("as_of")))
                button.small type="submit" { (words!("layout-find")) }
            }
        }
    }
}
