//! Referrals: the list of invitees with its filters, and one invitee looked at closely.

mod buckets;
mod columns;
mod export;
mod filter_form;
mod filters;
mod invitee;
mod list;
mod note;
mod rates;
mod timeline;

use axum::Router;
use axum::routing::{get, post};

use super::entries::{Audience, Entry};
use crate::site::Site;
use crate::words::Key;

pub(super) use self::columns::chosen as chosen_columns;
pub(super) use self::list::table;
pub(super) use self::note::NOTE_UNITS_MAX;

/// Where the list is.
pub(super) const PATH: &str = "/referrals";

/// So many invitees stand on a page where the address says nothing: with twice as many, painting them takes a browser a
/// third longer.
pub(super) const PAGE_ROWS: &str = "25";

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] =
    &[Entry { path: PATH, label: Key("layout-menu-referrals"), audience: Audience::Everyone }];

pub(super) fn router() -> Router<Site> {
    Router::new()
        .route(PATH, get(list::get_list))
        .route(columns::PATH, post(columns::post_columns))
        .route(export::PATH, get(export::get_export))
        .route("/referrals/{invitee}", get(invitee::get_invitee))
        .route("/referrals/{invitee}/note", get(note::get_note).post(note::post_note))
        .route("/referrals/{invitee}/rebate", post(rates::post_rebate))
}
