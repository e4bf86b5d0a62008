//! The largest values that numbers may have: what lies above is a slip of the hand, which nothing could keep.

use super::Key;

/// The most that a number may be, and how that is said.
const MOST: &[(Key, u64, &str)] = &[
    (Key::CheckpointSeconds, 604_800, "at most 604800, a week"),
    (Key::CheckpointEvents, 1_000_000_000_000, "at most 1000000000000"),
    (Key::CheckpointKeep, 1_000, "at most 1000, of which each is a state on disk"),
    (Key::AsOfStates, 1_000, "at most 1000, of which each is a state in memory"),
    (Key::LimitsChannelBytes, 68_719_476_736, "at most 68719476736, 64 GiB"),
    (Key::LimitsBatchEvents, 10_000_000, "at most 10000000"),
    (Key::LimitsStopSeconds, 86_400, "at most 86400, a day"),
    (Key::HttpHeaderSeconds, 86_400, "at most 86400, a day"),
    (Key::HttpIdleSeconds, 86_400, "at most 86400, a day"),
    (Key::HttpStallSeconds, 86_400, "at most 86400, a day"),
    (Key::HttpTlsReloadSeconds, 86_400, "at most 86400, a day"),
    (Key::HttpConnectionsMax, 1_000_000, "at most 1000000"),
    (Key::HttpConnectionsReserved, 1_000_000, "at most 1000000"),
    (Key::HttpConnectionsPerAddress, 1_000_000, "at most 1000000"),
    (Key::HttpLivePagesMax, 1_000_000, "at most 1000000"),
    (Key::HttpLiveFeedsMax, 1_000_000, "at most 1000000"),
    (Key::AuthJwksSeconds, 604_800, "at most 604800, a week"),
    (Key::AuthJwksPauseSeconds, 86_400, "at most 86400, a day"),
    (Key::TracesOneIn, 1_000_000_000, "at most 1000000000"),
    (Key::TracesQueueSpans, 1_000_000, "at most 1000000, of which each is about a kilobyte of memory"),
    (Key::ReplicationAcks, 1, "0 or 1"),
    (Key::BackupIntervalSeconds, 31_536_000, "at most 31536000, a year"),
];

/// The most that a number may be; `None` of a setting that is no number, or that has bounds of its own.
pub(super) fn most(key: Key) -> Option<(u64, &'static str)> {
    MOST.iter().find(|(known, _, _)| *known == key).map(|(_, most, expected)| (*most, *expected))
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::super::value::Kind;
    use super::*;

    #[test]
    fn every_number_has_a_bound_and_its_default_is_within() {
        let own = [
            Key::IndexRunEvents,
            Key::LimitsBatchBytes,
            Key::LimitsDecoders,
            Key::HttpRateCallerPerSecond,
            Key::HttpRateCallerBurst,
            Key::HttpRateAddressPerSecond,
            Key::HttpRateAddressBurst,
            Key::AuthOidcSessionSeconds,
            Key::ShardNumber,
            Key::ShardOf,
            Key::CassandraReplicationFactor,
            Key::ReplicationSessionSeconds,
            Key::PublishIntervalMillis,
        ];
        for key in Key::ALL.iter().filter(|key| key.kind() == Kind::Count && !own.contains(key)) {
            let (most, _) = most(*key).unwrap_or_else(|| panic!("{} has none", key.name()));
            assert!(matches!(key.default_value(), Some(Value::Count(count)) if count <= most), "{}", key.name());
        }
    }
}
