//! The command line, run as a user would: each command with its answers, its errors and its exit code.

#[path = "../cli_support/mod.rs"]
mod cli_support;
#[path = "../daemon_support/mod.rs"]
mod daemon_support;
#[path = "../../backups/tests/objects/proxy.rs"]
#[allow(dead_code, reason = "the tests of backups use the rest")]
mod object_proxy;
#[path = "../../backups/tests/objects/server.rs"]
#[allow(dead_code, reason = "the tests of backups use the rest")]
mod object_server;

mod audit;
mod backup;
mod config;
mod doctor;
mod dry_run;
mod export;
mod quarantine;
mod query;
mod repair;
mod replay;
mod restatement;
mod ship;
mod usage;
mod verify;
mod what_if;
