//! What an input looks like that is no NDJSON, told by the beginning of its text. It is said once, and nothing of it is
//! read: line by line, all of it would go to quarantine.

use std::fmt;

use serde::de::IgnoredAny;
use serde_json::Deserializer;

/// Something else than NDJSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// Compressed by xz.
    Xz,
    /// Compressed by bzip2.
    Bzip2,
    /// Compressed by lz4.
    Lz4,
    /// Compressed by gzip or zstd, inside of what was decompressed already.
    PackedTwice,
    /// A zip archive.
    Zip,
    /// A 7z archive.
    SevenZip,
    /// A tar archive.
    Tar,
    /// A Parquet file.
    Parquet,
    /// An Avro file.
    Avro,
    /// An ORC file.
    Orc,
    /// Text of 16 bits a unit.
    Utf16,
    /// JSON objects in one list.
    JsonArray,
    /// One JSON object over several lines.
    JsonOverLines,
    /// A page of markup, as a server sends in place of a file.
    Markup,
}

impl Likeness {
    /// What it is called in a sentence.
    fn name(self) -> &'static str {
        match self {
            Likeness::Xz => "an xz file",
            Likeness::Bzip2 => "a bzip2 file",
            Likeness::Lz4 => "an lz4 file",
            Likeness::PackedTwice => "a file that was compressed twice",
            Likeness::Zip => "a zip archive",
            Likeness::SevenZip => "a 7z archive",
            Likeness::Tar => "a tar archive",
            Likeness::Parquet => "a Parquet file",
            Likeness::Avro => "an Avro file",
            Likeness::Orc => "an ORC file",
            Likeness::Utf16 => "text in UTF-16",
            Likeness::JsonArray => "a JSON array of objects",
            Likeness::JsonOverLines => "a JSON object over several lines",
            Likeness::Markup => "a page of HTML or XML",
        }
    }

    /// How it becomes NDJSON, or where that is to be had.
    fn remedy(self) -> &'static str {
        match self {
            Likeness::Xz => "decompress it first, as `xz -dc FILE | tributary import -` does",
            Likeness::Bzip2 => "decompress it first, as `bzip2 -dc FILE | tributary import -` does",
            Likeness::Lz4 => "decompress it first, as `lz4 -dc FILE | tributary import -` does",
            Likeness::PackedTwice => "decompress it once first",
            Likeness::Zip => "unpack it first, as `unzip -p FILE | tributary import -` does",
            Likeness::SevenZip => "unpack it first, as `7z x -so FILE | tributary import -` does",
            Likeness::Tar => "unpack it first, as `tar -xOf FILE | tributary import -` does",
            Likeness::Parquet | Likeness::Avro | Likeness::Orc => "write its rows as CloudEvents first, one a line",
            Likeness::Utf16 => "write it in UTF-8 first, as `iconv -f UTF-16 -t UTF-8 FILE | tributary import -` does",
            Likeness::JsonArray => "write one event a line first, as `jq -c '.[]' FILE | tributary import -` does",
            Likeness::JsonOverLines => "write one event a line first, as `jq -c . FILE | tributary import -` does",
            Likeness::Markup => "a server may have sent a page in place of the file",
        }
    }

    /// What a text looks like that begins so; `None` where it may be NDJSON, as any line may that is only wrong.
    pub(super) fn of(text: &[u8]) -> Option<Likeness> {
        match text {
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Likeness::Xz),
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => Some(Likeness::Bzip2),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Likeness::Lz4),
            [0x1f, 0x8b, 0x08, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Likeness::PackedTwice),
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Likeness::Zip),
            [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some(Likeness::SevenZip),
            [b'P', b'A', b'R', b'1', ..] | [b'P', b'A', b'R', b'E', ..] => Some(Likeness::Parquet),
            [b'O', b'b', b'j', 1, ..] => Some(Likeness::Avro),
            [b'O', b'R', b'C', ..] => Some(Likeness::Orc),
            _ if text.get(257..262) == Some(b"ustar") => Some(Likeness::Tar),
            _ if is_utf16(text) => Some(Likeness::Utf16),
            _ => of_characters(text),
        }
    }
}

impl fmt::Display for Likeness {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.name(), self.remedy())
    }
}

/// With its mark or without it: of the first characters, as JSON has them, one byte in two is 0.
fn is_utf16(text: &[u8]) -> bool {
    let (text, is_marked) = match text {
        [0xff, 0xfe, rest @ ..] | [0xfe, 0xff, rest @ ..] => (rest, true),
        _ => (text, false),
    };
    match text {
        [first, 0, second, 0, ..] | [0, first, 0, second, ..] => {
            (is_marked && *first != 0 && *second != 0) || (matches!(first, b'{' | b'[') && second.is_ascii_graphic())
        }
        _ => false,
    }
}

