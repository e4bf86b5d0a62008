//! An export written: one thread makes the batches, another writes them, and a few wait between them.

use std::io::Write;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Builder;

use ledger::{LedgerReader, Position};
use projections::View;

use crate::batch::Batch;
use crate::error::ExportError;
use crate::filter::Filter;
use crate::format::{BYTE_ORDER_MARK, BatchWriter, Format};
use crate::kind::{Kind, Source};
use crate::sink::Outlet;

/// So many batches wait to be written. Most have some MiB; where every event has the MiB that it may have, 36.
const BATCHES_WAITING: usize = 4;

/// What is exported, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Export {
    /// What.
    pub kind: Kind,
    /// In which format.
    pub format: Format,
    /// Which rows.
    pub filter: Filter,
    /// Whether CSV begins with a byte order mark, for spreadsheets.
    pub csv_bom: bool,
}

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is done of the way: entries read, or referrers.
    pub done: u64,
    /// The whole way.
    pub way: u64,
    /// Rows made.
    pub rows: u64,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
    /// The ledger position that they reflect, after which the next export goes on.
    pub position: Position,
}

impl Export {
    /// Writes the rows of a view's state; `ledger` is the ledger that the state is of. `progress` is told now and
    /// then how far it is, and may break it off.
    ///
    /// # Errors
    /// If the ledger cannot be read, what is written is not taken, or it was broken off. What was written until then
    /// is no export.
    pub fn write(
        &self,
        view: &View<'_>,
        ledger: &LedgerReader,
        out: &mut (dyn Write + Send),
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Written, ExportError> {
        let position = view.state.position();
        let source = Source { view, ledger, filter: &self.filter, last: position, wanted: None };
        let way = source.way(self.kind);
        let mut out = Counting { out, bytes: 0 };
        let rows = std::thread::scope(|scope| {
            let (batches, waiting) = sync_channel(BATCHES_WAITING);
            let counting = &mut out;
            let writer = Builder::new()
                .name("export-writer".to_owned())
                .spawn_scoped(scope, move || self.write_batches(position, &waiting, counting))?;
            let mut outlet = Queue { batches, progress, way, rows: 0 };
            let given = self.kind.give(&source, &mut outlet);
            let rows = outlet.rows;
            // The writer ends the file only where all batches came.
            let ended = given.as_ref().map_err(drop).and_then(|()| outlet.batches.send(None).map_err(drop));
            drop(outlet);
            let written = writer.join().map_err(|_| ExportError::Broken)?;
            match (given, written, ended) {
                (Err(ExportError::WriterGone) | Ok(()), Err(error), _) | (Err(error), _, _) => Err(error),
                (Ok(()), Ok(()), Ok(())) => Ok(rows),
                (Ok(()), Ok(()), Err(())) => Err(ExportError::WriterGone),
            }
        })?;
        Ok(Written { rows, bytes: out.bytes, position })
    }

    /// Writes the batches that come, up to the end that is said.
    fn write_batches(
        &self,
        position: Position,
        waiting: &Receiver<Option<Batch>>,
        out: &mut (dyn Write + Send),
    ) -> Result<(), ExportError> {
        if self.csv_bom && self.format == Format::Csv {
            out.write_all(BYTE_ORDER_MARK)?;
        }
        let mut writer = self.format.begin(self.kind.title(), self.kind.columns(), &[position], out)?;
        for batch in waiting {
            match batch {
                Some(batch) => writer.write(batch)?,
                None => return writer.finish(),
            }
        }
        // Who made the batches says why there are no more.
        Ok(())
    }
}

/// Hands batches to the thread that writes.
struct Queue<'p> {
    batches: SyncSender<Option<Batch>>,
    progress: &'p mut dyn FnMut(Progress) -> ControlFlow<()>,
    way: u64,
    rows: u64,
}

impl Outlet for Queue<'_> {
    fn send(&mut self, batch: Batch) -> Result<(), ExportError> {
        self.rows += batch.rows as u64;
        self.batches.send(Some(batch)).map_err(|_| ExportError::WriterGone)
    }

    fn progress(&mut self, done: u64) -> Result<(), ExportError> {
        match (self.progress)(Progress { done, way: self.way, rows: self.rows }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ExportError::Interrupted),
        }
    }
}

/// Writes batches where they are made.
pub(crate) struct DirectOutlet<'o> {
    writer: Box<dyn BatchWriter + 'o>,
}

impl<'o> DirectOutlet<'o> {
    pub(crate) fn begin(writer: Box<dyn BatchWriter + 'o>) -> DirectOutlet<'o> {
        DirectOutlet { writer }
    }

    pub(crate) fn finish(self) -> Result<(), ExportError> {
        self.writer.finish()
    }
}

impl Outlet for DirectOutlet<'_> {
    fn send(&mut self, batch: Batch) -> Result<(), ExportError> {
        self.writer.write(batch)
    }

    fn progress(&mut self, _done: u64) -> Result<(), ExportError> {
        Ok(())
    }
}

/// Counts what is written.
struct Counting<'o> {
    out: &'o mut (dyn Write + Send),
    bytes: u64,
}

impl Write for Counting<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let taken = self.out.write(bytes)?;
        self.bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
