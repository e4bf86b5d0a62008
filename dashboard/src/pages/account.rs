//! Account: not built yet. Its entry in the menu comes with it.

use axum::Router;

use super::menu::Entry;
use crate::app::App;

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] = &[];

pub(super) fn router() -> Router<App> {
    Router::new()
}
