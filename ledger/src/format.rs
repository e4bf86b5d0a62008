//! The version of the ledger's format, in a file of its own, so that an older program says so at once.

use crate::error::LedgerError;
use crate::storage::Storage;

/// The format that this program writes; it reads this one and all before it.
pub const FORMAT_VERSION: u32 = 1;

const NAME: &str = "FORMAT";
const TEXT_BEFORE: &str = "tributary ledger, format ";

/// The format of the ledger in a storage; `None` if there is no ledger yet.
pub(crate) fn read_format(storage: &dyn Storage) -> Result<Option<u32>, LedgerError> {
    let Some(bytes) = storage.contents(NAME)? else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&bytes).ok().and_then(|text| text.trim_end().strip_prefix(TEXT_BEFORE));
    // A file of another form is of a program that is to come.
    let found = text.and_then(|number| number.parse().ok()).unwrap_or(u32::MAX);
    if found > FORMAT_VERSION {
        return Err(LedgerError::NewerFormat { found, known: FORMAT_VERSION });
    }
    Ok(Some(found))
}

/// Says of a new ledger which format it has.
pub(crate) fn write_format(storage: &dyn Storage) -> Result<(), LedgerError> {
    Ok(storage.replace(NAME, format!("{TEXT_BEFORE}{FORMAT_VERSION}\n").as_bytes())?)
}
