//! What Prometheus is told of this process, as Linux tells it: under the names that all client libraries give it. Where
//! the system has no `/proc`, none of it is shown.

use std::time::{Duration, SystemTime};

use prometheus::{Counter, GaugeVec, IntGaugeVec};

use super::Make;

pub(super) struct ProcessMetrics {
    /// When measuring began, since 1970: at the start of the process, or soon after.
    begun: Duration,
    cpu: Counter,
    start: GaugeVec,
    resident: IntGaugeVec,
    virtual_memory: IntGaugeVec,
    threads: IntGaugeVec,
    open_fds: IntGaugeVec,
    max_fds: IntGaugeVec,
}

impl ProcessMetrics {
    pub(super) fn new(make: &Make<'_>) -> ProcessMetrics {
        ProcessMetrics {
            begun: SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default(),
            cpu: make.counter_of_parts("process_cpu_seconds_total", "Total user and system CPU time spent in seconds."),
            start: make.moment("process_start_time_seconds", "Start time of the process since unix epoch in seconds."),
            resident: make.perhaps("process_resident_memory_bytes", "Resident memory size in bytes."),
            virtual_memory: make.perhaps("process_virtual_memory_bytes", "Virtual memory size in bytes."),
            threads: make.perhaps("process_threads", "Number of OS threads in the process."),
            open_fds: make.perhaps("process_open_fds", "Number of open file descriptors."),
            max_fds: make.perhaps("process_max_fds", "Maximum number of open file descriptors."),
        }
    }

    /// Looks. To be called by one at a time: a counter is set anew.
    pub(super) fn look(&self) {
        let stat = std::fs::read_to_string("/proc/self/stat").ok();
        if let Some(process) = stat.zip(Units::of_system()).and_then(|(stat, units)| Process::of(&stat, &units)) {
            self.cpu.reset();
            self.cpu.inc_by(process.cpu.as_secs_f64());
            set(&self.resident, process.resident_bytes);
            set(&self.virtual_memory, process.virtual_bytes);
            set(&self.threads, process.threads);
            let booted = std::fs::read_to_string("/proc/stat").ok().and_then(|stat| booted(&stat));
            let start = start_of(booted, process.started_after_boot, self.begun);
            self.start.with_label_values(&[] as &[&str]).set(start.as_secs_f64());
        }
        if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
            // The one that is open to look is not among them.
            set(&self.open_fds, (open.count() as u64).saturating_sub(1));
            let limits = rustix::process::getrlimit(rustix::process::Resource::Nofile);
            if let Some(max) = limits.current {
                set(&self.max_fds, max);
            }
        }
    }
}

/// When the process was started. Where it sees nothing of the machine but itself (systemd's `ProcSubset=pid`), nothing tells
/// when that was started: then it is when measuring began.
fn start_of(booted: Option<Duration>, started_after_boot: Duration, begun: Duration) -> Duration {
    booted.map_or(begun, |booted| booted.saturating_add(started_after_boot))
}

fn set(gauge: &IntGaugeVec, value: u64) {
    gauge.with_label_values(&[] as &[&str]).set(i64::try_from(value).unwrap_or(i64::MAX));
}

/// A line of `/proc/PID/stat`.
#[derive(Debug, PartialEq, Eq)]
struct Process {
    cpu: Duration,
    threads: u64,
    started_after_boot: Duration,
    virtual_bytes: u64,
    resident_bytes: u64,
}

/// What the system counts in.
#[derive(Debug, PartialEq, Eq)]
struct Units {
    page_bytes: u64,
    ticks_a_second: u64,
}

impl Units {
    /// As the kernel tells each process at its start.
    fn of_system() -> Option<Units> {
        Units::of(&std::fs::read("/proc/self/auxv").ok()?)
    }

