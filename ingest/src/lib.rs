//! The way of events into the ledger, and the one loop that appends, applies and publishes them.
mod clock;
mod engine;
pub mod files;
mod follow;
mod handle;
mod inbox;
pub mod kafka;
pub mod metrics;
mod pipeline;
mod published;
mod sources;
mod start;
mod work;

pub use clock::{Clock, SystemClock};
pub use engine::{CheckpointPolicy, Engine, EngineError};
pub use handle::{Handle, RedriveError};
pub use inbox::Inbox;
pub use pipeline::{Feed, Pipeline, PipelineOptions, Tally};
pub use published::PositionWatch;
pub use sources::{Readiness, SourceStatus, Unread, WhyUnread};
pub use start::{
    CheckpointUse, ReadOnlyOptions, ReplayProgress, Replayed, StartError, StartOptions, Started, start, start_read_only,
};
pub use work::{CommandError, Done, DoneDecision, Reply, Stopped, Work};
