//! The memory of this process, as the system tells it.

/// The resident memory in bytes; `None` where the system has no `/proc`.
pub(super) fn resident_bytes() -> Option<i64> {
    const UNIT: i64 = 1_024;
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<i64>().ok()? * UNIT)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn a_process_has_memory() {
        assert!(super::resident_bytes().is_some_and(|bytes| bytes > 0));
    }
}
