//! Row groups while batches are added to them: the columns are dealt out to threads, each of which encodes its own.

use std::io::Write;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, available_parallelism};

use parquet::errors::ParquetError;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor};

use super::chunk::{Chunk, Encoded};
use crate::batch::{Batch, ColumnData};
use crate::error::ExportError;

/// A row group is full when it has so many rows,
const ROWS: usize = 131_072;
/// or its pages so many bytes.
const PAGE_BYTES: usize = 16 << 20;
/// More threads would wait for who makes the rows.
const LANES_MAX: usize = 4;
/// So many batches wait before a lane.
const JOBS_WAITING: usize = 2;

/// The row groups that are not in the file yet: one that grows, and one that ends meanwhile.
pub(super) struct RowGroups {
    lanes: Vec<SyncSender<Job>>,
    rows: usize,
    page_bytes: Arc<AtomicUsize>,
    ending: Option<Ending>,
}

/// What each lane has of a row group, when it is done.
type Ending = Vec<Receiver<Result<Vec<Encoded>, ParquetError>>>;

/// What a lane is told.
enum Job {
    /// The next cells of its columns.
    Add(Vec<ColumnData>),
    /// The row group ends: its columns are wanted; the pages of the next one are counted here.
    End(SyncSender<Result<Vec<Encoded>, ParquetError>>, Arc<AtomicUsize>),
}

impl RowGroups {
    pub(super) fn begin(schema: &SchemaDescriptor, properties: &WriterPropertiesPtr) -> Result<RowGroups, ExportError> {
        let lanes = available_parallelism().map_or(1, NonZero::get).min(LANES_MAX);
        let page_bytes = Arc::new(AtomicUsize::new(0));
        let lanes = (0..lanes).map(|lane| {
            let (sender, jobs) = sync_channel(JOBS_WAITING);
            let columns = schema.columns().iter().skip(lane).step_by(lanes).cloned().collect();
            let encoder = Encoder { columns, properties: properties.clone() };
            let page_bytes = page_bytes.clone();
            // It ends when nobody can tell it anything any more.
            Builder::new().name(format!("parquet-{lane}")).spawn(move || encoder.run(&jobs, &page_bytes))?;
            Ok(sender)
        });
        let lanes = lanes.collect::<Result<Vec<_>, std::io::Error>>()?;
        Ok(RowGroups { lanes, rows: 0, page_bytes, ending: None })
    }

    /// Adds rows, and puts what has ended into the file.
    pub(super) fn add<W: Write + Send>(
        &mut self,
        batch: Batch,
        file: &mut SerializedFileWriter<W>,
    ) -> Result<(), ExportError> {
        self.rows += batch.rows;
        let mut dealt: Vec<Vec<ColumnData>> = self.lanes.iter().map(|_| Vec::new()).collect();
        let lanes = dealt.len();
        for (at, column) in batch.columns.into_iter().enumerate() {
            dealt[at % lanes].push(column);
        }
        for (lane, columns) in self.lanes.iter().zip(dealt) {
            lane.send(Job::Add(columns)).map_err(|_| ExportError::Broken)?;
        }
        if self.rows >= ROWS || self.page_bytes.load(Ordering::Relaxed) >= PAGE_BYTES {
            // The lanes go on while one is written, and no more than one waits.
            self.put(file)?;
            self.end()?;
        }
        Ok(())
    }

    /// Puts all that is left into the file.
    pub(super) fn finish<W: Write + Send>(mut self, file: &mut SerializedFileWriter<W>) -> Result<(), ExportError> {
        self.put(file)?;
        if self.rows > 0 {
            self.end()?;
            self.put(file)?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), ExportError> {
        self.rows = 0;
        self.page_bytes = Arc::new(AtomicUsize::new(0));
        let ending = self.lanes.iter().map(|lane| {
            let (sender, encoded) = sync_channel(1);
            lane.send(Job::End(sender, self.page_bytes.clone())).map_err(|_| ExportError::Broken)?;
            Ok(encoded)
        });
        self.ending = Some(ending.collect::<Result<Ending, ExportError>>()?);
        Ok(())
    }

    fn put<W: Write + Send>(&mut self, file: &mut SerializedFileWriter<W>) -> Result<(), ExportError> {
        let Some(ending) = self.ending.take() else { return Ok(()) };
        let lanes = ending.into_iter().map(|encoded| Ok(encoded.recv().map_err(|_| ExportError::Broken)??.into_iter()));
        let mut lanes = lanes.collect::<Result<Vec<_>, ExportError>>()?;
        let mut group = file.next_row_group()?;
        // As they were dealt out.
        'columns: loop {
            for lane in &mut lanes {
                let Some((closed, pages)) = lane.next() else { break 'columns };
                group.append_column(&pages, closed)?;
            }
        }
        group.close()?;
        Ok(())
    }
}

/// A thread that encodes some of the columns.
struct Encoder {
    columns: Vec<ColumnDescPtr>,
    properties: WriterPropertiesPtr,
}

impl Encoder {
    fn run(&self, jobs: &Receiver<Job>, page_bytes: &Arc<AtomicUsize>) {
        let mut group = Ok(self.chunks(page_bytes));
        for job in jobs {
            match job {
                Job::Add(columns) => {
                    group = group.and_then(|mut chunks| {
                        for (chunk, column) in chunks.iter_mut().zip(columns) {
                            chunk.add(column)?;
                        }
                        Ok(chunks)
                    });
                }
                Job::End(encoded, page_bytes) => {
                    let ended = std::mem::replace(&mut group, Ok(self.chunks(&page_bytes)));
                    let ended = ended.and_then(|chunks| chunks.into_iter().map(Chunk::close).collect());
                    // Nobody waits for it where the export was broken off.
                    drop(encoded.send(ended));
                }
            }
        }
    }

    fn chunks(&self, page_bytes: &Arc<AtomicUsize>) -> Vec<Chunk> {
        self.columns.iter().map(|descriptor| Chunk::begin(descriptor, &self.properties, page_bytes)).collect()
    }
}
