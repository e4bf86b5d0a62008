//! Projections published to a real Cassandra node and answered from there. Needs a JDK and Maven; without them it says that
//! it was skipped.

mod away;
#[path = "../daemon_support/mod.rs"]
mod daemon_support;
mod killed;
mod questions;
mod refusals;
mod shards;
#[path = "../../route/tests/answers/sums.rs"]
#[allow(dead_code, reason = "answers of serving nodes are not added up here")]
mod sums;
mod taken;
