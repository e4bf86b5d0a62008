//! Decompresses a stream if its first bytes say so, whatever its name says.

use std::io::{self, BufReader, Chain, Cursor, Read};

use super::members::{Compression, Members};

/// What is read of compressed data at once.
const READ_BYTES: usize = 128 * 1024;

type Whole<R> = Chain<Cursor<Vec<u8>>, R>;

/// The text of a stream, compressed or not.
pub(super) struct Unpacked<R: Read> {
    state: State<R>,
}

enum State<R: Read> {
    /// The first bytes, too few of which are there to tell.
    Untold(Vec<u8>, R),
    Plain(Whole<R>),
    Packed(Members<BufReader<Whole<R>>>),
    /// Never seen but while the state changes.
    Changing,
}

impl<R: Read> Unpacked<R> {
    pub(super) fn new(reader: R) -> Unpacked<R> {
        Unpacked { state: State::Untold(Vec::new(), reader) }
    }

    /// Reads until it can be told whether the stream is compressed.
    fn tell(&mut self) -> io::Result<()> {
        while let State::Untold(first, reader) = &mut self.state {
            let mut next = [0; 1];
            let is_over = match beginning(first) {
                Beginning::Untold => {
                    let count = reader.read(&mut next)?;
                    first.extend_from_slice(&next[..count]);
                    count == 0
                }
                Beginning::Plain | Beginning::Packed(_) => false,
            };
            let compression = match beginning(first) {
                Beginning::Packed(compression) => Some(compression),
                Beginning::Plain => None,
                Beginning::Untold if is_over => None,
                Beginning::Untold => continue,
            };
            let State::Untold(first, reader) = std::mem::replace(&mut self.state, State::Changing) else { continue };
            let whole = Cursor::new(first).chain(reader);
            self.state = match compression {
                Some(compression) => {
                    State::Packed(Members::new(compression, BufReader::with_capacity(READ_BYTES, whole)))
                }
                None => State::Plain(whole),
            };
        }
        Ok(())
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.tell()?;
        match &mut self.state {
            State::Plain(reader) => reader.read(buffer),
            State::Packed(reader) => reader.read(buffer),
            State::Untold(..) | State::Changing => Ok(0),
        }
    }
}

/// What the first bytes of a stream say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beginning {
    /// The next byte is needed too.
    Untold,
    Plain,
    Packed(Compression),
}

/// By four bytes at the most. No text in JSON begins so, nor one that is nearly JSON.
fn beginning(first: &[u8]) -> Beginning {
    match first {
        [0x1f, 0x8b, ..] => Beginning::Packed(Compression::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Beginning::Packed(Compression::Zstd),
        // A frame that is skipped, as parallel compressors put in front.
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Beginning::Packed(Compression::Zstd),
        [] | [0x1f] | [0x28] | [0x28, 0xb5] | [0x28, 0xb5, 0x2f] => Beginning::Untold,
        [0x50..=0x5f] | [0x50..=0x5f, 0x2a] | [0x50..=0x5f, 0x2a, 0x4d] => Beginning::Untold,
        _ => Beginning::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compression_is_told_by_the_first_bytes_and_a_line_needs_no_more_than_its_own() {
        for (first, expected) in [
            (&b""[..], Beginning::Untold),
            (b"{", Beginning::Plain),
            (b"\n", Beginning::Plain),
            (b"\x1f", Beginning::Untold),
            (b"\x1f\x8b", Beginning::Packed(Compression::Gzip)),
            (b"\x28\xb5\x2f", Beginning::Untold),
            (b"\x28\xb5\x2f\xfd", Beginning::Packed(Compression::Zstd)),
            (b"P", Beginning::Untold),
            (b"PA", Beginning::Plain),
            (b"\x50\x2a\x4d\x18", Beginning::Packed(Compression::Zstd)),
            (b"(\xb5/{", Beginning::Plain),
        ] {
            assert_eq!(beginning(first), expected, "{first:?}");
        }
    }

    #[test]
    fn a_stream_that_ends_before_it_can_be_told_is_the_text_that_it_is() {
        for text in [&b""[..], b"\x1f", b"P", b"P*M", b"(\xb5/"] {
            let mut read = Vec::new();
            Unpacked::new(text).read_to_end(&mut read).expect("a slice");
            assert_eq!(read, text);
        }
    }
}
