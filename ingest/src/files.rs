//! NDJSON files as a source: plain, gzip or zstd, told by their first bytes and not by their name; pipes by name; or the
//! standard input. What is there goes on its way, whether or not more is to come.

mod gathered;
mod likeness;
mod lines;
mod members;
mod source;
mod unpacking;

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use schemas::Timestamp;

pub use self::gathered::{GATHERED_BYTES_MAX, Gathered, gather};
pub use self::likeness::Likeness;
pub use self::lines::LINE_BYTES_MAX;
use self::lines::{LineBlocks, Next};
use self::source::Source;
use self::unpacking::Unpacked;
use crate::pipeline::chunk::{CHUNK_BYTES, Chunk, Lines};
use crate::pipeline::{Feed, Tally};
use crate::work::Stopped;

/// How long it is waited for more of a pipe before who watches is asked whether to go on.
const WAIT: Duration = Duration::from_millis(100);
/// A mark that some editors put in front of a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Where lines come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file, or whatever can be opened and read under its name.
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
    #[error("{name}: cannot be opened")]
    Open {
        /// Its name.
        name: String,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// It is a folder.
    #[error("{name}: is a folder: name the files in it")]
    Folder {
        /// Its name.
        name: String,
    },
    /// It is something else than NDJSON. Nothing of it was read.
    #[error("{name}: is no NDJSON; it looks like {likeness}")]
    NoNdjson {
        /// Its name.
        name: String,
        /// What it looks like.
        likeness: Likeness,
    },
    /// A file cannot be read on, as one that is cut short.
    #[error("{name}: cannot be read after line {lines}")]
    Read {
        /// Its name.
        name: String,
        /// How many lines were read; they are in the ledger.
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
    /// Of a dry run: what would be sent has more bytes than are held in memory.
    #[error(
        "the files hold more than {GATHERED_BYTES_MAX} bytes of events: a dry run holds them in memory, so try them in parts"
    )]
    TooMuch,
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
    /// The inputs that begin with a byte order mark, which makes their first line malformed (SPEC 1).
    pub marked: Vec<String>,
    /// Whether it was broken off by who watched the progress.
    pub is_broken_off: bool,
}

/// Looks at the inputs that are files, so that a mistake in one is told before anything is read. Pipes give what they
/// hold only once, and are not looked at.
///
/// # Errors
/// If an input cannot be opened, is a folder, or is no NDJSON.
pub fn check(inputs: &[Input]) -> Result<(), ImportError> {
    for input in inputs {
        let Input::File(path) = input else { continue };
        let name = input.name();
        let found = std::fs::metadata(path).map_err(|cause| ImportError::Open { name: name.clone(), cause })?;
        if source::can_be_looked_at(path, &found) {
            let mut lines = LineBlocks::new(Unpacked::new(open(input, &name)?), CHUNK_BYTES);
            // What cannot be read, or is too long, is told when it is come to.
            if let Ok(Next::Block(beginning)) = lines.next() {
                check_likeness(&name, &beginning)?;
            }
        }
    }
    Ok(())
}

/// Reads inputs one after another into the ledger, and waits until all of it is durable and applied. The thread
/// that calls it reads; it tells the progress after each piece read, and now and then while nothing comes, and stops
/// there if told to.
///
/// # Errors
/// If an input cannot be opened or read to its end, or the ledger takes nothing more. What was read before the
/// error is durable when this returns, unless the ledger itself failed.
pub fn import(
    mut feed: Feed,
    inputs: &[Input],
    progress: &mut dyn FnMut(&ImportProgress<'_>) -> ControlFlow<()>,
) -> Result<Imported, ImportError> {
    let mut import = Import::into(&mut feed, inputs);
    let done = import.read_all(inputs, progress);
    let Import { lines, marked, .. } = import;
    let tally = feed.finish()?;
    let is_broken_off = done?.is_break();
    Ok(Imported { tally, lines, marked, is_broken_off })
}

/// Where the lines of files go.
trait Sink {
    /// The moment by which what is read now is judged.
    fn now(&self) -> Timestamp;

    /// What became of what is durable so far.
    fn tally(&self) -> Tally;

    /// Takes whole lines.
    fn take(&mut self, lines: Lines) -> Result<(), ImportError>;

    /// An empty buffer to read the next ones into.
    fn room(&self) -> Vec<u8>;
}

impl Sink for Feed {
    fn now(&self) -> Timestamp {
        Feed::now(self)
    }

    fn tally(&self) -> Tally {
        Feed::tally(self)
    }

    fn take(&mut self, lines: Lines) -> Result<(), ImportError> {
        Ok(self.push(Chunk::Lines(lines))?)
    }

    fn room(&self) -> Vec<u8> {
        self.buffers().take()
    }
}

struct Import<'a> {
    sink: &'a mut dyn Sink,
    /// Bytes of the inputs read before this one.
    read: u64,
    lines: u64,
    marked: Vec<String>,
    total: Option<u64>,
}

