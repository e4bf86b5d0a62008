//! Real processes among real faults: a daemon on a real Kafka, with a producer of transactions that are not all committed,
//! while it is killed, stopped, and given too little of everything. Afterwards its ledger is held against what an import of
//! the same events gives.
//!
//! It needs a JDK and Maven for the broker, and root on Linux for disks of its own. What could not run says that it was
//! skipped; `TRIBUTARY_REQUIRE_KAFKA=1` and `TRIBUTARY_REQUIRE_MACHINE=1` make that a failure.

#[path = "../daemon_support/mod.rs"]
mod daemon_support;

mod asking;
mod audit;
mod broker_away;
mod clock;
mod commands;
mod limits;
mod machine;
mod rounds;
mod storage;
mod trial;
