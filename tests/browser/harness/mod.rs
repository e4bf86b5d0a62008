//! What walks stand on: the browser, the platform it looks at, and the windows between them.
#![allow(dead_code, reason = "each file of walks uses another part of it")]

pub mod album;
pub mod chromedriver;
pub mod crawl;
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

use std::io::Write;

pub use walk::{walk, walk_on, walk_with};
pub use window::Looks;

/// Says that a test cannot run here; a failure where the machine was asked to have what is missing.
pub fn skipped(what: &str) {
    let is_required = std::env::var("TRIBUTARY_REQUIRE_BROWSER").is_ok_and(|value| value == "1");
    assert!(!is_required, "TRIBUTARY_REQUIRE_BROWSER is set, and: {what}");
    // Straight to standard error: what a test prints is hidden when it passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED: this test needs a real browser: {what}");
}
