//! What is answered also where all connections are in use, on those that are kept for it (`http.connections_reserved`): probes; and
//! standbys with what makes one lead, which those who wait for a standby would else keep out.

use crate::probes::is_probe;

/// What a standby asks, and what makes one lead.
const REPLICATION: [&str; 5] =
    ["/v1/ledger/frames", "/v1/ledger/promote", "/v1/ledger/step-down", "/v1/ledger/segments", "/v1/ledger/checkpoint"];
/// What a snapshot's files lie below.
const SNAPSHOT: [&str; 2] = ["/v1/ledger/segments/", "/v1/ledger/checkpoint/"];

/// Whether a path is answered there.
pub(crate) fn is_answered_there(path: &str) -> bool {
    is_probe(path) || REPLICATION.contains(&path) || SNAPSHOT.iter().any(|below| path.starts_with(below))
}
