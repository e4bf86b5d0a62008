//! Where the rows of a kind go: into a table that is handed on, a batch at a time.

use crate::batch::{Batch, ColumnData};
use crate::column::Column;
use crate::error::ExportError;

/// A batch has at most so many rows: few enough that it is still in the cache when it is written.
const BATCH_ROWS_MAX: usize = 4_096;
/// A batch is closed when its texts have so many bytes.
const BATCH_TEXT_BYTES: usize = 4 << 20;
/// After how many rows it is looked how many bytes the texts have. An event has at most a MiB.
const ROWS_BETWEEN_LOOKS: usize = 32;

/// The columns of a kind, while they are filled.
pub(crate) trait Table: Default {
    /// What the rows are, in Parquet's schema.
    const TITLE: &'static str;
    /// The columns in their order.
    const COLUMNS: &'static [Column];
    /// Gives up what is held, as so many rows.
    fn take(&mut self, rows: usize) -> Vec<ColumnData>;
    /// Bytes of texts held.
    fn text_bytes(&self) -> usize;
}

/// Takes batches; what is done is told beside.
pub(crate) trait Outlet {
    /// Hands a batch on.
    fn send(&mut self, batch: Batch) -> Result<(), ExportError>;
    /// Says that so much of the way is gone; an error where it is to go no further.
    fn progress(&mut self, done: u64) -> Result<(), ExportError>;
}

/// Gathers rows.
pub(crate) struct Sink<'o, T: Table> {
    table: T,
    rows: usize,
    outlet: &'o mut dyn Outlet,
}

impl<'o, T: Table> Sink<'o, T> {
    pub(crate) fn new(outlet: &'o mut dyn Outlet) -> Sink<'o, T> {
        Sink { table: T::default(), rows: 0, outlet }
    }

    /// Adds a row, which `fill` puts into the table at the place it is given.
    pub(crate) fn row(&mut self, fill: impl FnOnce(&mut T, usize)) -> Result<(), ExportError> {
        fill(&mut self.table, self.rows);
        self.rows += 1;
        let is_full = self.rows == BATCH_ROWS_MAX
            || (self.rows.is_multiple_of(ROWS_BETWEEN_LOOKS) && self.table.text_bytes() >= BATCH_TEXT_BYTES);
        if is_full { self.flush() } else { Ok(()) }
    }

    /// Says how far it is.
    pub(crate) fn progress(&mut self, done: u64) -> Result<(), ExportError> {
        self.outlet.progress(done)
    }

    /// Hands on the rows that are left.
    pub(crate) fn finish(mut self) -> Result<(), ExportError> {
        if mutants::mutant!("export-leaves-out-its-last-rows") {
            return Ok(());
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<(), ExportError> {
        if self.rows == 0 {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.rows);
        self.outlet.send(Batch { rows, columns: self.table.take(rows) })
    }
}
