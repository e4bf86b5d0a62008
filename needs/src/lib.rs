//! What tests need of a machine that it may not have: a test that cannot run says so at once, and all of them are told again
//! in one line at the end of `cargo test`, with how to have what they need.
//!
//! CI demands each of them: a skip is a failure there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

/// Something that a machine has or has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A real broker.
    Kafka,
    /// A real browser and its driver.
    Browser,
    /// Root on Linux, name spaces, and what makes disks and networks.
    Machine,
    /// DuckDB, pandas and Jupyter.
    AnalystTools,
    /// A server that speaks S3.
    S3,
    /// A real Prometheus.
    Prometheus,
    /// A real Cassandra.
    Cassandra,
}

impl Need {
    const ALL: [Need; 7] =
        [Need::Kafka, Need::Browser, Need::Machine, Need::AnalystTools, Need::S3, Need::Prometheus, Need::Cassandra];

    /// The variable that makes a failure of a skip.
    #[must_use]
    pub fn variable(self) -> &'static str {
        match self {
            Need::Kafka => "TRIBUTARY_REQUIRE_KAFKA",
            Need::Browser => "TRIBUTARY_REQUIRE_BROWSER",
            Need::Machine => "TRIBUTARY_REQUIRE_MACHINE",
            Need::AnalystTools => "TRIBUTARY_REQUIRE_ANALYST_TOOLS",
            Need::S3 => "TRIBUTARY_REQUIRE_S3",
            Need::Prometheus => "TRIBUTARY_REQUIRE_PROMETHEUS",
            Need::Cassandra => "TRIBUTARY_REQUIRE_CASSANDRA",
        }
    }

    /// What it is.
    fn what(self) -> &'static str {
        match self {
            Need::Kafka => "a real Kafka broker",
            Need::Browser => "a real browser",
            Need::Machine => "a machine of its own",
            Need::AnalystTools => "DuckDB, pandas and Jupyter",
            Need::S3 => "a server that speaks S3",
            Need::Prometheus => "a real Prometheus",
            Need::Cassandra => "a real Cassandra",
        }
    }

    /// How one has it.
    fn how(self) -> &'static str {
        match self {
            Need::Kafka | Need::Cassandra => "a JDK 17 and Maven",
            Need::Browser => "chromium, chromedriver and `npm ci --ignore-scripts --prefix tests/browser`",
            Need::Machine => "root on Linux with systemd, util-linux, iproute2, e2fsprogs",
            Need::AnalystTools | Need::S3 => "Python 3 with venv",
            Need::Prometheus => "the package prometheus",
        }
    }

    fn word(self) -> String {
        format!("{self:?}")
    }
}

/// Says that a test cannot run here, and why.
///
/// # Panics
/// Where what is missing is demanded: the variable of the need is set to 1.
pub fn missing(need: Need, why: &str) {
    let (variable, why) = (need.variable(), why.trim());
    let is_required = std::env::var(variable).is_ok_and(|value| value == "1");
    assert!(!is_required, "{variable} is set, and: {why}");
    // Straight to standard error: what a test prints is hidden when it passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED: this test needs {}: {why}", need.what());
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let line = format!("{}\t{}\t{test}\n", run(), need.word());
    // Where this cannot be kept, it has been said all the same.
    if let Some(path) = kept() {
        let _ = path.parent().map(std::fs::create_dir_all);
        let opened = OpenOptions::new().create(true).append(true).open(path);
        let _ = opened.and_then(|mut file| file.write_all(line.as_bytes()));
    }
}

/// What was skipped so far in this run of `cargo test`, in one line, and how to have it. It is told once.
#[must_use]
pub fn told_at_the_end() -> String {
    let lines = kept().and_then(|path| {
        let lines = std::fs::read_to_string(&path).ok();
        let _ = std::fs::remove_file(&path);
        lines
    });
    tell(&lines.unwrap_or_default(), run())
}

fn tell(lines: &str, run: u32) -> String {
    let mut skipped = BTreeMap::<Need, u32>::new();
    for line in lines.lines() {
        let mut fields = line.split('\t');
        let (of, need) = (fields.next().and_then(|of| of.parse().ok()), fields.next());
        let need = Need::ALL.into_iter().find(|one| Some(&*one.word()) == need);
        if let (true, Some(need)) = (of == Some(run), need) {
            *skipped.entry(need).or_default() += 1;
        }
    }
    if skipped.is_empty() {
        return "nothing was skipped".to_owned();
    }
    let mut told = "skipped:".to_owned();
    for (at, (need, count)) in skipped.iter().enumerate() {
        let comma = if at == 0 { "" } else { ";" };
        let (s, verb) = if *count == 1 { ("", "s") } else { ("s", "") };
        let _ = write!(told, "{comma} {count} test{s} that need{verb} {} ({})", need.what(), need.how());
    }
    told
}

/// The file in which it is kept: beside what cargo builds, where tests may write.
fn kept() -> Option<PathBuf> {
    // target/debug/deps/a-test
    let target = std::env::current_exe().ok()?.ancestors().nth(3)?.to_owned();
    Some(target.join("tmp").join("skipped"))
}

/// Who runs the tests: `cargo test` is the parent of all.
fn run() -> u32 {
    std::os::unix::process::parent_id()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_skipped_is_counted_by_what_it_needs_and_told_with_how_to_have_it() {
        let lines = "7\tS3\ta\n7\tKafka\tb\n8\tBrowser\tof another run\n7\tKafka\tc\n7\tNothing\td\nno line\n";
        assert_eq!(
            tell(lines, 7),
            "skipped: 2 tests that need a real Kafka broker (a JDK 17 and Maven); 1 test that needs a server that speaks S3 (Python 3 with venv)"
        );
        assert_eq!(tell(lines, 9), "nothing was skipped");
    }

    #[test]
    fn each_has_a_variable_and_a_word_of_its_own() {
        let variables: std::collections::BTreeSet<_> = Need::ALL.iter().map(|need| need.variable()).collect();
        let words: std::collections::BTreeSet<_> = Need::ALL.iter().map(|need| need.word()).collect();
        assert_eq!((variables.len(), words.len()), (Need::ALL.len(), Need::ALL.len()));
        let of_all = include_str!("lib.rs").matches("=> \"TRIBUTARY_REQUIRE_").count();
        assert_eq!(Need::ALL.len(), of_all, "what is not among them is not told at the end");
    }
}
