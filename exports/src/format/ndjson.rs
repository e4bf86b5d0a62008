//! A JSON object a line: every column, those that are missing as null, money and rates as the API writes them.

use std::io::Write;

use super::BatchWriter;
use super::json::{write_cell, write_name};
use crate::batch::{Batch, CellReader};
use crate::column::Column;
use crate::error::ExportError;

/// Written at a time.
const BLOCK_BYTES: usize = 1 << 16;

pub(super) struct NdjsonWriter<'o> {
    columns: &'static [Column],
    block: Vec<u8>,
    out: &'o mut (dyn Write + Send),
}

impl<'o> NdjsonWriter<'o> {
    pub(super) fn begin(columns: &'static [Column], out: &'o mut (dyn Write + Send)) -> NdjsonWriter<'o> {
        NdjsonWriter { columns, block: Vec::new(), out }
    }
}

impl BatchWriter for NdjsonWriter<'_> {
    fn write(&mut self, batch: Batch) -> Result<(), ExportError> {
        let mut readers: Vec<CellReader<'_>> = batch.columns.iter().map(CellReader::new).collect();
        for _ in 0..batch.rows {
            let mut before = b'{';
            for (reader, column) in readers.iter_mut().zip(self.columns) {
                write_name(before, column.name, &mut self.block);
                before = b',';
                write_cell(reader.next_cell(), column.column_type, &mut self.block)?;
            }
            self.block.extend_from_slice(b"}\n");
            if self.block.len() >= BLOCK_BYTES {
                self.out.write_all(&self.block)?;
                self.block.clear();
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ExportError> {
        self.out.write_all(&self.block)?;
        Ok(self.out.flush()?)
    }
}
