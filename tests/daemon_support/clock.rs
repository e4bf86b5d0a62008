//! Another clock for a daemon: a library of our own that stands between the process and the system's clock (`clock.c`).
//! libfaketime does not: the program's allocator asks for the time before it is ready, and libfaketime allocates to answer.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles the library into a folder: `LD_PRELOAD` names it to a process, `CLOCK_OFF` or `CLOCK_AT` say what its clock does.
///
/// # Errors
/// If there is no C compiler.
pub fn library(folder: &Path) -> Result<PathBuf, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/daemon_support/clock.c");
    let library = folder.join("clock.so");
    let compiled = Command::new("cc").args(["-O2", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
    let status = compiled.map_err(|error| format!("there is no C compiler: {error}"))?;
    assert!(status.success(), "the library is compiled");
    Ok(library)
}
