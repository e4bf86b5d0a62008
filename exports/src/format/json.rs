//! A cell as JSON: money, rates and times as the API writes them.

use schemas::{Day, Rate, Threshold, Timestamp, Usd};

use super::{write_number, write_shown};
use crate::batch::{Cell, Items};
use crate::column::{Column, ColumnType};
use crate::error::ExportError;

pub(super) fn write_cell(cell: Cell<'_>, column_type: ColumnType, out: &mut Vec<u8>) -> Result<(), ExportError> {
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
        Cell::Threshold(Threshold::Count(count)) => write_number(count, out),
        Cell::Threshold(Threshold::Usd(amount)) => write_quoted(&amount, out),
        Cell::Rate(millionths) => write_quoted(&Rate(millionths.unsigned_abs()), out),
        Cell::Timestamp(micros) => write_quoted(&Timestamp(micros), out),
        Cell::Date(days) => write_quoted(&Day(days), out),
        Cell::Bool(value) => write_shown(&value, out),
        Cell::List(items) => {
            let fields = if let ColumnType::List(fields) = column_type { fields } else { &[] };
            write_list(items, fields, out)?;
        }
    }
    Ok(())
}

/// A list of objects with these fields.
pub(super) fn write_list(items: Items<'_>, fields: &[Column], out: &mut Vec<u8>) -> Result<(), ExportError> {
    out.push(b'[');
    for (at, item) in items.each().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        for (at, (cell, field)) in item.zip(fields).enumerate() {
            write_name(if at == 0 { b'{' } else { b',' }, field.name, out);
            write_cell(cell, field.column_type, out)?;
        }
        out.push(b'}');
    }
    out.push(b']');
    Ok(())
}

/// The name of a field, behind what stands before it. Names of ours need no escape.
pub(super) fn write_name(before: u8, name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(&[before, b'"']);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// A value of ours as a JSON text: none needs an escape.
fn write_quoted(value: &dyn std::fmt::Display, out: &mut Vec<u8>) {
    out.push(b'"');
    write_shown(value, out);
    out.push(b'"');
}
