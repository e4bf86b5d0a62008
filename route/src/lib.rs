//! Which shard an event belongs to, and its way there through Kafka.
//!
//! Past one machine, several ledgers share the accounts of a platform: each is a *shard*, and holds whole families. What
//! every shard has to know goes to all of them. Kafka orders, divides and keeps; this room only decides where an event
//! goes (`docs/SHARDS.md`).
//!
//! ```text
//!  source topics ── router ──┬── …accounts, P partitions by the head of the family ── the shard of the partition
//!                            └── …platform, one partition ─────────────────────────── every shard
//!  a shard ── what belongs to another, once it is known ── …accounts
//!          └─ that a major account exists whose sub-account owns a code ── …heads ── every other shard
//! ```
//!
//! The decisions are pure: [`destination`] is a function of an event and of the [`Parents`] that are known, and
//! [`sent_on`] of an entry of a ledger and of what its projections know. The loops around them, [`Router`] and [`Sending`],
//! speak to Kafka through a port each ([`RouterPort`], [`SendingPort`]), so that the simulator runs the very same ones.

mod claim;
mod client;
mod clients;
mod commands;
mod destination;
mod error;
mod family_check;
mod far_future;
mod from_ledgers;
mod home;
mod known;
mod lags;
mod measured;
mod measured_port;
mod murmur2;
mod options;
mod parents;
mod partition_counts;
mod port;
mod progress;
mod router;
mod routing;
mod sending;
mod sending_on;
mod sent_on;
mod session;
mod topics;

pub use commands::ShardCommands;
pub use destination::{Destination, destination, parent_of};
pub use error::RouteError;
pub use family_check::{FamilyCheck, check_families};
pub use from_ledgers::{FromLedgers, NamedLedger, route_ledgers};
pub use home::{Home, HomeError, PARTITIONS_MAX};
pub use measured::RouteMetrics;
pub use murmur2::{murmur2, partition_of_key, partition_of_uid};
pub use options::RouterOptions;
pub use parents::Parents;
pub use partition_counts::count_partitions;
pub use port::{NextOffsets, PlatformRead, RouterPort, SourceMessage};
pub use router::{Router, Turned};
pub use routing::route;
pub use sending::{SendError, Sending, SendingPort};
pub use sending_on::{SendingOn, SendingOptions};
pub use sent_on::{GoesOn, sent_on};
pub use session::{Outlets, Routed};
pub use topics::Topics;
