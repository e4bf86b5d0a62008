//! Compressed data as it lies in files: members one after another, and behind them perhaps zeros, as tapes and stores
//! of blocks leave them. Anything else behind them is an error: it may be what somebody wanted to be read.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

/// How a stream is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    /// Zstd, in whose frames those count that are skipped.
    Zstd,
}

impl Compression {
    fn name(self) -> &'static str {
        match self {
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        }
    }

    /// Whether a member may begin with a byte.
    fn may_begin_with(self, byte: u8) -> bool {
        match self {
            Compression::Gzip => byte == 0x1f,
            Compression::Zstd => byte == 0x28 || (0x50..=0x5f).contains(&byte),
        }
    }
}

/// What stands behind the compressed data, and is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "behind its {name} data stands something else, which begins with byte 0x{byte:02x}: what is in the data was read, \
     the rest was not"
)]
struct Trailing {
    name: &'static str,
    byte: u8,
}

/// The text of all members.
pub(super) struct Members<R: BufRead> {
    compression: Compression,
    state: State<R>,
    is_first: bool,
}

enum State<R: BufRead> {
    Between(R),
    // Both hold tables of some KiB.
    Gzip(Box<GzDecoder<R>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, R>>),
    Over,
}

impl<R: BufRead> Members<R> {
    pub(super) fn new(compression: Compression, reader: R) -> Members<R> {
        Members { compression, state: State::Between(reader), is_first: true }
    }

    /// Goes on to the next member, if there is one.
    fn begin(&mut self, mut reader: R) -> io::Result<State<R>> {
        let begins =
            if self.is_first { reader.fill_buf().map(|held| held.first().copied()) } else { next(&mut reader) };
        match begins {
            Ok(Some(byte)) if self.compression.may_begin_with(byte) => {
                self.is_first = false;
                match self.compression {
                    Compression::Gzip => Ok(State::Gzip(Box::new(GzDecoder::new(reader)))),
                    Compression::Zstd => {
                        let frame = zstd::stream::read::Decoder::with_buffer(reader)?.single_frame();
                        Ok(State::Zstd(Box::new(frame)))
                    }
                }
            }
            Ok(Some(byte)) => Err(io::Error::other(Trailing { name: self.compression.name(), byte })),
            Ok(None) => Ok(State::Over),
            Err(error) => {
                // Nothing may be there yet: then it goes on here.
                self.state = State::Between(reader);
                Err(error)
            }
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let got = match &mut self.state {
                State::Between(_) => 0,
                State::Gzip(member) => member.read(buffer)?,
                State::Zstd(frame) => frame.read(buffer)?,
                State::Over => return Ok(0),
            };
            if got > 0 {
                return Ok(got);
            }
            self.state = match std::mem::replace(&mut self.state, State::Over) {
                State::Between(reader) => self.begin(reader)?,
                State::Gzip(member) => State::Between(member.into_inner()),
                State::Zstd(frame) => State::Between(frame.finish()),
                State::Over => State::Over,
            };
        }
    }
}

/// The first byte behind zeros; `None` at the end.
fn next(reader: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let held = reader.fill_buf()?;
        let zeros = held.iter().take_while(|byte| **byte == 0).count();
        match (held.get(zeros).copied(), held.len()) {
            (None, 0) => return Ok(None),
            (byte, _) => {
                reader.consume(zeros);
                if byte.is_some() {
                    return Ok(byte);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const SKIPPED: &[u8] = b"\x50\x2a\x4d\x18\x03\x00\x00\x00any";

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("in memory");
        encoder.finish().expect("in memory")
    }

    fn zstd(text: &str) -> Vec<u8> {
        zstd::encode_all(text.as_bytes(), 1).expect("in memory")
    }

    /// Gives a byte at a time, and before each says that nothing is there yet.
    struct Trickle<'b> {
        bytes: &'b [u8],
        is_there: bool,
    }

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.is_there = !self.is_there;
            if !self.is_there {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let count = buffer.len().min(1);
            self.bytes.read(&mut buffer[..count])
        }
    }

    /// The text, and whether the end was one.
    fn read(compression: Compression, bytes: &[u8]) -> (String, Result<(), String>) {
        let trickle = Trickle { bytes, is_there: true };
        let mut members = Members::new(compression, io::BufReader::new(trickle));
        let mut text = Vec::new();
        let end = loop {
            match members.read_to_end(&mut text) {
                Ok(_) => break Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => break Err(error.to_string()),
            }
        };
        (String::from_utf8(text).expect("a text"), end)
    }

    #[test]
    fn members_follow_each_other_and_zeros_stand_between_and_behind() {
        let zeros = vec![0; 700];
        for (compression, one, two) in
            [(Compression::Gzip, gzip("one\n"), gzip("two\n")), (Compression::Zstd, zstd("one\n"), zstd("two\n"))]
        {
            for (parts, expected) in [
                (vec![&one[..]], "one\n"),
                (vec![&one[..], &two[..]], "one\ntwo\n"),
                (vec![&one[..], &zeros[..]], "one\n"),
                (vec![&one[..], b"\0"], "one\n"),
                (vec![&one[..], &zeros[..], &two[..], &zeros[..]], "one\ntwo\n"),
            ] {
                assert_eq!(read(compression, &parts.concat()), (expected.to_owned(), Ok(())), "{compression:?}");
            }
        }
    }

    #[test]
    fn frames_that_are_to_be_skipped_are_wherever_they_stand() {
        let (one, two) = (zstd("one\n"), zstd("two\n"));
        for parts in [
            [SKIPPED, &one, &two].concat(),
            [&one, SKIPPED, &two].concat(),
            [&one, &two, SKIPPED].concat(),
            [SKIPPED, SKIPPED, &one, SKIPPED, &two, SKIPPED, &[0; 9]].concat(),
        ] {
            assert_eq!(read(Compression::Zstd, &parts), ("one\ntwo\n".to_owned(), Ok(())));
        }
        assert_eq!(read(Compression::Zstd, SKIPPED), (String::new(), Ok(())));
    }

    #[test]
    fn what_is_behind_and_no_member_is_an_error_and_all_before_it_is_read() {
        for (compression, one) in [(Compression::Gzip, gzip("one\n")), (Compression::Zstd, zstd("one\n"))] {
            for behind in [&b"garbage"[..], b"\0\0garbage", b"g"] {
                let (text, end) = read(compression, &[&one[..], behind].concat());
                let told = end.expect_err("garbage");
                assert_eq!(text, "one\n");
                assert!(told.contains(compression.name()) && told.contains("0x67"), "{told}");
            }
            let (text, end) = read(compression, &[&one[..], &one[..one.len() - 3]].concat());
            assert!(text.starts_with("one\n") && end.is_err(), "a member that is cut short");
        }
    }
}
