//! Projections published to a real Cassandra node and answered from there. Needs a JDK and Maven; without them it says that
//! it was skipped.

mod away;
mod chains;
mod commands;
#[path = "../daemon_support/mod.rs"]
mod daemon_support;
mod killed;
mod kills;
mod pages;
mod passed_on;
mod promotions;
mod questions;
mod refusals;
mod secured;
mod shards;
#[path = "../../route/tests/answers/sums.rs"]
#[allow(dead_code, reason = "answers are compared here, and not added up")]
mod sums;
mod taken;
mod to_come;
mod together;
mod world;
