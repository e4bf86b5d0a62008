//! The pages in a real browser: Debian's chromium, driven through chromedriver, on the real binary with a small
//! history. Each file of walks is a job that a person does here, and reads as the rule that it holds.
//!
//! Without a browser the walks say loudly that they were skipped; `TRIBUTARY_REQUIRE_BROWSER=1` makes that a failure.
//! What a failed walk saw (picture and source of each window) is left under `target/tmp/browser`.

#[path = "../daemon_support/mod.rs"]
mod daemon_support;
mod harness;

mod approve_an_application;
mod ask_the_api;
mod ask_what_if;
mod campaigns_and_programs;
mod change_the_range;
mod doors;
mod every_job;
mod every_page;
mod explain_an_amount;
mod export_rewards;
mod figures_are_the_apis;
mod filter_referrals;
mod find_anything;
mod hostile_text;
mod install;
mod languages;
mod look_back;
mod make_a_code;
mod on_a_phone;
mod pictures;
mod read_a_chart;
mod screenshots;
mod sign_in;
mod sign_in_elsewhere;
