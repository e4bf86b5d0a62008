//! The formats: each writes the batches of any kind from its declared columns.

mod csv;
mod json;
mod ndjson;
mod parquet;

use std::io::Write;

use ledger::Position;

use crate::batch::Batch;
use crate::column::Column;
use crate::error::ExportError;

pub use self::csv::{BYTE_ORDER_MARK, write_text as write_csv_text};
pub use self::parquet::POSITION_KEY;

/// The format of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values under a header.
    #[default]
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// All formats.
    pub const ALL: &'static [Format] = &[Format::Csv, Format::Ndjson, Format::Parquet];
    /// Their names.
    pub const NAMES: &'static [&'static str] = &["csv", "ndjson", "parquet"];

    /// The format of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Format> {
        Format::ALL.iter().copied().find(|format| format.as_str() == name)
    }

    /// The format that a file's name says by its ending.
    #[must_use]
    pub fn of_file_name(name: &str) -> Option<Format> {
        let (_, ending) = name.rsplit_once('.')?;
        Format::parse(&ending.to_ascii_lowercase())
    }

    /// Its name, which is the ending of a file's name too.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
            Format::Parquet => "parquet",
        }
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8",
            Format::Ndjson => "application/x-ndjson",
            Format::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// Whether it can be read from its beginning, as a pipe is.
    #[must_use]
    pub fn is_stream(self) -> bool {
        match self {
            Format::Csv | Format::Ndjson => true,
            Format::Parquet => false,
        }
    }

    /// Begins a file of rows with these columns, as of a position of each ledger that they are of.
    pub(crate) fn begin<'o>(
        self,
        title: &'static str,
        columns: &'static [Column],
        positions: &[Position],
        out: &'o mut (dyn Write + Send),
    ) -> Result<Box<dyn BatchWriter + 'o>, ExportError> {
        Ok(match self {
            Format::Csv => Box::new(csv::CsvWriter::begin(columns, out)?),
            Format::Ndjson => Box::new(ndjson::NdjsonWriter::begin(columns, out)),
            Format::Parquet => Box::new(parquet::ParquetWriter::begin(title, columns, positions, out)?),
        })
    }
}

/// Writes batches.
pub(crate) trait BatchWriter {
    /// Writes the next rows.
    fn write(&mut self, batch: Batch) -> Result<(), ExportError>;
    /// Writes what comes after the last row.
    fn finish(self: Box<Self>) -> Result<(), ExportError>;
}

/// Writes a whole number.
pub(crate) fn write_number(number: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Writes a value as it is shown.
fn write_shown(value: &dyn std::fmt::Display, out: &mut Vec<u8>) {
    // Writing into a Vec cannot fail.
    let _ = write!(out, "{value}");
}
