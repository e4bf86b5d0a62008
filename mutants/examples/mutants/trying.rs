//! One test, or some seeds of the simulator, with a mutant or without.

use std::fmt;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use mutants::{CHOSEN_BY, MET_AT};

use crate::built::Built;
use crate::table::Killer;
use crate::waiting::wait;

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    pub mutant: Option<&'static str>,
    pub killer: Killer,
}

/// What it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It passed: with a mutant, which survived.
    Passed,
    /// It failed with the mutant, which it had met; of the simulator, at this seed.
    Killed { seed: Option<String>, took: Duration },
    /// It failed without a mutant.
    Failed { said: String },
    /// It failed and had met no mutant.
    NotMet { said: String },
    /// It did not end in time.
    TooLong,
    /// There is no test of that name.
    Missing,
}

impl fmt::Display for End {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Passed => out.write_str("PASSED"),
            End::Killed { seed: Some(seed), took } => {
                write!(out, "was killed at seed {seed}, {:.1} s", took.as_secs_f64())
            }
            End::Killed { seed: None, took } => write!(out, "was killed, {:.1} s", took.as_secs_f64()),
            End::Failed { said } => write!(out, "FAILED:\n{said}"),
            End::NotMet { said } => write!(out, "FAILED and met no mutant:\n{said}"),
            End::TooLong => out.write_str("DID NOT END in time"),
            End::Missing => out.write_str("IS NOT THERE"),
        }
    }
}

/// Runs it.
pub fn attempt(built: &Built, trial: &Trial, deadline: Duration) -> Result<End, String> {
    let executable = match &trial.killer {
        Killer::Test { room, file, .. } => built.tests(room, file)?,
        Killer::Simulator { .. } => built.simulator()?,
    };
    let mut command = Command::new(&executable.path);
    match &trial.killer {
        Killer::Test { name, .. } => command.args(["--exact", name, "--include-ignored"]),
        Killer::Simulator { seeds } => command.args(["--first", "1", "--no-shrink", "--seeds", &seeds.to_string()]),
    };
    let folder = tempfile::tempdir().map_err(|error| format!("a folder to work in: {error}"))?;
    let (met, said) = (folder.path().join("met"), folder.path().join("said"));
    command.current_dir(&executable.package).env("CARGO_MANIFEST_DIR", &executable.package);
    command.env_remove(CHOSEN_BY).env(MET_AT, &met);
    // The same cases each time; what fails here is no case to be kept, nor to be made smaller.
    command.env("PROPTEST_RNG_SEED", "1").env("PROPTEST_MAX_SHRINK_ITERS", "0");
    command.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
    if let Some(mutant) = trial.mutant {
        command.env(CHOSEN_BY, mutant);
    }
    let output = File::create(&said).and_then(|file| Ok((file.try_clone()?, file)));
    let (stdout, stderr) = output.map_err(|error| format!("{}: {error}", said.display()))?;
    command.stdin(Stdio::null()).stdout(stdout).stderr(stderr).process_group(0);
    let begun = Instant::now();
    let child = command.spawn().map_err(|error| format!("{}: {error}", executable.path.display()))?;
    let Some(status) = wait(child, deadline).map_err(|error| format!("{}: {error}", executable.path.display()))? else {
        return Ok(End::TooLong);
    };
    let said = String::from_utf8_lossy(&std::fs::read(&said).unwrap_or_default()).into_owned();
    Ok(judge(trial, status, said, met.exists(), begun.elapsed()))
}

fn judge(trial: &Trial, status: ExitStatus, said: String, met: bool, took: Duration) -> End {
    let is_test = matches!(trial.killer, Killer::Test { .. });
    let found = said.lines().find_map(|line| line.strip_prefix("FAILED seed "));
    let seed = found.and_then(|rest| rest.split(':').next()).map(str::to_owned);
    match (status.success(), trial.mutant) {
        (true, _) if is_test && !said.contains("1 passed") => End::Missing,
        (true, _) => End::Passed,
        (false, None) => End::Failed { said },
        (false, Some(_)) if !met => End::NotMet { said },
        // A simulator that broke off before it found anything has found nothing.
        (false, Some(_)) if !is_test && seed.is_none() => End::Failed { said },
        (false, Some(_)) => End::Killed { seed, took },
    }
}
