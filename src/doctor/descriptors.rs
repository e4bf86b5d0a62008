//! How many files may be open, against the connections that the settings allow.

use api::ServeLimits;

use super::Check;

const NAME: &str = "open files";

/// Files, the way to the brokers, probes, and what the runtime takes.
const BESIDES: u64 = 256;

/// Looks at the limit of the daemon's process, or of this one where none runs.
pub(super) fn check(limits: &ServeLimits, process: Option<u32>) -> Check {
    let of_daemon = process.and_then(|process| {
        let text = std::fs::read_to_string(format!("/proc/{process}/limits")).ok()?;
        Some((limit_of(&text)?, "the daemon's limit"))
    });
    let own = || {
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        (limit.unwrap_or(u64::MAX), "the limit here; a unit or a container may set another")
    };
    let (limit, whose) = of_daemon.unwrap_or_else(own);
    let connections = limits.connections_max.saturating_add(limits.connections_reserved) as u64;
    judge(limit, whose, connections)
}

/// The soft limit of `/proc/PID/limits`; no limit is the largest there is.
fn limit_of(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_ascii_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    }
}

fn judge(limit: u64, whose: &str, connections: u64) -> Check {
    let needed = connections.saturating_add(BESIDES);
    let shown = if limit == u64::MAX { "no limit".to_owned() } else { limit.to_string() };
    let found = format!("{shown} ({whose}), for {connections} connections and {BESIDES} besides");
    if limit >= needed {
        return Check::ok(NAME, found);
    }
    Check::warning(
        NAME,
        found,
        format!("raise it to {needed} or more (LimitNOFILE= of the unit, ulimit -n), or lower http.connections_max"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn the_limit_has_to_have_room_for_the_connections() {
        let text = "Limit                     Soft Limit           Hard Limit           Units\n\
                    Max open files            1024                 524288               files\n";
        assert_eq!(limit_of(text), Some(1_024));
        assert_eq!(limit_of(&text.replace("1024  ", "unlimited")), Some(u64::MAX));
        assert_eq!(limit_of(""), None);
        assert_eq!(judge(1_024, "here", 1_056).status, Status::Warning);
        assert_eq!(judge(1_312, "here", 1_056).status, Status::Ok);
        assert_eq!(judge(u64::MAX, "here", u64::MAX).status, Status::Ok);
    }
}
