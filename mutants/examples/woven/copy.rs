//! A copy of the workspace, in which a variable chooses what is woven in.

use std::path::Path;
use std::process::Command;

/// The variable that chooses one, by its number in the list from 1 on.
pub const WOVEN_BY: &str = "MUTANT_WOVEN";

/// What the copy's own `mutants` has besides. Who has chosen wants to know of the first failure alone, so that ends the process.
const CHOICE: &str = r#"
static WOVEN: std::sync::LazyLock<u32> = std::sync::LazyLock::new(|| {
    let Some(chosen) = std::env::var("{variable}").ok().and_then(|chosen| chosen.parse().ok()) else { return 0 };
    std::panic::set_hook(Box::new(|told| {
        // Past what catches the output of a test, which is named by its thread.
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("found by {test}: {told}\n"));
        std::process::abort()
    }));
    chosen
});

/// The number of what is chosen; 0 if nothing is.
#[doc(hidden)]
#[inline]
#[must_use]
pub fn woven() -> u32 {
    *WOVEN
}
"#;

/// Copies what git knows of. Only what differs is written, so that what was built stays so.
pub fn workspace(into: &Path) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("this package lies in a workspace")?;
    let listed = Command::new("git").arg("-C").arg(root).args(["ls-files", "-z"]).output();
    let listed = listed.map_err(|error| format!("git: {error}"))?;
    for name in String::from_utf8_lossy(&listed.stdout).split('\0').filter(|name| !name.is_empty()) {
        let mut text = std::fs::read(root.join(name)).map_err(|error| format!("{name}: {error}"))?;
        if name == "mutants/src/lib.rs" {
            text.extend_from_slice(CHOICE.replace("{variable}", WOVEN_BY).as_bytes());
        }
        write(&into.join(name), &text)?;
    }
    Ok(())
}

/// Writes a file if it differs.
pub fn write(path: &Path, text: &[u8]) -> Result<(), String> {
    if std::fs::read(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, text));
    written.map_err(|error| format!("{}: {error}", path.display()))
}
