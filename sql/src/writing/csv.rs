//! Comma-separated values as exports have them: RFC 4180 with a line feed, no cell that begins a formula, a missing cell
//! empty and an empty text `""`.

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use exports::{BYTE_ORDER_MARK, write_csv_text};

use super::cell::{Shown, show};
use super::{BLOCK_BYTES, Out};
use crate::error::SqlError;

pub(crate) struct CsvWriter<'o> {
    block: Vec<u8>,
    out: Out<'o>,
}

impl<'o> CsvWriter<'o> {
    /// Writes the header.
    pub(super) fn begin(schema: &Schema, bom: bool, out: Out<'o>) -> Result<CsvWriter<'o>, SqlError> {
        let mut block = if bom { BYTE_ORDER_MARK.to_vec() } else { Vec::new() };
        for (at, field) in schema.fields().iter().enumerate() {
            if at > 0 {
                block.push(b',');
            }
            write_csv_text(field.name().as_bytes(), &mut block);
        }
        block.push(b'\n');
        Ok(CsvWriter { block, out })
    }

    pub(super) fn write(&mut self, rows: &RecordBatch) -> Result<(), SqlError> {
        let mut shown = Vec::new();
        for row in 0..rows.num_rows() {
            for (at, column) in rows.columns().iter().enumerate() {
                if at > 0 {
                    self.block.push(b',');
                }
                shown.clear();
                match show(column, row, &mut shown)? {
                    Shown::Missing => {}
                    // Numbers are no formula, whatever their sign.
                    Shown::Plain | Shown::Digits => self.block.extend_from_slice(&shown),
                    Shown::Text | Shown::Json => write_csv_text(&shown, &mut self.block),
                }
            }
            self.block.push(b'\n');
            if self.block.len() >= BLOCK_BYTES {
                self.out.write_all(&self.block)?;
                self.block.clear();
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<(), SqlError> {
        self.out.write_all(&self.block)?;
        Ok(self.out.flush()?)
    }
}
