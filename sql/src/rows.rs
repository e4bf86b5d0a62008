//! The rows of a table, made on a thread of their own while they are asked for.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::common::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::streaming::PartitionStream;
use exports::{Scan, Taker};
use tokio::sync::mpsc::Sender;

use crate::subject::Asked;

/// So many batches wait to be asked for. Most have some MiB; where every event has the MiB that it may have, 36.
const BATCHES_WAITING: usize = 2;

/// The rows of a scan.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) asked: Asked,
    /// None gives no rows.
    pub(crate) scan: Option<Scan>,
    pub(crate) schema: SchemaRef,
}

impl PartitionStream for Rows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut stream = RecordBatchReceiverStreamBuilder::new(self.schema.clone(), BATCHES_WAITING);
        let Some(scan) = self.scan.clone() else { return stream.build() };
        let (asked, sender) = (self.asked.clone(), stream.tx());
        stream.spawn_blocking(move || {
            let mut scanned = Ok(());
            asked.0.show(&mut |view, ledger| scanned = scan.run(view, ledger, &mut Sending(&sender)));
            scanned.map_err(|error| DataFusionError::External(error.into()))
        });
        stream.build()
    }
}

/// Sends rows to who asks for them.
struct Sending<'s>(&'s Sender<Result<RecordBatch, DataFusionError>>);

impl Taker for Sending<'_> {
    fn take(&mut self, rows: RecordBatch) -> ControlFlow<()> {
        // Who asks has enough, or has broken off.
        if self.0.blocking_send(Ok(rows)).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn is_wanted(&self) -> bool {
        !self.0.is_closed()
    }
}
