//! What is other than before when the settings are read again: what holds at once, and what from the next start on.

use crate::config::{Key, Layers};

/// What is taken while everything goes on. All others are what threads, files and connections were made with.
const READ_AGAIN: &[Key] = &[
    Key::HttpConnectionsMax,
    Key::HttpConnectionsReserved,
    Key::HttpConnectionsPerAddress,
    Key::HttpHeaderSeconds,
    Key::HttpIdleSeconds,
    Key::HttpStallSeconds,
    Key::HttpLivePagesMax,
    Key::HttpLiveFeedsMax,
    Key::LimitsBatchEvents,
    Key::LimitsBatchBytes,
    Key::LimitsStopSeconds,
    Key::HttpRateCallerPerSecond,
    Key::HttpRateCallerBurst,
    Key::HttpRateAddressPerSecond,
    Key::HttpRateAddressBurst,
    Key::AuthHs256Secret,
    Key::AuthHs256SecretFile,
    Key::AuthJwksFile,
    Key::AuthJwksUrl,
    Key::AuthJwksSeconds,
    Key::AuthJwksPauseSeconds,
    Key::AuthIssuer,
    Key::AuthAudience,
    Key::AuthClaimsRole,
    Key::AuthClaimsUid,
    Key::AuthClaimsDefaultRole,
    Key::AuthClaimsRoles,
    Key::AuthOidcIssuer,
    Key::AuthOidcClientId,
    Key::AuthOidcClientSecret,
    Key::AuthOidcClientSecretFile,
    Key::AuthOidcScopes,
    Key::AuthOidcName,
    Key::AuthOidcSessionSeconds,
    Key::CheckpointSeconds,
    Key::CheckpointEvents,
    Key::LogLevel,
];

/// The settings that changed, by name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// They hold at once.
    pub(super) taken: Vec<&'static str>,
    /// They hold from the next start on.
    pub(super) from_next_start: Vec<&'static str>,
}

/// Holds what was read against what is in force, and gives what is in force then.
pub(super) fn take(in_force: &Layers, read: Layers) -> (Changes, Layers) {
    let mut changes = Changes::default();
    let mut then = read;
    for key in Key::ALL {
        let is_read_again = READ_AGAIN.contains(key);
        if !in_force.says_the_same(&then, *key) {
            let kind = if is_read_again { &mut changes.taken } else { &mut changes.from_next_start };
            kind.push(key.name());
        }
        if !is_read_again {
            then.keep(*key, in_force);
        }
    }
    (changes, then)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Value, check};

    fn layers(pairs: &[(Key, Value)]) -> Layers {
        let flags = pairs.iter().map(|(key, value)| (*key, "flag", value.clone())).collect();
        check(None, [], flags).expect("settings that can be taken").1
    }

    #[test]
    fn what_cannot_be_taken_now_is_told_each_time_until_a_start() {
        let seconds = |seconds| (Key::CheckpointSeconds, Value::Count(seconds));
        let states = |states| (Key::AsOfStates, Value::Count(states));
        let begun = layers(&[]);
        let (changes, then) = take(&begun, layers(&[]));
        assert_eq!(changes, Changes::default());
        // A default that is said is no change.
        let (changes, then) = take(&then, layers(&[seconds(60)]));
        assert_eq!(changes, Changes::default());
        let (changes, then) = take(&then, layers(&[seconds(5), states(3)]));
        assert_eq!(changes, Changes { taken: vec!["checkpoint.seconds"], from_next_start: vec!["as_of.states"] });
        let (changes, then) = take(&then, layers(&[seconds(5), states(3)]));
        assert_eq!(changes, Changes { taken: vec![], from_next_start: vec!["as_of.states"] });
        let (changes, _) = take(&then, layers(&[seconds(5)]));
        assert_eq!(changes, Changes::default());
    }
}
