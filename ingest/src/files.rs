//! NDJSON files as a source: plain, gzip or zstd, told by their first bytes and not by their name; or the standard
//! input.

mod lines;
mod opening;

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use self::lines::LineBlocks;
use self::opening::{Opened, open};
use crate::pipeline::chunk::{CHUNK_BYTES, Chunk, Lines};
use crate::pipeline::{Feed, Tally};
use crate::work::Stopped;

pub use self::lines::LINE_BYTES_MAX;

/// Where lines come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// The standard input.
    Stdin,
}

impl Input {
    /// What it is called in an event's origin.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Input::File(path) => path.display().to_string(),
            Input::Stdin => "stdin".to_owned(),
        }
    }
}

/// Why an import stopped. What was read before is in the ledger, or is named in the error before it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file cannot be opened.
    #[error("{name}: cannot be opened: {cause}")]
    Open {
        /// Its name.
        name: String,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A file cannot be read on, as one that is cut short.
    #[error("{name}: cannot be read after line {lines}: {cause}")]
    Read {
        /// Its name.
        name: String,
        /// How many lines were read.
        lines: u64,
        /// What the system or the decompression said.
        #[source]
        cause: io::Error,
    },
    /// A line is so long that it is not held in memory.
    #[error("{name}:{line}: the line has more than {LINE_BYTES_MAX} bytes: this is no NDJSON")]
    LineTooLong {
        /// The file's name.
        name: String,
        /// The number of the line, from 1.
        line: u64,
    },
    /// The ledger takes nothing more.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// How far an import is.
#[derive(Clone, Debug)]
pub struct ImportProgress<'a> {
    /// What is being read.
    pub name: &'a str,
    /// Bytes read of all inputs, as they lie there, compressed or not.
    pub bytes: u64,
    /// Bytes of all inputs; `None` if one of them does not say.
    pub bytes_total: Option<u64>,
    /// Lines read.
    pub lines: u64,
    /// What became of what is durable so far.
    pub tally: Tally,
}

/// What an import came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// What became of the events.
    pub tally: Tally,
    /// Lines read, blank ones included.
    pub lines: u64,
    /// Whether it was broken off by who watched the progress.
    pub is_broken_off: bool,
}

/// Reads inputs one after another into the ledger, and waits until all of it is durable and applied. The thread
/// that calls it reads; it tells the progress after each piece read, and stops there if told to.
///
/// # Errors
/// If an input cannot be opened or read to its end, or the ledger takes nothing more. What was read before the
/// error is durable when this returns, unless the ledger itself failed.
pub fn import(
    mut feed: Feed,
    inputs: &[Input],
    progress: &mut dyn FnMut(&ImportProgress<'_>) -> ControlFlow<()>,
) -> Result<Imported, ImportError> {
    let mut import = Import { feed: &mut feed, read: 0, lines: 0, total: opening::total_bytes(inputs) };
    let mut is_broken_off = false;
    let mut done = Ok(());
    for input in inputs {
        match import.read(input, progress) {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => {
                is_broken_off = true;
                break;
            }
            Err(error) => {
                done = Err(error);
                break;
            }
        }
    }
    let lines = import.lines;
    let tally = feed.finish()?;
    done?;
    Ok(Imported { tally, lines, is_broken_off })
}

struct Import<'a> {
    feed: &'a mut Feed,
    /// Bytes of the inputs read before this one.
    read: u64,
    lines: u64,
    total: Option<u64>,
}

impl Import<'_> {
    fn read(
        &mut self,
        input: &Input,
        progress: &mut dyn FnMut(&ImportProgress<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ImportError> {
        let name = input.name();
        let failed = |cause| ImportError::Open { name: name.clone(), cause };
        let Opened { reader, bytes } = open(input).map_err(failed)?;
        let origin: Arc<str> = name.as_str().into();
        let mut blocks = LineBlocks::new(reader, CHUNK_BYTES);
        loop {
            let before = blocks.lines();
            let block = match blocks.next_block() {
                Ok(Some(block)) => block,
                Ok(None) => break,
                Err(cause) if lines::is_too_long(&cause) => {
                    return Err(ImportError::LineTooLong { name, line: before + 1 });
                }
                Err(cause) => return Err(ImportError::Read { name, lines: before, cause }),
            };
            self.lines += blocks.lines() - before;
            let lines = Lines {
                name: Arc::clone(&origin),
                first_line: before + 1,
                line_ends: (blocks.lines() - before) as usize,
                text: block,
                arrived: self.feed.now(),
            };
            self.feed.push(Chunk::Lines(lines))?;
            let told = ImportProgress {
                name: &name,
                bytes: self.read + bytes.read(),
                bytes_total: self.total,
                lines: self.lines,
                tally: self.feed.tally(),
            };
            if progress(&told).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        self.read += bytes.read();
        Ok(ControlFlow::Continue(()))
    }
}
