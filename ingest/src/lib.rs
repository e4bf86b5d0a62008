//! The way of events into the ledger, and the one loop that accepts, appends, applies and publishes them.
//!
//! ```text
//!  Kafka ─┐                 ┌─ decoder ─┐ in the source's order
//!  files ─┼─ chunks, bound ─┼─ decoder ─┼─────────────┐
//!  demo  ─┘   in bytes      └─ …        ┘             ▼
//!                                                  writer ── Engine::step ── ledger (fsync) ── state ── published
//!  POST, commands ───────── Inbox, bound ─────────────▲
//! ```
//!
//! [`start`] opens a ledger, takes its last checkpoint if it can be trusted, replays the tail, and gives an
//! [`Engine`] with its [`Handle`]. A [`Pipeline`] puts the threads around it; [`files::import`] and
//! [`kafka::KafkaSource`] are sources. [`start_read_only`] gives a [`Handle`] that follows what another process writes.
//!
//! The [`Engine`] itself is a plain, synchronous state machine: storage, checkpoints and time are ports, and whoever
//! drives it decides when a step is made. So a simulator can run it on a simulated disk and clock.
//!
//! **What this crate does not do.** It holds no rule of the program: what is valid is said by `schemas`, what is
//! accepted by `ledger`, what it comes to by `projections`. It speaks no HTTP and reads no configuration.

mod apart;
mod applying;
mod checkpoint_policy;
mod clock;
mod clock_watch;
mod command_way;
mod engine;
pub mod files;
mod follow;
mod frame_limits;
mod handle;
mod inbox;
pub mod kafka;
mod keeper;
pub mod metrics;
mod pipeline;
mod published;
mod quarantine;
mod readiness;
mod replication;
mod run_keeper;
mod snapshots;
mod sources;
mod start;
mod threads;
pub mod traces;
mod trouble;
mod work;

pub use apart::AppliedApart;
pub use applying::WHOLE_FRAME_EVENTS;
pub use checkpoint_policy::CheckpointPolicy;
pub use clock::{Clock, SystemClock};
pub use command_way::{CommandWay, GivenCommand};
pub use engine::{AcceptedBefore, Engine, EngineError};
pub use frame_limits::FrameLimits;
pub use handle::{AsOfError, Handle};
pub use inbox::Inbox;
pub use keeper::Keeping;
pub use pipeline::{Feed, Pipeline, PipelineOptions, Tally};
pub use published::PositionWatch;
pub use quarantine::{Acted, Operator, QuarantineError};
pub use readiness::{Missing, Readiness};
pub use replication::{
    Acks, ElectionStatus, LeaderStatus, ReplicationOptions, ReplicationStatus, StandbyDriver, StandbyStatus,
    Superseded, TooManyStandbys, WithoutStandby,
};
pub use run_keeper::RunWriting;
pub use snapshots::{STEPS_IN_PLACE_MAX, Snapshot, SnapshotError};
pub use sources::{AnotherBy, SourcePart, SourceStatus, Unread, WhyUnread};
pub use start::{
    CheckpointOpener, CheckpointUse, PastOptions, PrepareOptions, Prepared, ReadOnlyOptions, ReplayProgress, Replayed,
    StartError, StartOptions, Started, prepare, start, start_read_only,
};
pub use threads::NoThread;
pub use work::{
    CommandError, Done, DoneDecision, LeadError, Reply, ShippedError, Stopped, SubmitError, Submitted, Work,
};
