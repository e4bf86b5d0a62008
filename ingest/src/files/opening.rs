//! Opens an input, and decompresses it if its first bytes say so.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use super::Input;

/// What is read of a file at once.
const READ_BYTES: usize = 128 * 1024;

/// An input that is open.
pub(super) struct Opened {
    /// Its text.
    pub(super) reader: Box<dyn Read>,
    /// How much of it was read, as it lies there.
    pub(super) bytes: BytesRead,
}

/// Counts bytes as they are read.
#[derive(Clone, Default)]
pub(super) struct BytesRead(Arc<AtomicU64>);

impl BytesRead {
    pub(super) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

struct Counted<R> {
    reader: R,
    bytes: BytesRead,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.bytes.0.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// The bytes of all inputs together; `None` if one is no regular file, or cannot be asked.
pub(super) fn total_bytes(inputs: &[Input]) -> Option<u64> {
    let bytes = inputs.iter().map(|input| match input {
        Input::File(path) => std::fs::metadata(path).ok().filter(|found| found.is_file()).map(|found| found.len()),
        Input::Stdin => None,
    });
    bytes.sum()
}

/// How a stream is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compression {
    None,
    Gzip,
    Zstd,
}

/// By the first four bytes. No text in JSON begins so, nor one that is nearly JSON.
fn compression(first: &[u8]) -> Compression {
    match first {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
        // A frame that is skipped, as parallel compressors put in front.
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        _ => Compression::None,
    }
}

/// Opens an input and looks at its first bytes.
pub(super) fn open(input: &Input) -> io::Result<Opened> {
    let bytes = BytesRead::default();
    let raw: Box<dyn Read> = match input {
        Input::File(path) => Box::new(File::open(path)?),
        Input::Stdin => Box::new(io::stdin()),
    };
    let mut counted = Counted { reader: raw, bytes: bytes.clone() };
    let mut first = Vec::with_capacity(4);
    counted.by_ref().take(4).read_to_end(&mut first)?;
    let compression = compression(&first);
    let whole = io::Cursor::new(first).chain(counted);
    let reader: Box<dyn Read> = match compression {
        Compression::None => Box::new(whole),
        Compression::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(READ_BYTES, whole))),
        Compression::Zstd => {
            Box::new(zstd::stream::read::Decoder::with_buffer(BufReader::with_capacity(READ_BYTES, whole))?)
        }
    };
    Ok(Opened { reader, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compression_is_told_by_the_first_bytes() {
        for (first, expected) in [
            (&b"{\"sp"[..], Compression::None),
            (b"", Compression::None),
            (b"\x1f", Compression::None),
            (b"\x1f\x8b\x08\x00", Compression::Gzip),
            (b"\x28\xb5\x2f\xfd", Compression::Zstd),
            (b"\x50\x2a\x4d\x18", Compression::Zstd),
            (b"(\xb5/", Compression::None),
        ] {
            assert_eq!(compression(first), expected, "{first:?}");
        }
    }
}
