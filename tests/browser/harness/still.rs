//! A platform that is the same whenever it is looked at: a history that is recorded up to a day of its own, a clock that
//! stands there, and an address without the port that the system chose.

use std::path::Path;

use schemas::Timestamp;

use super::platform::{Platform, Seen};
use crate::daemon_support::tributary;

/// Where a browser finds it.
const HOST: &str = "ledger.example";
/// The moment that it is.
const NOW: &str = "2026-05-20T12:00:00Z";
/// How many events of the demo: lists of several pages, some referrers, and a few seconds to record.
const EVENTS: &str = "100000";

impl Platform {
    /// Records the demo's history and starts a daemon on it, both by the clock that this library makes stand.
    pub fn still(clock: &Path) -> Platform {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let second = (Timestamp::parse(NOW).expect("a moment").0 / 1_000_000).to_string();
        let stands = [("LD_PRELOAD", clock.to_str().expect("a path")), ("CLOCK_AT", &*second)];
        let mut record = tributary();
        record.args(["demo", "--record", "--end", NOW, "--events", EVENTS, "--data"]).arg(&data).envs(stands);
        let recorded = record.output().expect("the binary can be run");
        assert!(recorded.status.success(), "{}", String::from_utf8_lossy(&recorded.stderr));
        let url = format!("http://{HOST}");
        let settings = [("TRIBUTARY_HTTP_PUBLIC_URL", &*url)];
        let seen = |port: &str| Seen {
            address: url.clone(),
            arguments: [
                &format!("--host-resolver-rules=MAP {HOST} 127.0.0.1:{port}"),
                // It is as good as the loopback that it is: what may be copied by a button is.
                &format!("--unsafely-treat-insecure-origin-as-secure={url}"),
                "--disable-features=HttpsUpgrades",
                // What text looks like hangs on no setting of the machine.
                "--font-render-hinting=none",
                "--disable-lcd-text",
                "--force-color-profile=srgb",
                "--hide-scrollbars",
                "--lang=en-US",
            ]
            .map(str::to_owned)
            .to_vec(),
        };
        Platform::on(folder, &stands, &settings, seen)
    }
}
