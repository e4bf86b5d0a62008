//! The text of a cursor: what it holds, closed by a checksum, so that one with a character changed, dropped or added is
//! refused, and none is taken for another.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The bytes of BLAKE3 at the end. They find damage; nothing that a cursor holds is a secret.
const CHECKSUM_BYTES: usize = 8;

/// Writes what a cursor holds.
#[must_use]
pub fn write_cursor(content: &impl Serialize) -> String {
    // A cursor holds texts and integers only, which always serialize.
    let mut bytes = serde_json::to_vec(content).unwrap_or_default();
    let checksum = checksum(&bytes);
    bytes.extend_from_slice(&checksum);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads what a cursor holds; none where it is not one that was written, whole and as it was.
#[must_use]
pub fn read_cursor<T: DeserializeOwned>(text: &str) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (content, kept) = bytes.split_last_chunk::<CHECKSUM_BYTES>()?;
    if checksum(content) != *kept {
        return None;
    }
    serde_json::from_slice(content).ok()
}

fn checksum(content: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut checksum = [0; CHECKSUM_BYTES];
    checksum.copy_from_slice(&blake3::hash(content).as_bytes()[..CHECKSUM_BYTES]);
    checksum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_with_any_one_character_changed_dropped_or_added_is_none() {
        let text = write_cursor(&("ALPHA", 7_u64, [1_i128, -2]));
        let read = |text: &str| read_cursor::<(String, u64, Vec<i128>)>(text);
        assert_eq!(read(&text), Some(("ALPHA".to_owned(), 7, vec![1, -2])));
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+ ";
        for at in 0..=text.len() {
            let (before, after) = text.split_at(at);
            let rest = after.get(1..).unwrap_or_default();
            for letter in letters.chars() {
                assert_eq!(read(&format!("{before}{letter}{after}")), None, "{letter:?} put in at {at}");
                let changed = format!("{before}{letter}{rest}");
                assert!(changed == text || read(&changed).is_none(), "{letter:?} at {at}");
            }
            let dropped = format!("{before}{rest}");
            assert!(dropped == text || read(&dropped).is_none(), "without the character at {at}");
        }
    }

    #[test]
    fn what_was_never_written_is_none() {
        for text in ["", "A", "AAAAAAAAAAA", "17", "null", "eyJxdWVzdGlvbiI6IngifQ", "é"] {
            assert_eq!(read_cursor::<serde_json::Value>(text), None, "{text}");
        }
    }
}
