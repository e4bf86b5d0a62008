//! What Prometheus is told of the ledger's disk.

use std::time::{Duration, Instant};

use ledger::{DiskSpace, StorageError};
use parking_lot::Mutex;
use prometheus::IntGaugeVec;

use super::Make;

/// A ledger may have thousands of files: they are not looked at more often, however often somebody asks.
const LOOK_EVERY: Duration = Duration::from_secs(10);

pub(super) struct DiskMetrics {
    files: IntGaugeVec,
    free: IntGaugeVec,
    size: IntGaugeVec,
    looked: Mutex<Option<Instant>>,
}

impl DiskMetrics {
    pub(super) fn new(make: &Make<'_>) -> DiskMetrics {
        DiskMetrics {
            files: make.perhaps(
                "tributary_ledger_size_bytes",
                "Bytes that the ledger's files take on their disk: segments, with what is set aside for the last one, and \
                 the index's runs.",
            ),
            free: make.perhaps(
                "tributary_disk_free_bytes",
                "Bytes left for this process on the disk where the ledger lies.",
            ),
            size: make.perhaps("tributary_disk_size_bytes", "Size of the disk where the ledger lies."),
            looked: Mutex::new(None),
        }
    }

    /// Looks, if nobody did shortly before. Where the disk does not say, nothing is shown rather than what was.
    pub(super) fn look(&self, space: impl FnOnce() -> Result<Option<DiskSpace>, StorageError>) {
        let mut looked = self.looked.lock();
        if looked.is_some_and(|at| at.elapsed() < LOOK_EVERY) {
            return;
        }
        *looked = Some(Instant::now());
        let space = space().unwrap_or_else(|error| {
            tracing::warn!(%error, "the disk does not say what is left on it");
            None
        });
        match space {
            Some(DiskSpace { files_bytes, free_bytes, size_bytes }) => {
                for (gauge, bytes) in [(&self.files, files_bytes), (&self.free, free_bytes), (&self.size, size_bytes)] {
                    gauge.with_label_values(&[] as &[&str]).set(i64::try_from(bytes).unwrap_or(i64::MAX));
                }
            }
            None => [&self.files, &self.free, &self.size].into_iter().for_each(|gauge| gauge.reset()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Metrics;
    use super::*;

    #[test]
    fn a_disk_that_does_not_say_is_not_shown_and_none_is_asked_at_each_look() {
        let metrics = Metrics::new();
        let shown = || metrics.text().lines().filter(|line| line.starts_with("tributary_disk_")).count();
        assert_eq!(shown(), 0);
        metrics.look_at_disk(|| Ok(Some(DiskSpace { files_bytes: 1, free_bytes: 2, size_bytes: 3 })));
        assert_eq!(shown(), 2);
        assert!(metrics.text().contains("tributary_ledger_size_bytes 1\n"));
        metrics.look_at_disk(|| unreachable!("it was looked at just now"));
        *metrics.disk.looked.lock() = None;
        metrics.look_at_disk(|| Ok(None));
        assert_eq!(shown(), 0);
    }
}
