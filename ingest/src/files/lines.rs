//! Cuts a stream of bytes into blocks of whole lines. A line is held whole, up to a limit, so that what is wrong
//! with it can be kept whole; lines are told apart only where a block ends.

use std::io::{self, Read};

/// The longest line that is read, in bytes; as much as a request's body may have.
pub const LINE_BYTES_MAX: usize = 32 << 20;

/// Blocks of whole lines of a stream.
pub(super) struct LineBlocks<R> {
    reader: R,
    block_bytes: usize,
    /// The beginning of the line in which the last block ended.
    rest: Vec<u8>,
    /// What the next block may be read into.
    room: Vec<u8>,
    lines: u64,
    /// How the stream ended; none while it goes on.
    ended: Option<io::Result<()>>,
}

/// What there is of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Whole lines, about as many bytes as a block has, or fewer where more are not there yet, or one line that is
    /// longer; the last of the stream with or without its end.
    Block(Vec<u8>),
    /// No whole line is there yet.
    Waiting,
    /// The stream is over.
    End,
}

/// Marks the error about a line beyond the limit.
#[derive(Debug, thiserror::Error)]
#[error("a line has more than {LINE_BYTES_MAX} bytes")]
struct LineTooLong;

/// Whether an error says that a line is beyond the limit.
pub(super) fn is_too_long(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<LineTooLong>())
}

impl<R: Read> LineBlocks<R> {
    pub(super) fn new(reader: R, block_bytes: usize) -> LineBlocks<R> {
        LineBlocks { reader, block_bytes, rest: Vec::new(), room: Vec::new(), lines: 0, ended: None }
    }

    /// Gives an empty buffer that the next block may be read into.
    pub(super) fn read_into(&mut self, room: Vec<u8>) {
        self.room = room;
    }

    /// How many lines the blocks given so far have.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// What there is next. An error of the stream comes after all whole lines before it.
    pub(super) fn next(&mut self) -> io::Result<Next> {
        let mut block = std::mem::take(&mut self.rest);
        if block.capacity() < self.room.capacity() {
            let rest = std::mem::replace(&mut block, std::mem::take(&mut self.room));
            block.extend_from_slice(&rest);
        }
        // What was there before has no line end in it.
        let mut searched = block.len();
        while self.ended.is_none() {
            let is_there = self.fill(&mut block);
            if let Some(end) = memchr::memrchr(b'\n', &block[searched..]) {
                self.rest = block.split_off(searched + end + 1);
                break;
            }
            if block.len() > LINE_BYTES_MAX {
                self.ended = Some(Err(io::Error::other(LineTooLong)));
            } else if !is_there {
                self.rest = block;
                return Ok(Next::Waiting);
            }
            searched = block.len();
        }
        if !block.ends_with(b"\n")
            && let Some(ended) = self.ended.take_if(|ended| ended.is_err())
        {
            // A line that an error cuts off is none.
            self.ended = Some(Ok(()));
            return ended.map(|()| Next::End);
        }
        let is_cut = !block.ends_with(b"\n") && mutants::mutant!("last-line-without-its-end-dropped");
        if block.is_empty() || is_cut {
            return Ok(Next::End);
        }
        self.lines += memchr::memchr_iter(b'\n', &block).count() as u64;
        self.lines += u64::from(block.last() != Some(&b'\n'));
        Ok(Next::Block(block))
    }

