//! A cell in letters: money, rates and moments as the API writes them.

use std::io::Write;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, DecimalType,
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use schemas::{Day, Timestamp};

/// What was written of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Nothing: the cell is missing.
    Missing,
    /// A number, true or false.
    Plain,
    /// The digits of a decimal, which JSON has as a text.
    Digits,
    /// Any text.
    Text,
    /// A list or an object, as JSON.
    Json,
}

/// Appends a cell as it is: texts without quotes, lists and objects as JSON.
pub(super) fn show(column: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<Shown, ArrowError> {
    if column.is_null(row) {
        return Ok(Shown::Missing);
    }
    Ok(match column.data_type() {
        DataType::Null => Shown::Missing,
        DataType::Boolean => plain(column.as_boolean().value(row), out),
        DataType::Int8 => number::<Int8Type>(column, row, out),
        DataType::Int16 => number::<Int16Type>(column, row, out),
        DataType::Int32 => number::<Int32Type>(column, row, out),
        DataType::Int64 => number::<Int64Type>(column, row, out),
        DataType::UInt8 => number::<UInt8Type>(column, row, out),
        DataType::UInt16 => number::<UInt16Type>(column, row, out),
        DataType::UInt32 => number::<UInt32Type>(column, row, out),
        DataType::UInt64 => number::<UInt64Type>(column, row, out),
        DataType::Float32 => {
            let value = column.as_primitive::<Float32Type>().value(row);
            float(value.is_finite(), value, out)
        }
        DataType::Float64 => {
            let value = column.as_primitive::<Float64Type>().value(row);
            float(value.is_finite(), value, out)
        }
        DataType::Decimal32(digits, scale) => decimal::<Decimal32Type>(column, row, (*digits, *scale), out),
        DataType::Decimal64(digits, scale) => decimal::<Decimal64Type>(column, row, (*digits, *scale), out),
        DataType::Decimal128(digits, scale) => decimal::<Decimal128Type>(column, row, (*digits, *scale), out),
        DataType::Decimal256(digits, scale) => decimal::<Decimal256Type>(column, row, (*digits, *scale), out),
        DataType::Utf8 => text(column.as_string::<i32>().value(row), out),
        DataType::LargeUtf8 => text(column.as_string::<i64>().value(row), out),
        DataType::Utf8View => text(column.as_string_view().value(row), out),
        DataType::Date32 => text(&Day(column.as_primitive::<Date32Type>().value(row)).to_string(), out),
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if &**zone == "UTC" => {
            text(&Timestamp(column.as_primitive::<TimestampMicrosecondType>().value(row)).to_string(), out)
        }
        DataType::List(_) => list(&*column.as_list::<i32>().value(row), out)?,
        DataType::LargeList(_) => list(&*column.as_list::<i64>().value(row), out)?,
        DataType::FixedSizeList(..) => list(&*column.as_fixed_size_list().value(row), out)?,
        DataType::Struct(_) => object(column, row, out)?,
        _ => {
            let options = FormatOptions::default();
            text(&ArrayFormatter::try_new(column, &options)?.value(row).try_to_string()?, out)
        }
    })
}

/// Appends a cell as JSON.
pub(super) fn write_json(column: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<(), ArrowError> {
    let mut shown = Vec::new();
    match show(column, row, &mut shown)? {
        Shown::Missing => out.extend_from_slice(b"null"),
        Shown::Plain | Shown::Json => out.extend_from_slice(&shown),
        Shown::Digits => {
            out.push(b'"');
            out.extend_from_slice(&shown);
            out.push(b'"');
        }
        Shown::Text => write_json_text(&String::from_utf8_lossy(&shown), out)?,
    }
    Ok(())
}

/// Appends a text as JSON.
pub(super) fn write_json_text(text: &str, out: &mut Vec<u8>) -> Result<(), ArrowError> {
    serde_json::to_writer(out, text).map_err(|error| ArrowError::ExternalError(error.into()))
}

fn plain(value: impl std::fmt::Display, out: &mut Vec<u8>) -> Shown {
    // Writing into a Vec cannot fail.
    let _ = write!(out, "{value}");
    Shown::Plain
}

fn number<T: ArrowPrimitiveType>(column: &dyn Array, row: usize, out: &mut Vec<u8>) -> Shown
where
    T::Native: std::fmt::Display,
{
    plain(column.as_primitive::<T>().value(row), out)
}

/// JSON has no number for what is none, such as the root of −1.
fn float(is_finite: bool, value: impl std::fmt::Display, out: &mut Vec<u8>) -> Shown {
    if is_finite { plain(value, out) } else { text(&value.to_string(), out) }
}

fn text(text: &str, out: &mut Vec<u8>) -> Shown {
    out.extend_from_slice(text.as_bytes());
    Shown::Text
}

/// As it is written: no zeros at the end beyond the point.
fn decimal<T: DecimalType>(column: &dyn Array, row: usize, (digits, scale): (u8, i8), out: &mut Vec<u8>) -> Shown {
    let text = T::format_decimal(column.as_primitive::<T>().value(row), digits, scale);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    out.extend_from_slice(text.as_bytes());
    Shown::Digits
}

fn list(items: &dyn Array, out: &mut Vec<u8>) -> Result<Shown, ArrowError> {
    out.push(b'[');
    for at in 0..items.len() {
        if at > 0 {
            out.push(b',');
        }
        write_json(items, at, out)?;
    }
    out.push(b']');
    Ok(Shown::Json)
}

fn object(column: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<Shown, ArrowError> {
    let object = column.as_struct();
    out.push(b'{');
    for (at, (name, field)) in object.column_names().into_iter().zip(object.columns()).enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_json_text(name, out)?;
        out.push(b':');
        write_json(field, row, out)?;
    }
    out.push(b'}');
    Ok(Shown::Json)
}
