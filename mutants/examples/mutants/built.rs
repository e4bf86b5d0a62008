//! Where the tests' executables lie, as cargo told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// An executable, and the folder of the package that it is of.
#[derive(Clone, Debug)]
pub struct Executable {
    pub path: PathBuf,
    pub package: PathBuf,
}

/// The executables of all packages.
pub struct Built {
    /// By the package's folder below the workspace, and the name of the file of tests.
    tests: BTreeMap<(String, String), Executable>,
    simulator: Option<Executable>,
}

impl Built {
    /// Reads what cargo wrote of a workspace, a JSON object a line.
    pub fn read(text: &str, workspace: &Path) -> Result<Built, String> {
        let mut built = Built { tests: BTreeMap::new(), simulator: None };
        for line in text.lines().filter(|line| line.starts_with('{')) {
            let told: Value = serde_json::from_str(line).map_err(|error| format!("what cargo wrote: {error}"))?;
            let (Some(path), Some(manifest)) = (told["executable"].as_str(), told["manifest_path"].as_str()) else {
                continue;
            };
            let package = Path::new(manifest).parent().unwrap_or(workspace).to_owned();
            let room = package.strip_prefix(workspace).map_err(|_| format!("{manifest} is of another workspace"))?;
            let room = room.to_str().unwrap_or_default().to_owned();
            let target = &told["target"];
            let (name, kind) = (target["name"].as_str().unwrap_or_default(), target["kind"][0].as_str());
            let executable = Executable { path: path.into(), package };
            match (kind, told["profile"]["test"].as_bool()) {
                (Some("bin"), Some(false)) if name == "simulate" => built.simulator = Some(executable),
                (Some("test"), _) => drop(built.tests.insert((room, name.to_owned()), executable)),
                (Some("lib"), Some(true)) => drop(built.tests.insert((room, "lib".to_owned()), executable)),
                _ => {}
            }
        }
        Ok(built)
    }

    /// The executable of a file of tests.
    pub fn tests(&self, room: &str, file: &str) -> Result<&Executable, String> {
        let key = (room.to_owned(), file.to_owned());
        self.tests.get(&key).ok_or_else(|| format!("cargo built no tests `{file}` of `{room}`"))
    }

    /// The simulator's.
    pub fn simulator(&self) -> Result<&Executable, String> {
        self.simulator.as_ref().ok_or_else(|| "cargo built no simulator".to_owned())
    }
}
