//! A leader and its standby as real processes: followed, killed, stopped and cut off under load, and one made the other.
//! A new standby that takes its leader's files first. Needs nothing but this machine, and for elections a real Kafka broker.

#[path = "../daemon_support/mod.rs"]
mod daemon_support;

mod elected;
mod election;
mod election_refusals;
mod load;
mod made;
mod pair;
mod proxy;
mod refusals;
mod rounds;
mod snapshot;
mod snapshot_elected;
mod snapshot_refusals;
mod snapshot_time;
