//! Rows of a kind, given as Arrow's record batches to who asks SQL of them.

use std::ops::ControlFlow;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use ledger::{LedgerReader, Position};
use projections::View;

use crate::batch::Batch;
use crate::error::ExportError;
use crate::filter::Filter;
use crate::kind::{Kind, Source};
use crate::record_batch::{record_batch, schema};
use crate::sink::Outlet;

/// Which rows and columns of a kind are wanted.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Of what.
    pub kind: Kind,
    /// Which rows.
    pub filter: Filter,
    /// None after this position, where the kind has positions.
    pub upto: Option<Position>,
    /// Which columns, by their numbers in [`Kind::columns`], in which order.
    pub columns: Vec<usize>,
}

/// Takes what is scanned.
pub trait Taker {
    /// Takes rows, in their order, and says whether more are wanted.
    fn take(&mut self, rows: RecordBatch) -> ControlFlow<()>;
    /// Says between rows whether any are still wanted.
    fn is_wanted(&self) -> bool;
}

impl Scan {
    /// All columns of a kind as Arrow declares them: types as in Parquet.
    #[must_use]
    pub fn schema_of(kind: Kind) -> SchemaRef {
        schema(kind.columns())
    }

    /// The columns that are wanted.
    ///
    /// # Errors
    /// If there is no such column.
    pub fn schema(&self) -> Result<SchemaRef, ArrowError> {
        Ok(schema(self.kind.columns()).project(&self.columns)?.into())
    }

    /// Gives the rows of a view's state, at bounded memory; `ledger` is the ledger that the state is of.
    ///
    /// # Errors
    /// If the ledger cannot be read. That nothing more is wanted is none.
    pub fn run(&self, view: &View<'_>, ledger: &LedgerReader, taker: &mut dyn Taker) -> Result<(), ExportError> {
        let last = view.state.position().min(self.upto.unwrap_or(Position::MAX));
        let wanted = self.kind.columns().iter().enumerate().filter(|(at, _)| self.columns.contains(at));
        let wanted: Vec<&'static str> = wanted.map(|(_, column)| column.name).collect();
        let source = Source { view, ledger, filter: &self.filter, last, wanted: Some(&wanted) };
        let schema = self.schema().map_err(unlike)?;
        match self.kind.give(&source, &mut Giving { columns: &self.columns, schema, taker }) {
            Err(ExportError::Interrupted) => Ok(()),
            given @ (Ok(()) | Err(_)) => given,
        }
    }
}

/// Makes record batches of batches, and hands them on.
struct Giving<'s> {
    columns: &'s [usize],
    schema: SchemaRef,
    taker: &'s mut dyn Taker,
}

impl Outlet for Giving<'_> {
    fn send(&mut self, batch: Batch) -> Result<(), ExportError> {
        let rows = record_batch(batch, self.columns, &self.schema).map_err(unlike)?;
        match self.taker.take(rows) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ExportError::Interrupted),
        }
    }

    fn progress(&mut self, _done: u64) -> Result<(), ExportError> {
        if self.taker.is_wanted() { Ok(()) } else { Err(ExportError::Interrupted) }
    }
}

/// What is declared and what is given are not alike, which is a fault of the program.
fn unlike(error: ArrowError) -> ExportError {
    std::io::Error::other(error).into()
}
