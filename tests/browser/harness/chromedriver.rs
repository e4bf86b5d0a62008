//! The driver that all walks of a process share; it ends with the last of them.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::daemon_support::wait_for;

/// A chromedriver that runs until this is dropped.
pub struct Chromedriver {
    process: Child,
    folder: tempfile::TempDir,
    pub chromium: PathBuf,
    pub url: String,
}

static RUNNING: Mutex<Weak<Chromedriver>> = Mutex::new(Weak::new());

/// The driver, or what is missing for one.
pub fn shared() -> Result<Arc<Chromedriver>, &'static str> {
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(driver) = running.upgrade() {
        return Ok(driver);
    }
    let chromium = program("chromium").ok_or("no chromium (Debian's package chromium)")?;
    let program = program("chromedriver").ok_or("no chromedriver (Debian's package chromium-driver)")?;
    let driver = Arc::new(Chromedriver::start(&program, chromium));
    *running = Arc::downgrade(&driver);
    Ok(driver)
}

impl Chromedriver {
    fn start(program: &Path, chromium: PathBuf) -> Chromedriver {
        let folder = tempfile::tempdir().expect("a folder");
        let said = folder.path().join("said");
        let log = File::create(&said).expect("a file");
        let mut process = Command::new(program)
            .arg("--port=0")
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            // A group of its own, so that what it started ends with it.
            .process_group(0)
            .spawn()
            .expect("chromedriver can be run");
        let port = wait_for("chromedriver listens", 60, || {
            let text = std::fs::read_to_string(&said).expect("what it said");
            let ended = process.try_wait().expect("a process");
            assert!(ended.is_none(), "chromedriver ended ({ended:?}): {text}");
            let (_, rest) = text.split_once("successfully on port ")?;
            rest.split_once('.').map(|(port, _)| port.to_owned())
        });
        Chromedriver { process, folder, chromium, url: format!("http://127.0.0.1:{port}") }
    }

    /// A new empty folder for a browser's profile.
    pub fn profile(&self) -> tempfile::TempDir {
        tempfile::tempdir_in(self.folder.path()).expect("a folder")
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        // Every walk has closed its windows; whatever stayed is in the driver's group.
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.process.id())]).status();
        let _ = self.process.wait();
    }
}

fn program(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|path| path.is_file())
}
