//! A deterministic simulator: engine, ledger, acceptance, checkpoints, projections and questions run whole on a
//! simulated disk, clock and topic, from one seed, on one thread. After every restart an auditor checks that nothing is
//! lost, nothing is there twice and nothing that anybody was shown has changed.
//!
//! ```text
//!  seed ── Plan (which features and faults this run has) ── History (events, poison, commands)
//!                         │                                     │
//!                         ▼                                     ▼
//!             World: disk, clock, topic, checkpoints ◄── Life: start, steps, a crash or a stop ──┐
//!                         │                                                                      │
//!                         └────────────────► Auditor: the model against what is there ◄──────────┘
//! ```
//!
//! [`run`] is one run; the same seed gives the same run. What each run met is counted by name ([`Situation`]), so that
//! one can see that the generator reaches what matters.
//!
//! In a share of the runs a *cluster* follows (`cluster.rs`): routers read a producer's topic and write in transactions what
//! shards read, each on a disk of its own.
//!
//! **What this crate does not do.** It starts no thread and opens no file. The client of Kafka is not in it: the
//! topic stands for a broker and the consumer in it, at the border where messages become a batch; routers and what sends
//! on reach the brokers through the ports of `route`.

mod arrival;
mod auditor;
mod clock;
mod cluster;
mod disk;
mod drawing;
mod failure;
mod following;
mod given;
mod history;
mod index_runs;
mod kept;
mod life;
mod machine;
mod model;
mod oracle;
mod plan;
mod reached;
mod run;
mod showing;
mod shown;
mod situations;
mod standby;
mod topic;
mod world;

pub use cluster::plan::ClusterPlan;
pub use failure::Failure;
pub use plan::{Faults, Features, Plan};
pub use run::{Report, run};
pub use situations::{Met, Situation};
