//! How a command ends: 0 done, 1 failed, 2 bad usage, 3 verification found damage (SPEC 5).

use std::process::ExitCode;

use crate::config::ConfigError;
use crate::output::OutputError;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It can't be done as it was asked; what the API answers with 400 too.
    Usage(anyhow::Error),
    /// It was tried and failed.
    Failed(anyhow::Error),
    /// The verification that was asked for found damage; it has told what.
    Damage,
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

    /// Says it on standard error, and gives the exit code.
    pub(crate) fn tell(&self) -> ExitCode {
        match self {
            Failure::Usage(error) => {
                eprintln!("tributary: {error:#}");
                ExitCode::from(2)
            }
            Failure::Failed(error) => {
                eprintln!("tributary: {error:#}");
                ExitCode::from(1)
            }
            Failure::Damage => ExitCode::from(3),
            Failure::ReaderGone => ExitCode::SUCCESS,
        }
    }
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
        if error.is_broken_pipe() { Failure::ReaderGone } else { Failure::Failed(error.into()) }
    }
}
