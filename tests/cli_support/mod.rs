//! Runs the binary as a user would: in a directory of its own, with no setting of the surroundings.
#![allow(dead_code, reason = "each file of tests uses another part of it")]

use std::path::Path;
use std::process::{Command, Output};

/// A directory to run in.
pub struct Workplace {
    directory: tempfile::TempDir,
}

/// What a run came to.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Workplace {
    pub fn new() -> Workplace {
        Workplace { directory: tempfile::tempdir().expect("a directory") }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).expect("a file");
    }

    /// Runs `tributary` with arguments separated by blanks.
    pub fn run(&self, arguments: &str) -> Run {
        self.run_with(arguments, &[])
    }

    /// Runs `tributary` with arguments separated by blanks and variables besides.
    pub fn run_with(&self, arguments: &str, variables: &[(&str, &str)]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tributary"));
        undisturbed(command.args(arguments.split_ascii_whitespace()).current_dir(self.path()));
        let Output { status, stdout, stderr } =
            command.envs(variables.iter().copied()).output().expect("the binary can be run");
        Run {
            code: status.code().expect("an exit code"),
            stdout: String::from_utf8(stdout).expect("UTF-8 on standard output"),
            stderr: String::from_utf8(stderr).expect("UTF-8 on standard error"),
        }
    }
}

/// The command, with no setting of the surroundings: what CI requires of the tests has such a name too.
pub fn undisturbed(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TRIBUTARY_")) {
        command.env_remove(name);
    }
    command
}
