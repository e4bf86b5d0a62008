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
    lines: u64,
    is_over: bool,
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
        LineBlocks { reader, block_bytes, rest: Vec::new(), lines: 0, is_over: false }
    }

    /// How many lines the blocks given so far have.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// The next whole lines, about as many bytes as a block has, or one line that is longer. `None` at the end.
    pub(super) fn next_block(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut block = Vec::with_capacity(self.rest.len() + self.block_bytes);
        block.append(&mut self.rest);
        // What was there before has no line end in it.
        let mut searched = block.len();
        while !self.is_over {
            let wanted = self.block_bytes.max(block.len());
            let got = self.reader.by_ref().take(wanted as u64).read_to_end(&mut block)?;
            self.is_over = got == 0;
            if let Some(end) = memchr::memrchr(b'\n', &block[searched..]) {
                self.rest = block.split_off(searched + end + 1);
                break;
            }
            if block.len() > LINE_BYTES_MAX {
                return Err(io::Error::other(LineTooLong));
            }
            searched = block.len();
        }
        if block.is_empty() {
            return Ok(None);
        }
        self.lines += memchr::memchr_iter(b'\n', &block).count() as u64;
        self.lines += u64::from(block.last() != Some(&b'\n'));
        Ok(Some(block))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &[u8], block_bytes: usize) -> (Vec<Vec<u8>>, u64) {
        let mut blocks = LineBlocks::new(text, block_bytes);
        let mut all = Vec::new();
        while let Some(block) = blocks.next_block().expect("a slice is read without failure") {
            all.push(block);
        }
        (all, blocks.lines())
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
    fn a_long_line_is_held_whole_up_to_the_limit_and_not_beyond() {
        let mut text = vec![b'x'; LINE_BYTES_MAX];
        text.push(b'\n');
        assert_eq!(blocks(&text, 1 << 16).0.len(), 1);
        // Endless, so that only a limit can end it.
        let mut endless = LineBlocks::new(io::repeat(b'x'), 1 << 16);
        let error = endless.next_block().expect_err("too long");
        assert!(is_too_long(&error), "{error}");
        assert!(!is_too_long(&io::ErrorKind::UnexpectedEof.into()));
    }
}
