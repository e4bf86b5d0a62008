//! Codes: the list with how many of the 20 there are, a new one, and one looked at closely.

mod detail;
mod form;
mod list;
mod new;

use axum::Router;
use axum::routing::get;

use super::entries::{Audience, Entry};
use crate::site::Site;
use crate::words::Key;

/// Where the list is.
pub(super) const PATH: &str = "/codes";
/// Where a new code is made without a script.
pub(super) const NEW_PATH: &str = "/codes/new";

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] =
    &[Entry { path: PATH, label: Key("layout-menu-codes"), audience: Audience::Everyone }];

pub(super) fn router() -> Router<Site> {
    // A code has capital letters, so that none is called "new".
    Router::new()
        .route(PATH, get(list::get_list).post(new::post_new))
        .route(NEW_PATH, get(new::get_new))
        .route("/codes/{code}", get(detail::get_code).post(detail::post_code))
}
