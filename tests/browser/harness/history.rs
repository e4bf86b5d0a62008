//! What the platform holds in the walks.

use std::sync::LazyLock;

use schemas::Timestamp;
use workload::Workload;

use super::people;

/// The last whole day before today: then default ranges hold most of it, and nothing lies in the future.
static END: LazyLock<Timestamp> = LazyLock::new(|| {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let day = now.as_secs() / 86_400;
    Timestamp(i64::try_from(day).expect("days fit") * schemas::time::DAY_MICROS)
});

static REALISTIC: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let workload = Workload { referrers: 12, invitees: 600, days: 45, events: 9_000, ..Workload::demo(1, *END) };
    let people = people::events().into_iter().map(|event| event.to_string().into_bytes());
    workload.lines().chain(people).collect()
});

/// The demo's people and events in small, up to the last midnight: some hundred invitees of referrer 7; and those of
/// [`people`].
pub fn realistic() -> &'static [Vec<u8>] {
    &REALISTIC
}

/// When the history ends: the last midnight.
pub fn end() -> Timestamp {
    *END
}