fn of_characters(text: &[u8]) -> Option<Likeness> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let text = text.strip_prefix(MARK).unwrap_or(text).trim_ascii_start();
    match text {
        [b'{', ..] => is_over_lines(text).then_some(Likeness::JsonOverLines),
        [b'[', list @ ..] => {
            let list = list.trim_ascii_start();
            let end = list.starts_with(b"{").then(|| first_value(list)).flatten()?;
            matches!(list[end..].trim_ascii_start(), [b',' | b']', ..]).then_some(Likeness::JsonArray)
        }
        [b'<', ..] => {
            let begins = |with: &[u8]| text.get(..with.len()).is_some_and(|text| text.eq_ignore_ascii_case(with));
            (begins(b"<!doctype") || begins(b"<html") || begins(b"<?xml")).then_some(Likeness::Markup)
        }
        _ => None,
    }
}

/// Whether the object that a text begins with goes on over line ends: it is whole, or the text ends within it and its
/// first line is the brace alone, as programs write it that lay JSON out.
fn is_over_lines(text: &[u8]) -> bool {
    let first_line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match first_value(text) {
        Some(end) => end > first_line.len(),
        None => {
            let read = serde_json::from_slice::<IgnoredAny>(text);
            first_line.trim_ascii_end() == b"{"
                && text.len() > first_line.len() + 1
                && read.is_err_and(|error| error.is_eof())
        }
    }
}

/// Where the first JSON value of a text ends, if it is one and whole.
fn first_value(text: &[u8]) -> Option<usize> {
    let mut values = Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    Some(values.byte_offset())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn what_is_no_ndjson_is_told_by_its_beginning() {
        let event = r#"{"specversion":"1.0","data":{}}"#;
        let tar = [&[b'x'; 257][..], b"ustar\0"].concat();
        for (text, expected) in [
            (b"\xfd7zXZ\0\0\x04".to_vec(), Likeness::Xz),
            (b"BZh91AY&SY\x01".to_vec(), Likeness::Bzip2),
            (b"\x04\x22\x4d\x18\x64".to_vec(), Likeness::Lz4),
            (b"\x1f\x8b\x08\0".to_vec(), Likeness::PackedTwice),
            (b"\x28\xb5\x2f\xfd\0".to_vec(), Likeness::PackedTwice),
            (b"PK\x03\x04\n".to_vec(), Likeness::Zip),
            (b"7z\xbc\xaf\x27\x1c".to_vec(), Likeness::SevenZip),
            (tar, Likeness::Tar),
            (b"PAR1\x15\x04".to_vec(), Likeness::Parquet),
            (b"Obj\x01\x04".to_vec(), Likeness::Avro),
            (utf16("\u{feff}{\"a\"", u16::to_le_bytes), Likeness::Utf16),
            (utf16("\u{feff}{\"a\"", u16::to_be_bytes), Likeness::Utf16),
            (utf16("{\"a\"", u16::to_le_bytes), Likeness::Utf16),
            (utf16("{\"a\"", u16::to_be_bytes), Likeness::Utf16),
            (format!("[{event},{event}]").into_bytes(), Likeness::JsonArray),
            (format!("[\n  {event},\n  {event}\n]\n").into_bytes(), Likeness::JsonArray),
            (format!("\u{feff} [{event}]").into_bytes(), Likeness::JsonArray),
            (b"{\n  \"specversion\": \"1.0\"\n}\n".to_vec(), Likeness::JsonOverLines),
            (b"{\n  \"events\": [\n".to_vec(), Likeness::JsonOverLines),
            (b"<!DOCTYPE html>\n".to_vec(), Likeness::Markup),
            (b"\n<?xml version=\"1.0\"?>".to_vec(), Likeness::Markup),
        ] {
            assert_eq!(Likeness::of(&text), Some(expected), "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn lines_that_are_only_wrong_are_lines() {
        for text in [
            &b""[..],
            b"\n",
            b"{}\n{}\n",
            b"[]\n{}\n",
            b"[1, 2]\n",
            b"[\n{\"a\":1}\n{\"a\":2}\n",
            b"{\n{}\n",
            b"{\n",
            b"{\"a\":\n{}\n",
            b"\xff\xfe\n{}\n",
            b"\xfe\xff",
            b"\0\0\0\0",
            b"BZh\n",
            b"PK\n",
            b"7z",
            b"<nonsense>\n",
            b"nonsense\n",
            "\u{feff}{}\n".as_bytes(),
        ] {
            assert_eq!(Likeness::of(text), None, "{}", String::from_utf8_lossy(text));
        }
    }
}