    /// Adds what there is, up to a block's bytes, or as much again as a longer line has. Whether all of it was there.
    fn fill(&mut self, block: &mut Vec<u8>) -> bool {
        let wanted = self.block_bytes.max(block.len());
        block.reserve(wanted);
        match self.reader.by_ref().take(wanted as u64).read_to_end(block) {
            Ok(got) => {
                if got == 0 {
                    self.ended = Some(Ok(()));
                }
                true
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => false,
            Err(error) => {
                self.ended = Some(Err(error));
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    fn blocks(text: &[u8], block_bytes: usize) -> (Vec<Vec<u8>>, u64) {
        let mut blocks = LineBlocks::new(text, block_bytes);
        let mut all = Vec::new();
        loop {
            // Every other block gets room to be read into.
            if all.len() % 2 == 1 {
                blocks.read_into(Vec::with_capacity(64));
            }
            match blocks.next().expect("a slice is read without failure") {
                Next::Block(block) => all.push(block),
                Next::Waiting => panic!("a slice is there"),
                Next::End => return (all, blocks.lines()),
            }
        }
    }

    /// Gives what is put in, as a pipe does, or why nothing comes.
    #[derive(Default)]
    struct Pipe(VecDeque<Result<&'static [u8], io::ErrorKind>>);

    impl Read for Pipe {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.pop_front() {
                Some(Ok(bytes)) => {
                    let count = bytes.len().min(buffer.len());
                    buffer[..count].copy_from_slice(&bytes[..count]);
                    if count < bytes.len() {
                        self.0.push_front(Ok(&bytes[count..]));
                    }
                    Ok(count)
                }
                Some(Err(kind)) => Err(kind.into()),
                None => Ok(0),
            }
        }
    }

    fn block(text: &str) -> Next {
        Next::Block(text.as_bytes().to_vec())
    }

    #[test]
    fn blocks_hold_whole_lines_and_lose_no_byte() {
        let texts: [&[u8]; 8] = [
            b"",
            b"\n",
            b"a",
            b"a\n",
            b"a\nb",
            b"aaaa\nb\n\ncccccccccc\nd\n",
            b"aaaaaaaaaaaaaaaaaaaaaaa",
            b"\n\n\n\na\r\n",
        ];
        for text in texts {
            for block_bytes in 1..30 {
                let (blocks, lines) = blocks(text, block_bytes);
                assert_eq!(blocks.concat(), text, "{block_bytes}");
                let expected = text.split_inclusive(|byte| *byte == b'\n').count() as u64;
                assert_eq!(lines, expected, "{text:?} {block_bytes}");
                let inner = blocks.iter().rev().skip(1);
                assert!(inner.clone().all(|block| block.ends_with(b"\n")), "{text:?} {block_bytes}");
            }
        }
    }

    #[test]
    fn whole_lines_are_given_when_nothing_more_is_there_yet() {
        const NOTHING: Result<&[u8], io::ErrorKind> = Err(io::ErrorKind::WouldBlock);
        let pipe =
            Pipe([Ok(&b"a\nb\nc"[..]), NOTHING, NOTHING, Ok(b"c"), NOTHING, Ok(b"\n"), NOTHING, Ok(b"d")].into());
        let mut blocks = LineBlocks::new(pipe, 1 << 16);
        let told: Vec<_> = (0..8).map(|_| (blocks.next().expect("no failure"), blocks.lines())).collect();
        assert_eq!(
            told,
            [
                (block("a\nb\n"), 2),
                (Next::Waiting, 2),
                (Next::Waiting, 2),
                (block("cc\n"), 3),
                (block("d"), 4),
                (Next::End, 4),
                (Next::End, 4),
                (Next::End, 4)
            ]
        );
    }

    #[test]
    fn whole_lines_are_given_before_the_error_that_stands_behind_them() {
        let cut = io::ErrorKind::InvalidData;
        for (parts, expected) in [
            (vec![Ok(&b"a\nb\nc"[..]), Err(cut)], vec![block("a\nb\n")]),
            (vec![Ok(&b"a\n"[..]), Err(cut)], vec![block("a\n")]),
            (vec![Ok(&b"a"[..]), Err(cut)], vec![]),
            (vec![Err(cut)], vec![]),
        ] {
            let mut blocks = LineBlocks::new(Pipe(parts.into()), 1 << 16);
            let given: Vec<_> = expected.iter().map(|_| blocks.next().expect("lines")).collect();
            assert_eq!(given, expected);
            assert_eq!(blocks.next().expect_err("then the error").kind(), cut);
            assert_eq!(blocks.next().expect("it is over"), Next::End);
        }
    }

    #[test]
    fn a_long_line_is_held_whole_up_to_the_limit_and_not_beyond() {
        let mut text = vec![b'x'; LINE_BYTES_MAX];
        text.push(b'\n');
        assert_eq!(blocks(&text, 1 << 16).0.len(), 1);
        // Endless, so that only a limit can end it.
        let mut endless = LineBlocks::new(io::repeat(b'x'), 1 << 16);
        let error = endless.next().expect_err("too long");
        assert!(is_too_long(&error), "{error}");
        assert!(!is_too_long(&io::ErrorKind::UnexpectedEof.into()));
    }
}
