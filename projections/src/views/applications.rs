//! Who waits for an answer to an application.

use schemas::{Timestamp, Uid};

/// A user who applied to become an affiliate and has no affiliate event since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationRow {
    /// Who applied.
    pub uid: Uid,
    /// Since when the user waits: the time of its first application that nothing has answered.
    pub waiting_since: Timestamp,
    /// How many times it applied since then, that one included.
    pub times: u64,
    /// What it wrote the last time.
    pub message: String,
    /// The position of that application.
    pub position: u64,
}