impl<'a> Import<'a> {
    fn into(sink: &'a mut dyn Sink, inputs: &[Input]) -> Import<'a> {
        Import { sink, read: 0, lines: 0, marked: Vec::new(), total: total_bytes(inputs) }
    }

    /// Reads inputs one after another, until it is told to stop.
    fn read_all(
        &mut self,
        inputs: &[Input],
        progress: &mut dyn FnMut(&ImportProgress<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ImportError> {
        for input in inputs {
            if self.read(input, progress)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn read(
        &mut self,
        input: &Input,
        progress: &mut dyn FnMut(&ImportProgress<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ImportError> {
        let name = input.name();
        let source = open(input, &name)?;
        let origin: Arc<str> = name.as_str().into();
        let mut blocks = LineBlocks::new(Unpacked::new(source.clone()), CHUNK_BYTES);
        loop {
            let before = blocks.lines();
            let next = match blocks.next() {
                Err(error) if lines::is_too_long(&error) => {
                    return Err(ImportError::LineTooLong { name, line: before + 1 });
                }
                next => next.and_then(|next| match next {
                    Next::Waiting => source.wait(WAIT).map(|()| Next::Waiting),
                    Next::Block(_) | Next::End => Ok(next),
                }),
            };
            match next.map_err(|cause| ImportError::Read { name: name.clone(), lines: before, cause })? {
                Next::Block(text) => {
                    if before == 0 {
                        check_likeness(&name, &text)?;
                        self.marked.extend(text.starts_with(BYTE_ORDER_MARK).then(|| name.clone()));
                    }
                    self.push(&origin, before, blocks.lines() - before, text)?;
                    blocks.read_into(self.sink.room());
                }
                Next::Waiting => {}
                Next::End => break,
            }
            let told = ImportProgress {
                name: &name,
                bytes: self.read + source.bytes_read(),
                bytes_total: self.total,
                lines: self.lines,
                tally: self.sink.tally(),
            };
            if progress(&told).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        self.read += source.bytes_read();
        Ok(ControlFlow::Continue(()))
    }

    fn push(&mut self, origin: &Arc<str>, before: u64, lines: u64, text: Vec<u8>) -> Result<(), ImportError> {
        self.lines += lines;
        let lines = Lines {
            name: Arc::clone(origin),
            first_line: before + 1,
            line_ends: lines as usize,
            text,
            arrived: self.sink.now(),
        };
        self.sink.take(lines)
    }
}

fn open(input: &Input, name: &str) -> Result<Source, ImportError> {
    Source::open(input).map_err(|cause| {
        let name = name.to_owned();
        if cause.kind() == io::ErrorKind::IsADirectory {
            ImportError::Folder { name }
        } else {
            ImportError::Open { name, cause }
        }
    })
}

fn check_likeness(name: &str, beginning: &[u8]) -> Result<(), ImportError> {
    match Likeness::of(beginning) {
        Some(likeness) => Err(ImportError::NoNdjson { name: name.to_owned(), likeness }),
        None => Ok(()),
    }
}

/// The bytes of all inputs together; `None` if one is no regular file, or cannot be asked.
fn total_bytes(inputs: &[Input]) -> Option<u64> {
    let bytes = inputs.iter().map(|input| match input {
        Input::File(path) => std::fs::metadata(path).ok().filter(|found| found.is_file()).map(|found| found.len()),
        Input::Stdin => None,
    });
    bytes.sum()
}
