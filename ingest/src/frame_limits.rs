//! How much the writer gathers for a frame.

/// How much is gathered for a frame. It can be said anew while a pipeline runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameLimits {
    /// The most events; a batch is never cut.
    pub events: usize,
    /// The most bytes, likewise.
    pub bytes: usize,
}

impl Default for FrameLimits {
    fn default() -> Self {
        FrameLimits { events: 10_000, bytes: 8 << 20 }
    }
}
