//! Comma-separated values (RFC 4180, with a line feed), in which no cell begins a formula.

use std::borrow::Cow;

use super::rows::{Rows, is_number};

/// The rows as CSV, with a header; nothing for an answer without a row.
pub(super) fn render(rows: &Rows) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    if !rows.columns.is_empty() {
        let _in_memory = writer.write_record(&rows.columns);
    }
    for row in 0..rows.rows.len() {
        let cells = (0..rows.columns.len()).map(|column| guarded(rows.cell(row, column)).into_owned());
        let _in_memory = writer.write_record(cells);
    }
    writer.into_inner().unwrap_or_default()
}

/// A cell as a sheet may see it: one that begins with `=`, `+`, `-` (numbers excepted), `@`, a tab or a return
/// would be taken for a formula, and gets a leading `'` (SPEC 6).
pub(super) fn guarded(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}
