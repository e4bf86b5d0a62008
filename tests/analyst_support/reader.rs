//! Whoever follows the page: in a folder of its own, with `tributary` on the path.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::page::Language;
use super::tools::Tools;

/// A reader in a folder.
pub struct Reader {
    folder: tempfile::TempDir,
    path: std::ffi::OsString,
    python: Option<PathBuf>,
    /// Variables that the page takes for given.
    pub variables: Vec<(&'static str, String)>,
}

/// Prints a query's answer as a table. That a statement was done is none, as in DuckDB's own shell.
const RUN_SQL: &str = "import sys, duckdb\nfor query in sys.stdin.read().split(';'):\n    if query.strip():\n        answer = duckdb.sql(query)\n        if answer is not None and answer.columns != ['Success']:\n            print(answer)\n";

impl Reader {
    pub fn new(tools: Option<&Tools>) -> Reader {
        let binary = Path::new(env!("CARGO_BIN_EXE_tributary"));
        let own = binary.parent().expect("it lies in a folder").to_owned();
        let before = std::env::var_os("PATH").unwrap_or_default();
        let folders = [own].into_iter().chain(std::env::split_paths(&before));
        Reader {
            folder: tempfile::tempdir().expect("a folder"),
            path: std::env::join_paths(folders).expect("a path"),
            python: tools.map(|tools| tools.python().to_owned()),
            variables: Vec::new(),
        }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What a block says on standard output.
    pub fn run(&self, language: Language, text: &str, line: usize) -> String {
        let python = || self.python.as_deref().expect("asked for only where the tools are there");
        let (mut command, input) = match language {
            Language::Shell => {
                let mut shell = Command::new("bash");
                shell.args(["-euo", "pipefail", "-c", text]);
                (shell, "")
            }
            Language::Python => (Command::new(python()), text),
            Language::Sql => {
                let mut duckdb = Command::new(python());
                duckdb.args(["-c", RUN_SQL]);
                (duckdb, text)
            }
            Language::Output | Language::Machine | Language::Cause => unreachable!("it is not run here"),
        };
        if language == Language::Python {
            command.arg("-");
        }
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TRIBUTARY_")) {
            command.env_remove(name);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.env("PATH", &self.path).current_dir(self.folder.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it can be run");
        let mut stdin = child.stdin.take().expect("its input");
        std::io::Write::write_all(&mut stdin, input.as_bytes()).expect("it reads");
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "line {line}: {}\n{text}\n{stderr}", output.status);
        let said = String::from_utf8(output.stdout).expect("text");
        said.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }
}
