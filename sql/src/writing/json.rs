//! A JSON object a line: every column, those that are missing as null.

use arrow_array::RecordBatch;
use arrow_schema::Schema;

use super::cell::{write_json, write_json_text};
use super::{BLOCK_BYTES, Out};
use crate::error::SqlError;

pub(crate) struct JsonWriter<'o> {
    names: Vec<String>,
    block: Vec<u8>,
    out: Out<'o>,
}

impl<'o> JsonWriter<'o> {
    pub(super) fn begin(schema: &Schema, out: Out<'o>) -> JsonWriter<'o> {
        let names = schema.fields().iter().map(|field| field.name().clone()).collect();
        JsonWriter { names, block: Vec::new(), out }
    }

    pub(super) fn write(&mut self, rows: &RecordBatch) -> Result<(), SqlError> {
        for row in 0..rows.num_rows() {
            self.block.push(b'{');
            for (at, (name, column)) in self.names.iter().zip(rows.columns()).enumerate() {
                if at > 0 {
                    self.block.push(b',');
                }
                write_json_text(name, &mut self.block)?;
                self.block.push(b':');
                write_json(column, row, &mut self.block)?;
            }
            self.block.extend_from_slice(b"}\n");
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
