//! What a copy of a ledger is called in an election. The name stays with its directory: another directory, under the same name in
//! the settings, does not hold what the first one was in sync with.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::Context;

use crate::exit::Failure;

/// The file in the directory.
const FILE: &str = "member";
/// So many characters are put behind the name of the settings.
pub(super) const DIGITS: usize = 8;

/// The name of the settings with what the directory keeps, which is drawn and made durable where there is none yet.
pub(super) fn member_name(folder: &Path, name: &str) -> Result<String, Failure> {
    let path = folder.join(FILE);
    let kept = match std::fs::read_to_string(&path) {
        Ok(text) => Some(text.trim().to_owned()).filter(|digits| is_kept(digits)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(anyhow::Error::from(error).context(format!("can't read {}", path.display())).into()),
    };
    let digits = match kept {
        Some(digits) => digits,
        None => draw(&path)?,
    };
    Ok(format!("{name}.{digits}"))
}

fn is_kept(digits: &str) -> bool {
    digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

fn draw(path: &Path) -> Result<String, Failure> {
    let digits = format!("{:08x}", rand::random::<u32>());
    let written = (|| {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = File::create(path)?;
        file.write_all(format!("{digits}\n").as_bytes())?;
        file.sync_all()?;
        // The name in the directory, too.
        File::open(folder)?.sync_all()
    })();
    written.with_context(|| format!("can't write {}", path.display()))?;
    Ok(digits)
}
