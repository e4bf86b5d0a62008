//! What a backup says of itself: up to where it goes. The hash there stands for all that lies before.

use std::fmt::Write;

use crate::cursor::FrameCursor;
use crate::error::LedgerError;
use crate::head::Head;
use crate::storage::Storage;

const NAME: &str = "BACKUP";
const FIRST_LINE: &str = "tributary backup, format 1";

/// Up to where a backup goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupLabel {
    /// After the last frame that it holds.
    pub end: FrameCursor,
}

impl BackupLabel {
    /// The label in a storage; `None` if there is none.
    ///
    /// # Errors
    /// If it is damaged or of a newer program, or the storage does not give it.
    pub fn read(storage: &dyn Storage) -> Result<Option<BackupLabel>, LedgerError> {
        let Some(bytes) = storage.contents(NAME)? else {
            return Ok(None);
        };
        let label = std::str::from_utf8(&bytes).ok().and_then(BackupLabel::parse);
        label.map(Some).ok_or(LedgerError::BackupLabel)
    }

    /// Makes it durable.
    pub(super) fn write(&self, storage: &dyn Storage) -> Result<(), LedgerError> {
        Ok(storage.replace(NAME, self.text().as_bytes())?)
    }

    /// Removes the label of a storage, which is no backup then but a ledger that may be written.
    ///
    /// # Errors
    /// If the storage does not do it.
    pub fn remove(storage: &dyn Storage) -> Result<(), LedgerError> {
        storage.remove(NAME)?;
        Ok(storage.sync_names()?)
    }

    fn text(&self) -> String {
        let mut text = format!("{FIRST_LINE}\nhead {}\nend {}", Head::at(&self.end), self.end.hex());
        let checksum = crc32c::crc32c(text.as_bytes());
        let _always = writeln!(text, "\ncheck {checksum:08x}");
        text
    }

    fn parse(text: &str) -> Option<BackupLabel> {
        let digits = text.lines().find_map(|line| line.strip_prefix("end "))?;
        let label = BackupLabel { end: FrameCursor::from_hex(digits).ok()? };
        // What it says is in its bytes once only, so it is whole if it is what would be written.
        (label.text() == text).then_some(label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_comes_back_whole_or_not_at_all() {
        let label = BackupLabel { end: FrameCursor { position: 813, hash: [0x9f; 32], ..FrameCursor::START } };
        let text = label.text();
        assert!(text.contains("\nhead 812:9f9f"), "{text}");
        assert_eq!(BackupLabel::parse(&text), Some(label));
        for at in 0..text.len() {
            let mut damaged = text.clone().into_bytes();
            damaged[at] ^= 1;
            let damaged = String::from_utf8(damaged).expect("ASCII");
            assert_eq!(BackupLabel::parse(&damaged), None, "byte {at}");
            assert_eq!(BackupLabel::parse(&text[..at]), None, "cut at {at}");
        }
    }
}
