//! Python with DuckDB, pandas and Jupyter, in an environment of its own under `target/`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The tools, where they can be had.
pub struct Tools {
    python: PathBuf,
}

impl Tools {
    /// Makes the environment, once. Where Python or its packages are not there it says so, and fails where
    /// `TRIBUTARY_REQUIRE_ANALYST_TOOLS` says that they have to be.
    pub fn find() -> Option<Tools> {
        let house = Path::new(env!("CARGO_MANIFEST_DIR"));
        let made = Command::new(house.join("deploy/analysts/venv.sh"))
            .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("analysts"))
            .arg(house.join("tests/python/requirements.txt"))
            .output();
        let why = match made {
            Ok(made) if made.status.success() => {
                return Some(Tools { python: PathBuf::from(String::from_utf8_lossy(&made.stdout).trim()) });
            }
            Ok(made) => String::from_utf8_lossy(&made.stderr).trim().to_owned(),
            Err(error) => error.to_string(),
        };
        needs::missing(needs::Need::AnalystTools, &why);
        None
    }

    pub fn python(&self) -> &Path {
        &self.python
    }

    /// Runs a notebook from top to bottom in a folder; a cell that fails fails the test.
    pub fn execute_notebook(&self, notebook: &Path, folder: &Path) {
        let copy = folder.join("notebook.ipynb");
        std::fs::copy(notebook, &copy).expect("the notebook can be copied");
        let bin = self.python.parent().expect("python lies in a folder");
        let path = std::env::join_paths(
            [bin.to_owned()].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
        );
        let run = Command::new(&self.python)
            .args(["-m", "nbconvert", "--to", "notebook", "--execute", "--inplace"])
            .arg(&copy)
            .env("PATH", path.expect("a path"))
            // Kernels and settings of the machine's user must not matter.
            .env("JUPYTER_CONFIG_DIR", folder.join("jupyter"))
            .env("JUPYTER_DATA_DIR", folder.join("jupyter"))
            .env("IPYTHONDIR", folder.join("ipython"))
            .current_dir(folder)
            .output()
            .expect("nbconvert runs");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let executed = std::fs::read_to_string(&copy).expect("the notebook can be read");
        let executed: serde_json::Value = serde_json::from_str(&executed).expect("a notebook");
        let cells = executed["cells"].as_array().expect("cells");
        let code = cells.iter().filter(|cell| cell["cell_type"] == "code");
        let run = code.clone().filter(|cell| cell["execution_count"].is_u64()).count();
        assert!(run > 4 && run == code.count(), "every cell was run");
    }
}
