//! Comma-separated values as exports have them: RFC 4180 with a line feed, no cell that begins a formula, a missing
//! cell empty and an empty text `""`.

use exports::write_csv_text;

use super::columns::{Columns, UnknownColumn};
use super::rows::{Rows, is_number};

/// The rows as CSV, with a header; nothing for an answer without a row.
pub(super) fn render(rows: &Rows, columns: &Columns, kind: &str) -> Result<Vec<u8>, UnknownColumn> {
    let mut out = Vec::new();
    if rows.columns.is_empty() {
        return Ok(out);
    }
    let columns = columns.of(rows, kind)?;
    write_record(columns.iter().map(|column| Some(column.name.as_str())), &mut out);
    for row in 0..rows.rows.len() {
        write_record(columns.iter().map(|column| rows.text(row, column.at?)), &mut out);
    }
    Ok(out)
}

fn write_record<'c>(cells: impl Iterator<Item = Option<&'c str>>, out: &mut Vec<u8>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        match cell {
            None => {}
            // An answer does not say which of its texts are amounts: what is a number is one.
            Some(number) if is_number(number) => out.extend_from_slice(number.as_bytes()),
            Some(text) => write_csv_text(text.as_bytes(), out),
        }
    }
    out.push(b'\n');
}
