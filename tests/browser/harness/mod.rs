//! What walks stand on: the browser, the platform it looks at, and the windows between them.
#![allow(dead_code, reason = "each file of walks uses another part of it")]

pub mod album;
pub mod chromedriver;
pub mod crawl;
pub mod downloads;
pub mod hand;
pub mod history;
pub mod judges;
pub mod page;
pub mod people;
pub mod picture;
pub mod platform;
pub mod provider;
pub mod still;
pub mod walk;
pub mod window;

pub use walk::{walk, walk_on, walk_with};
pub use window::Looks;

/// Says that a test cannot run here; a failure where the machine was asked to have what is missing.
pub fn skipped(what: &str) {
    needs::missing(needs::Need::Browser, what);
}
