//! One executable of tests with one change, or with none.

use std::fmt;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::built::Built;
use crate::copy::WOVEN_BY;
use crate::waiting::wait;

/// What is to find a change.
#[derive(Clone, Debug)]
pub struct Killer {
    pub room: String,
    file: String,
    /// Of the simulator, so many seeds.
    seeds: Option<u64>,
}

impl Killer {
    /// Whether it runs all rooms, and not one alone.
    pub fn is_of_any(&self) -> bool {
        self.seeds.is_some()
    }

    /// The folder of its room.
    pub fn folder(&self) -> String {
        format!("{}/", self.room)
    }
}

impl FromStr for Killer {
    type Err = String;

    fn from_str(text: &str) -> Result<Killer, String> {
        let (room, file) = text.split_once('/').ok_or("expected ROOM/FILE, or simulator/SEEDS")?;
        Ok(Killer { room: room.to_owned(), file: file.to_owned(), seeds: file.parse().ok() })
    }
}

impl fmt::Display for Killer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seeds {
            Some(seeds) => write!(out, "the simulator, within {seeds} seeds"),
            None => write!(out, "{}/{}", self.room, self.file),
        }
    }
}

/// What it came to.
pub enum End {
    Passed,
    Failed { said: String, took: Duration },
    TooLong,
}

impl fmt::Display for End {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Passed => out.write_str("PASSED"),
            End::Failed { said, took } => write!(out, "was killed, {:.1} s: {said}", took.as_secs_f64()),
            End::TooLong => out.write_str("was killed: it did not end in time"),
        }
    }
}

/// Runs it.
pub fn attempt(built: &Built, killer: &Killer, mutant: Option<usize>, limit: Duration) -> Result<End, String> {
    let executable = match killer.seeds {
        Some(_) => built.simulator()?,
        None => built.tests(&killer.room, &killer.file)?,
    };
    let mut command = Command::new(&executable.path);
    if let Some(seeds) = killer.seeds {
        command.args(["--first", "1", "--no-shrink", "--seeds", &seeds.to_string()]);
    }
    let folder = tempfile::tempdir().map_err(|error| format!("a folder to work in: {error}"))?;
    let said = folder.path().join("said");
    command.current_dir(&executable.package).env("CARGO_MANIFEST_DIR", &executable.package);
    command.env("TMPDIR", folder.path());
    // What a failed test ends is the whole process, so nothing is made smaller; without a change it is the same.
    command.env(WOVEN_BY, mutant.map_or(u32::MAX.to_string(), |index| (index + 1).to_string()));
    command.env("PROPTEST_RNG_SEED", "1").env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
    let output = File::create(&said).and_then(|file| Ok((file.try_clone()?, file)));
    let (stdout, stderr) = output.map_err(|error| format!("{}: {error}", said.display()))?;
    command.stdin(Stdio::null()).stdout(stdout).stderr(stderr).process_group(0);
    let told = |error: std::io::Error| format!("{}: {error}", executable.path.display());
    let begun = Instant::now();
    let child = command.spawn().map_err(told)?;
    let Some(status) = wait(child, limit).map_err(told)? else { return Ok(End::TooLong) };
    if status.success() {
        return Ok(End::Passed);
    }
    let text = String::from_utf8_lossy(&std::fs::read(&said).unwrap_or_default()).into_owned();
    Ok(End::Failed { said: first_words(&text), took: begun.elapsed() })
}

/// The test that failed and where, or how it ended without one.
fn first_words(said: &str) -> String {
    let mut lines = said.lines();
    let found = lines.find_map(|line| line.split_once("found by ")).map(|(_, found)| found.to_owned());
    found.or_else(|| said.lines().last().map(str::to_owned)).unwrap_or_default()
}
