//! How a command ends: 0 done, 1 failed, 2 bad usage, 3 damage found (SPEC 5).

use std::process::ExitCode;

use crate::config::ConfigError;
use crate::output::{OutputError, say};

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It can't be done as it was asked; what the API answers with 400 too.
    Usage(anyhow::Error),
    /// It was tried and failed.
    Failed(anyhow::Error),
    /// The verification that was asked for found damage; it has told what.
    Damage,
    /// What was asked for was not done, for the ledger is damaged. To try again does not help.
    Damaged(anyhow::Error),
    /// Nobody reads the output any more, which is no failure.
    ReaderGone,
}

impl Failure {
    pub(crate) fn usage(error: anyhow::Error) -> Failure {
        Failure::Usage(error)
    }

    pub(crate) fn failed(error: anyhow::Error) -> Failure {
        Failure::Failed(error)
    }

    /// The same of a command that is no daemon: it failed, and says what to do.
    pub(crate) fn of_a_command(self) -> Failure {
        match self {
            Failure::Damaged(error) => Failure::Failed(
                error.context("the ledger is damaged (`tributary verify` tells all of it, and what to do)"),
            ),
            failure @ (Failure::Usage(_) | Failure::Failed(_) | Failure::Damage | Failure::ReaderGone) => failure,
        }
    }

    /// What is wrong, in words; nothing where it was told already.
    pub(crate) fn in_words(&self) -> String {
        match self {
            Failure::Usage(error) | Failure::Failed(error) | Failure::Damaged(error) => in_words(error),
            Failure::Damage | Failure::ReaderGone => String::new(),
        }
    }

    /// Says it on standard error, and gives the exit code.
    pub(crate) fn tell(&self) -> ExitCode {
        match self {
            Failure::Usage(error) => {
                say(&format!("tributary: {}", in_words(error)));
                ExitCode::from(2)
            }
            Failure::Failed(error) => {
                say(&format!("tributary: {}", in_words(error)));
                ExitCode::from(1)
            }
            Failure::Damage => ExitCode::from(3),
            Failure::Damaged(error) => {
                say(&format!("tributary: the ledger is damaged: {}", in_words(error)));
                say("tributary: `tributary verify` tells all that is damaged, and what to do");
                ExitCode::from(3)
            }
            Failure::ReaderGone => ExitCode::SUCCESS,
        }
    }
}

/// What a command comes to that has done its work and then printed what it came to: a failure stands, whoever reads
/// of it, and is the exit code. A report that could not be written is said besides; one that nobody reads is not.
pub(crate) fn after_report(settled: Result<(), Failure>, printed: Result<(), OutputError>) -> Result<(), Failure> {
    match (settled, printed) {
        (Ok(()), printed) => Ok(printed?),
        (Err(failure), Err(error)) if !error.is_broken_pipe() => {
            say(&format!("tributary: {}", in_words(&error.into())));
            Err(failure)
        }
        (Err(failure), Ok(()) | Err(_)) => Err(failure),
    }
}

/// An error and its causes, each said once: some errors say their cause in their own words too.
pub(crate) fn in_words(error: &anyhow::Error) -> String {
    let mut words = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if words.is_empty() {
            words = cause;
        } else if !words.contains(&cause) {
            words.push_str(": ");
            words.push_str(&cause);
        }
    }
    words
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        Failure::Failed(error)
    }
}

/// Settings that can't be taken are bad usage, wherever they stand.
impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Failure {
        Failure::Usage(error.into())
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Failure {
        if error.is_broken_pipe() {
            return Failure::ReaderGone;
        }
        match error {
            OutputError::UnknownColumn(unknown) => Failure::Usage(unknown.into()),
            error @ (OutputError::NoJson { .. } | OutputError::Unreadable { .. } | OutputError::Unwritable { .. }) => {
                Failure::Failed(error.into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use anyhow::{Context, anyhow};

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("segment 3: {cause}")]
    struct TellsItsCause {
        #[source]
        cause: Error,
    }

    #[test]
    fn a_cause_is_said_once() {
        let disk = || Error::other("the disk is full");
        let telling = || TellsItsCause { cause: disk() };
        for (error, words) in [
            (anyhow!("plain"), "plain"),
            (anyhow::Error::from(disk()).context("can't write"), "can't write: the disk is full"),
            (telling().into(), "segment 3: the disk is full"),
            (anyhow::Error::from(telling()).context("can't open"), "can't open: segment 3: the disk is full"),
            (
                anyhow::Error::from(telling()).context("can't open: segment 3: the disk is full"),
                "can't open: segment 3: the disk is full",
            ),
        ] {
            assert_eq!(in_words(&error), words);
        }
        let chained: Result<(), anyhow::Error> = Err(disk()).context("b").context("a");
        assert_eq!(in_words(&chained.expect_err("an error")), "a: b: the disk is full");
    }

    #[test]
    fn a_settled_failure_stands_whoever_reads_of_it() {
        let unwritable = |kind: ErrorKind| OutputError::Unwritable { source: kind.into() };
        for kind in [ErrorKind::BrokenPipe, ErrorKind::StorageFull] {
            assert!(matches!(after_report(Err(Failure::Damage), Err(unwritable(kind))), Err(Failure::Damage)));
        }
        assert!(matches!(after_report(Err(Failure::Damage), Ok(())), Err(Failure::Damage)));
        assert!(matches!(after_report(Ok(()), Err(unwritable(ErrorKind::BrokenPipe))), Err(Failure::ReaderGone)));
        assert!(matches!(after_report(Ok(()), Err(unwritable(ErrorKind::StorageFull))), Err(Failure::Failed(_))));
        assert!(after_report(Ok(()), Ok(())).is_ok());
    }
}
