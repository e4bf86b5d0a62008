//! The format that a ledger needs to be read, in a file of its own, so that an older program says so at once.
//!
//! It is the highest version of any frame in it: a new ledger has format 1, and before its first frame of a later version
//! is written the file says that one. A frame has a later version only if it says what those before cannot.

use crate::error::LedgerError;
use crate::storage::Storage;

/// The newest format that this program writes; it reads this one and all before it.
pub const FORMAT_VERSION: u32 = 3;

/// The format of a ledger in which no frame needs more.
pub(crate) const FORMAT_VERSION_FIRST: u32 = 1;

pub(crate) const NAME: &str = "FORMAT";
const TEXT_BEFORE: &str = "tributary ledger, format ";

/// The format of the ledger in a storage; `None` if there is no ledger yet.
pub(crate) fn read_format(storage: &dyn Storage) -> Result<Option<u32>, LedgerError> {
    let Some(bytes) = storage.contents(NAME)? else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&bytes).ok().and_then(|text| text.trim_end().strip_prefix(TEXT_BEFORE));
    let found = text.and_then(|number| number.parse().ok()).filter(|found| *found >= FORMAT_VERSION_FIRST);
    let found = found.ok_or(LedgerError::NoFormat)?;
    check_format(found)?;
    Ok(Some(found))
}

/// Refuses a format that is newer than this program.
pub(crate) fn check_format(found: u32) -> Result<(), LedgerError> {
    if found > FORMAT_VERSION {
        return Err(LedgerError::NewerFormat { found, known: FORMAT_VERSION });
    }
    Ok(())
}

/// Says durably which format a ledger has: of a new one, or before the first frame of a later version.
pub(crate) fn write_format(storage: &dyn Storage, version: u32) -> Result<(), LedgerError> {
    Ok(storage.replace(NAME, &text(version))?)
}

/// What the file says.
pub(crate) fn text(version: u32) -> Vec<u8> {
    format!("{TEXT_BEFORE}{version}\n").into_bytes()
}
