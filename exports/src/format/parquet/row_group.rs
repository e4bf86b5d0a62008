//! Row groups while batches are added to them: the columns are dealt out to threads, each of which encodes its own.

use std::io::Write;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::thread::{Builder, available_parallelism};
use std::vec::IntoIter;

use parquet::errors::ParquetError;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor};

use super::chunk::{Chunk, Encoded};
use super::leaves::{Leaf, leaves};
use crate::batch::Batch;
use crate::error::ExportError;

/// To make the rows takes one thread about as long as it takes one to encode them: more would wait for it.
const LANES_MAX: usize = 4;
/// So many batches wait before a lane.
const JOBS_WAITING: usize = 2;

/// When a row group is full, and between how many threads its columns are dealt out. The rows alone decide where a
/// group ends, so that the same rows give the same file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dealing {
    pub(super) lanes: usize,
    pub(super) rows: usize,
    /// Bytes of texts before they are encoded: what makes rows large.
    pub(super) text_bytes: usize,
}

impl Default for Dealing {
    fn default() -> Self {
        let lanes = available_parallelism().map_or(1, NonZero::get).min(LANES_MAX);
        Dealing { lanes, rows: 131_072, text_bytes: 64 << 20 }
    }
}

/// The row groups that are not in the file yet: one that grows, and one that ends meanwhile.
pub(super) struct RowGroups {
    dealing: Dealing,
    lanes: Vec<SyncSender<Job>>,
    rows: usize,
    text_bytes: usize,
    ending: Option<Ending>,
}

/// What a lane is told.
enum Job {
    /// The next cells of its columns.
    Add(Vec<Leaf>),
    /// The row group ends: its columns are wanted, with the number of the lane.
    End(Sender<(usize, LaneColumns)>),
}

/// A lane's columns of a row group.
type LaneColumns = Result<Vec<Encoded>, ParquetError>;

impl RowGroups {
    pub(super) fn begin(
        dealing: Dealing,
        schema: &SchemaDescriptor,
        properties: &WriterPropertiesPtr,
    ) -> Result<RowGroups, ExportError> {
        let lanes = (0..dealing.lanes).map(|number| {
            let (sender, jobs) = sync_channel(JOBS_WAITING);
            let columns = schema.columns().iter().skip(number).step_by(dealing.lanes).cloned().collect();
            let lane = Lane { number, columns, properties: properties.clone() };
            // It ends when nobody can tell it anything any more.
            Builder::new().name(format!("parquet-{number}")).spawn(move || lane.run(&jobs))?;
            Ok(sender)
        });
        let lanes = lanes.collect::<Result<Vec<_>, std::io::Error>>()?;
        Ok(RowGroups { dealing, lanes, rows: 0, text_bytes: 0, ending: None })
    }

    /// Adds rows, and puts what has ended into the file.
    pub(super) fn add<W: Write + Send>(
        &mut self,
        batch: Batch,
        file: &mut SerializedFileWriter<W>,
    ) -> Result<(), ExportError> {
        self.rows += batch.rows;
        self.text_bytes += batch.text_bytes();
        let mut dealt: Vec<Vec<Leaf>> = self.lanes.iter().map(|_| Vec::new()).collect();
        let lanes = dealt.len();
        for (at, column) in leaves(batch).into_iter().enumerate() {
            dealt[at % lanes].push(column);
        }
        for (lane, columns) in self.lanes.iter().zip(dealt) {
            lane.send(Job::Add(columns)).map_err(|_| ExportError::Broken)?;
        }
        let is_full = self.rows >= self.dealing.rows || self.text_bytes >= self.dealing.text_bytes;
        // No more than one group ends while the next one grows.
        self.put(file, is_full)?;
        if is_full { self.end() } else { Ok(()) }
    }

    /// Puts all that is left into the file.
    pub(super) fn finish<W: Write + Send>(mut self, file: &mut SerializedFileWriter<W>) -> Result<(), ExportError> {
        self.put(file, true)?;
        if self.rows > 0 {
            self.end()?;
            self.put(file, true)?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), ExportError> {
        (self.rows, self.text_bytes) = (0, 0);
        let (sender, coming) = channel();
        for lane in &self.lanes {
            lane.send(Job::End(sender.clone())).map_err(|_| ExportError::Broken)?;
        }
        self.ending = Some(Ending { coming, there: self.lanes.iter().map(|_| None).collect() });
        Ok(())
    }

    /// Puts the group that ends into the file: if it is there, or else where it is waited for.
    fn put<W: Write + Send>(&mut self, file: &mut SerializedFileWriter<W>, waits: bool) -> Result<(), ExportError> {
        let Some(mut ending) = self.ending.take() else { return Ok(()) };
        if !ending.gather(waits)? {
            self.ending = Some(ending);
            return Ok(());
        }
        let mut lanes: Vec<_> = ending.there.into_iter().flatten().collect();
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

/// A row group whose columns the lanes finish.
struct Ending {
    coming: Receiver<(usize, LaneColumns)>,
    /// By lane.
    there: Vec<Option<IntoIter<Encoded>>>,
}

impl Ending {
    /// Takes what lanes have finished, or waits for all of it. Says whether all is there.
    fn gather(&mut self, waits: bool) -> Result<bool, ExportError> {
        while self.there.iter().any(Option::is_none) {
            let next =
                if waits { self.coming.recv().map_err(|_| TryRecvError::Disconnected) } else { self.coming.try_recv() };
            match next {
                Ok((lane, columns)) => self.there[lane] = Some(columns?.into_iter()),
                Err(TryRecvError::Empty) => return Ok(false),
                Err(TryRecvError::Disconnected) => return Err(ExportError::Broken),
            }
        }
        Ok(true)
    }
}

/// A thread that encodes some of the columns.
struct Lane {
    number: usize,
    columns: Vec<ColumnDescPtr>,
    properties: WriterPropertiesPtr,
}

impl Lane {
    fn run(&self, jobs: &Receiver<Job>) {
        let mut group = Ok(self.chunks());
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
                Job::End(encoded) => {
                    let ended = std::mem::replace(&mut group, Ok(self.chunks()));
                    let ended = ended.and_then(|chunks| chunks.into_iter().map(Chunk::close).collect());
                    // Nobody waits for it where the export was broken off.
                    drop(encoded.send((self.number, ended)));
                }
            }
        }
    }

    fn chunks(&self) -> Vec<Chunk> {
        self.columns.iter().map(|descriptor| Chunk::begin(descriptor, &self.properties)).collect()
    }
}
