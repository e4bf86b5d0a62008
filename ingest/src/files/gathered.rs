//! The events of files as batches in memory, for a dry run: read as an import reads them, and sent nowhere.

use std::ops::ControlFlow;
use std::sync::Arc;

use ledger::Batch;
use schemas::{Dictionary, Timestamp};

use super::{Import, ImportError, ImportProgress, Input, Sink};
use crate::pipeline::Tally;
use crate::pipeline::buffers::Buffers;
use crate::pipeline::chunk::{Chunk, Lines};
use crate::pipeline::decoding::Decoder;

/// The most bytes of events that are held, encoded: some three million trades.
pub const GATHERED_BYTES_MAX: usize = 512 << 20;
/// What an event takes besides, at the most.
const EVENT_BYTES: usize = 64;

/// What files hold.
pub struct Gathered {
    /// Their events, in order.
    pub batches: Vec<Batch>,
    /// Lines read, blank ones included.
    pub lines: u64,
    /// The inputs that begin with a byte order mark, which makes their first line malformed (SPEC 1).
    pub marked: Vec<String>,
    /// Whether it was broken off by who watched the progress.
    pub is_broken_off: bool,
}

/// Reads inputs one after another into memory, as [`import`](super::import) reads them into a ledger. The dictionary is
/// that ledger's, and `now` the moment by which events are judged.
///
/// # Errors
/// If an input cannot be opened or read to its end, or they hold more than [`GATHERED_BYTES_MAX`].
pub fn gather(
    dictionary: Arc<Dictionary>,
    now: Timestamp,
    inputs: &[Input],
    progress: &mut dyn FnMut(&ImportProgress<'_>) -> ControlFlow<()>,
) -> Result<Gathered, ImportError> {
    let mut heap = Heap::new(dictionary, now, GATHERED_BYTES_MAX);
    let mut import = Import::into(&mut heap, inputs);
    let is_broken_off = import.read_all(inputs, progress)?.is_break();
    let Import { lines, marked, .. } = import;
    Ok(Gathered { batches: heap.batches, lines, marked, is_broken_off })
}

struct Heap {
    decoder: Decoder,
    /// Where the decoder gives back what it has read.
    buffers: Buffers,
    now: Timestamp,
    bytes_left: usize,
    batches: Vec<Batch>,
}

impl Heap {
    fn new(dictionary: Arc<Dictionary>, now: Timestamp, bytes_left: usize) -> Heap {
        let buffers = Buffers::default();
        Heap { decoder: Decoder::new(dictionary, buffers.clone()), buffers, now, bytes_left, batches: Vec::new() }
    }
}

impl Sink for Heap {
    fn now(&self) -> Timestamp {
        self.now
    }

    /// Nothing is durable, nor will be.
    fn tally(&self) -> Tally {
        Tally::default()
    }

    fn take(&mut self, lines: Lines) -> Result<(), ImportError> {
        let batch = self.decoder.decode(Chunk::Lines(lines));
        let bytes = batch.bytes() + batch.len() * EVENT_BYTES;
        self.bytes_left = self.bytes_left.checked_sub(bytes).ok_or(ImportError::TooMuch)?;
        if !batch.is_empty() {
            self.batches.push(batch);
        }
        Ok(())
    }

    fn room(&self) -> Vec<u8> {
        self.buffers.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_bounded() {
        let dictionary = Arc::new(Dictionary::default());
        let lines = |text: &[u8]| Lines {
            name: "file".into(),
            first_line: 1,
            line_ends: 1,
            text: text.to_vec(),
            arrived: Timestamp::EVENT_MIN,
        };
        let now = Timestamp::EVENT_MIN;
        let mut heap = Heap::new(dictionary, now, 1_000);
        heap.take(lines(b"\n")).expect("nothing");
        assert_eq!((heap.batches.len(), heap.bytes_left), (0, 1_000));
        heap.take(lines(b"{}\n")).expect("room for one");
        assert!(heap.batches.len() == 1 && heap.bytes_left < 1_000);
        let much = vec![b'x'; 1_000];
        assert!(matches!(heap.take(lines(&much)), Err(ImportError::TooMuch)));
    }
}
