//! The moment by which a router judges events: none lies too far ahead for it. Whether one does is for the shard to say,
//! by its own clock.

use schemas::Timestamp;

/// The end of the year 9999.
pub(crate) const FAR_FUTURE: Timestamp = Timestamp(253_402_300_799_999_999);
