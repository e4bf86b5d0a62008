//! A JSON object a line: every column, those that are missing as null, money and rates as the API writes them.

use std::io::Write;

use schemas::{Day, Rate, Timestamp, Usd};

use super::{BatchWriter, write_number, write_shown};
use crate::batch::{Batch, Cell, CellReader};
use crate::column::{Column, ColumnType};
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
                self.block.push(before);
                before = b',';
                // Names of ours need no escape.
                self.block.push(b'"');
                self.block.extend_from_slice(column.name.as_bytes());
                self.block.extend_from_slice(b"\":");
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

fn write_cell(cell: Cell<'_>, column_type: ColumnType, out: &mut Vec<u8>) -> Result<(), ExportError> {
    match cell {
        Cell::Missing => out.extend_from_slice(b"null"),
        Cell::Text(json) if column_type == ColumnType::Json => out.extend_from_slice(json),
        Cell::Text(text) => {
            // What is put in is UTF-8.
            let text = String::from_utf8_lossy(text);
            serde_json::to_writer(out, &*text).map_err(std::io::Error::from)?;
        }
        Cell::Int64(number) => write_number(number, out),
        Cell::Money(units) => write_quoted(&Usd(units), out),
        Cell::Rate(millionths) => write_quoted(&Rate(millionths.unsigned_abs()), out),
        Cell::Timestamp(micros) => write_quoted(&Timestamp(micros), out),
        Cell::Date(days) => write_quoted(&Day(days), out),
        Cell::Bool(value) => write_shown(&value, out),
    }
    Ok(())
}

/// A value of ours as a JSON text: none needs an escape.
fn write_quoted(value: &dyn std::fmt::Display, out: &mut Vec<u8>) {
    out.push(b'"');
    write_shown(value, out);
    out.push(b'"');
}