    /// Pairs of a kind and a value, as wide as an address each.
    fn of(auxiliary_vector: &[u8]) -> Option<Units> {
        const PAGE_BYTES: usize = 6;
        const TICKS_A_SECOND: usize = 17;
        const WIDTH: usize = size_of::<usize>();
        let word = |bytes: &[u8]| Some(usize::from_ne_bytes(bytes.try_into().ok()?));
        let value_of = |kind: usize| {
            let pair = auxiliary_vector.chunks_exact(2 * WIDTH).find(|pair| word(&pair[..WIDTH]) == Some(kind))?;
            word(&pair[WIDTH..]).filter(|value| *value > 0)
        };
        Some(Units { page_bytes: value_of(PAGE_BYTES)? as u64, ticks_a_second: value_of(TICKS_A_SECOND)? as u64 })
    }

    fn time(&self, ticks: u64) -> Duration {
        Duration::from_millis(ticks.saturating_mul(1_000) / self.ticks_a_second)
    }
}

impl Process {
    fn of(stat: &str, units: &Units) -> Option<Process> {
        // The name before it may hold spaces and brackets. The numbers are those of proc(5), from the third field on.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        Some(Process {
            cpu: units.time(field(14)?.saturating_add(field(15)?)),
            threads: field(20)?,
            started_after_boot: units.time(field(22)?),
            virtual_bytes: field(23)?,
            resident_bytes: field(24)?.saturating_mul(units.page_bytes),
        })
    }
}

/// When the machine was started, since 1970: a line of `/proc/stat`.
fn booted(stat: &str) -> Option<Duration> {
    let seconds = stat.lines().find_map(|line| line.strip_prefix("btime "))?;
    Some(Duration::from_secs(seconds.trim().parse().ok()?))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::SystemTime;

    use super::super::Metrics;
    use super::*;

    #[test]
    fn a_line_of_the_system_is_read_whatever_the_program_is_called() {
        let stat = "4711 (a ) (b) S 1 2 3 4 5 6 7 8 9 10 250 50 13 14 15 16 17 18 6000 5000 3 99";
        let units = Units { page_bytes: 4_096, ticks_a_second: 100 };
        assert_eq!(
            Process::of(stat, &units),
            Some(Process {
                cpu: Duration::from_secs(3),
                threads: 17,
                started_after_boot: Duration::from_secs(60),
                virtual_bytes: 5_000,
                resident_bytes: 12_288,
            })
        );
        assert_eq!(Process::of("4711 (cut off) S 1 2", &units), None);
        let words: Vec<u8> =
            [3, 9, 6, 4_096, 17, 100, 0, 0].iter().flat_map(|word: &usize| word.to_ne_bytes()).collect();
        assert_eq!(Units::of(&words), Some(units));
        assert_eq!(Units::of(&words[..40]), None);
        assert_eq!(booted("cpu 1 2\nbtime 17\n"), Some(Duration::from_secs(17)));
    }

    #[test]
    fn this_process_is_shown_as_it_is() {
        let metrics = Metrics::new();
        let value = |name: &str| -> f64 {
            let text = metrics.text();
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.unwrap_or_else(|| panic!("{name} in\n{text}")).parse().expect("a number")
        };
        for name in ["resident_memory_bytes", "virtual_memory_bytes", "threads", "open_fds", "max_fds"] {
            assert!(value(&format!("process_{name}")) > 0.0, "{name}");
        }
        let before = value("process_cpu_seconds_total");
        // Busy until the system has counted it.
        let begun = std::time::Instant::now();
        while value("process_cpu_seconds_total") <= before {
            assert!(begun.elapsed() < Duration::from_secs(60), "no time was used");
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs_f64();
        assert!((1.0..=now + 2.0).contains(&value("process_start_time_seconds")));
    }

    #[test]
    fn a_process_that_sees_itself_alone_was_started_when_measuring_began() {
        let seconds = Duration::from_secs;
        assert_eq!(start_of(Some(seconds(1)), seconds(2), seconds(9)), seconds(3));
        assert_eq!(start_of(None, seconds(2), seconds(9)), seconds(9));
        assert!(Metrics::new().text().contains("process_start_time_seconds "));
    }
}
