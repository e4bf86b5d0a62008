//! Comma-separated values: RFC 4180, with a line feed. A cell that is missing is empty; an empty text is `""`.
//!
//! A text that a sheet would take for a formula gets a leading `'`: one that begins with `=`, `+`, `-`, `@`, tab or
//! return (SPEC 6), or with a null character (OWASP ASVS 5.0, 1.2.10). Numbers are none, whatever their sign.

use std::io::Write;

use schemas::{Day, Rate, Timestamp, Usd};

use super::{BatchWriter, write_number, write_shown};
use crate::batch::{Batch, Cell, CellReader};
use crate::column::{Column, ColumnType};
use crate::error::ExportError;

/// The mark that tells a spreadsheet that a text is in UTF-8. Programs take it for a part of the first column's name, so
/// it is written where it is asked for only.
pub const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Written at a time.
const BLOCK_BYTES: usize = 1 << 16;

pub(super) struct CsvWriter<'o> {
    columns: &'static [Column],
    block: Vec<u8>,
    out: &'o mut (dyn Write + Send),
}

impl<'o> CsvWriter<'o> {
    /// Writes the header.
    pub(super) fn begin(
        columns: &'static [Column],
        out: &'o mut (dyn Write + Send),
    ) -> Result<CsvWriter<'o>, ExportError> {
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let mut block = names.join(",").into_bytes();
        block.push(b'\n');
        Ok(CsvWriter { columns, block, out })
    }
}

impl BatchWriter for CsvWriter<'_> {
    fn write(&mut self, batch: Batch) -> Result<(), ExportError> {
        let mut readers: Vec<CellReader<'_>> = batch.columns.iter().map(CellReader::new).collect();
        for _ in 0..batch.rows {
            for (at, (reader, column)) in readers.iter_mut().zip(self.columns).enumerate() {
                if at > 0 {
                    self.block.push(b',');
                }
                write_cell(reader.next_cell(), column.column_type, &mut self.block)?;
            }
            self.block.push(b'\n');
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
        Cell::Missing => {}
        // Its digits are a number.
        Cell::Text(text) if column_type == ColumnType::AssetAmount => out.extend_from_slice(text),
        Cell::Text(text) => write_text(text, out),
        Cell::Int64(number) => write_number(number, out),
        Cell::Money(units) => out.extend_from_slice(Usd(units).text().as_bytes()),
        Cell::Rate(millionths) => out.extend_from_slice(Rate(millionths.unsigned_abs()).text().as_bytes()),
        Cell::Timestamp(micros) => write_shown(&Timestamp(micros), out),
        Cell::Date(days) => write_shown(&Day(days), out),
        Cell::Bool(value) => write_shown(&value, out),
        // A cell holds one text.
        Cell::Threshold(_) | Cell::List(_) => {
            let mut json = Vec::new();
            super::json::write_cell(cell, column_type, &mut json)?;
            write_text(&json, out);
        }
    }
    Ok(())
}

/// Writes a text as a cell: no formula, in quotes where it needs them. All CSV that this program writes has its texts
/// from here.
pub fn write_text(text: &[u8], out: &mut Vec<u8>) {
    let begins_formula = matches!(text.first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | 0));
    let needs_quotes = text.is_empty() || text.iter().any(|byte| matches!(byte, b'"' | b',' | b'\n' | b'\r'));
    if needs_quotes {
        out.push(b'"');
    }
    if begins_formula {
        out.push(b'\'');
    }
    if needs_quotes {
        for byte in text {
            if *byte == b'"' {
                out.push(b'"');
            }
            out.push(*byte);
        }
        out.push(b'"');
    } else {
        out.extend_from_slice(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cell_begins_no_formula_and_keeps_every_character() {
        for (text, written) in [
            ("plain", "plain"),
            ("", "\"\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\r=1", "\"'\r=1\""),
            ("\0=1", "'\0=1"),
            ("=1,2", "\"'=1,2\""),
            ("a\"b", "\"a\"\"b\""),
            ("two\nlines", "\"two\nlines\""),
            (" =1", " =1"),
            ("'=1", "'=1"),
            ("\u{202e}evil", "\u{202e}evil"),
            ("😀", "😀"),
        ] {
            let mut out = Vec::new();
            write_cell(Cell::Text(text.as_bytes()), ColumnType::Text, &mut out).expect("written");
            assert_eq!(String::from_utf8_lossy(&out), written, "{text:?}");
        }
    }

    #[test]
    fn a_number_keeps_its_sign() {
        for (cell, column_type, written) in [
            (Cell::Money(-150_000_000), ColumnType::Money, "-1.5"),
            (Cell::Text(b"-0.0025"), ColumnType::AssetAmount, "-0.0025"),
            (Cell::Rate(250_000), ColumnType::Rate, "0.25"),
            (Cell::Missing, ColumnType::Money, ""),
        ] {
            let mut out = Vec::new();
            write_cell(cell, column_type, &mut out).expect("written");
            assert_eq!(String::from_utf8_lossy(&out), written);
        }
    }
}
