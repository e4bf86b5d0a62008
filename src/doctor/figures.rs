//! Bytes and times in words that people read.

use schemas::Timestamp;

/// `1.5 GiB`.
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut unit = 0;
    let (mut whole, mut rest) = (bytes, 0);
    while whole >= 1_024 && unit + 1 < UNITS.len() {
        rest = whole % 1_024;
        whole /= 1_024;
        unit += 1;
    }
    match rest * 10 / 1_024 {
        0 => format!("{whole} {}", UNITS[unit]),
        tenths => format!("{whole}.{tenths} {}", UNITS[unit]),
    }
}

/// `2 days`, `3 hours`: the largest unit that fits, and no more of it.
pub(super) fn seconds(seconds: u64) -> String {
    let (count, unit) = match seconds {
        172_800.. => (seconds / 86_400, "day"),
        7_200.. => (seconds / 3_600, "hour"),
        120.. => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// How many seconds lie between two moments; 0 if the first is the later.
pub(super) fn seconds_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.0.saturating_sub(from.0) / 1_000_000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_in_the_largest_unit_that_fits() {
        for (count, words) in [(0, "0 B"), (1_023, "1023 B"), (1_024, "1 KiB"), (1_600, "1.5 KiB"), (3 << 30, "3 GiB")]
        {
            assert_eq!(bytes(count), words);
        }
        for (count, words) in
            [(1, "1 second"), (119, "119 seconds"), (120, "2 minutes"), (7_200, "2 hours"), (200_000, "2 days")]
        {
            assert_eq!(seconds(count), words);
        }
        assert_eq!(seconds_between(Timestamp(5_000_000), Timestamp(9_500_000)), 4);
        assert_eq!(seconds_between(Timestamp(9_500_000), Timestamp(5_000_000)), 0);
    }
}
