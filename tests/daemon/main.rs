//! The daemon as a process of its own, with a real directory and a real port.

#[path = "../../api/tests/http/certificates.rs"]
mod certificates;
#[path = "../daemon_support/mod.rs"]
mod daemon_support;

mod beside_daemon;
mod commands_told;
mod demo;
mod exemplars;
mod https;
mod kill;
mod prepared;
mod same_numbers;
mod second_writer;
mod service_manager;
mod signals;
mod traces;
mod upgrades;
mod who_may_ask;
