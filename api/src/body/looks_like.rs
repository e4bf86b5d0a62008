//! What bytes are that are not the text which they should be, by how they begin: so that who sends them is told what
//! to do, and not at which byte a parser gave up.

/// A sentence on what the bytes look like, if that is known.
pub(crate) fn looks_like(bytes: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 8] = [
        (b"\xef\xbb\xbf", "it begins with a byte order mark: send it without"),
        (b"\xff\xfe", "it looks like UTF-16: send it in UTF-8"),
        (b"\xfe\xff", "it looks like UTF-16: send it in UTF-8"),
        (b"\x1f\x8b", "it looks like gzip: say so with Content-Encoding: gzip"),
        (b"\x28\xb5\x2f\xfd", "it looks like zstd: say so with Content-Encoding: zstd"),
        (b"\xfd7zXZ\0", "it looks like xz: send it as it is, or with gzip or zstd"),
        (b"BZh", "it looks like bzip2: send it as it is, or with gzip or zstd"),
        (b"PK\x03\x04", "it looks like a zip archive: send what is in it"),
    ];
    KNOWN.iter().find(|(beginning, _)| bytes.starts_with(beginning)).map(|(_, says)| *says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_told_by_its_name() {
        assert_eq!(looks_like(b"{}"), None);
        assert_eq!(looks_like(b""), None);
        for (bytes, named) in [
            (&b"\xef\xbb\xbf{}"[..], "byte order mark"),
            (b"\xff\xfe{\0", "UTF-16"),
            (b"\x1f\x8b\x08", "Content-Encoding: gzip"),
            (b"\x28\xb5\x2f\xfd\0", "Content-Encoding: zstd"),
        ] {
            assert!(looks_like(bytes).is_some_and(|says| says.contains(named)), "{named}");
        }
    }
}
