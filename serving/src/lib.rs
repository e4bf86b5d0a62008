//! A ledger's projections in Cassandra, and answers from there (`docs/CASSANDRA.md`).
//!
//! A [`Publisher`] writes the rows that changed between two positions of a ledger, each as it was and as it is, under the
//! position as timestamp, and then how far it is. [`Publishing`] does so beside a daemon once an interval. A [`Node`] keeps
//! nothing: it reads a referrer's rows of all shards as of the positions that these have published, makes a small state of
//! them, and answers by the code that answers a ledger's questions.
//!
//! **What this crate does not do.** It computes no figure and decides on no event. It writes nothing to a ledger.

mod cluster;
mod columns;
mod error;
mod node;
mod progress;
mod publisher;
mod publishing;
mod reading;
mod rows;
mod schema;

pub use cluster::{ClusterOptions, ClusterTls};
pub use error::ServingError;
pub use node::Node;
pub use publisher::{Identity, Publisher, Step};
pub use publishing::{Publishing, PublishingOptions};
pub use schema::VERSION;
