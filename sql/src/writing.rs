//! An answer written as it comes.

mod cell;
mod csv;
mod json;
mod parquet;

use std::io::Write;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use ledger::Position;
use parquet_of_sql::errors::ParquetError;

use self::csv::CsvWriter;
use self::json::JsonWriter;
use self::parquet::ParquetWriter;
use crate::error::SqlError;

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Comma-separated values under a header, behind a byte order mark where one is wanted.
    Csv {
        /// Whether one is.
        bom: bool,
    },
    /// A JSON object a line.
    Json,
    /// Apache Parquet, with the ledger position of what was asked.
    Parquet {
        /// The position.
        position: Position,
    },
}

/// Written at a time.
const BLOCK_BYTES: usize = 1 << 16;

pub(crate) type Out<'o> = &'o mut (dyn Write + Send);

/// Writes the rows of an answer.
pub(crate) enum Writer<'o> {
    Csv(CsvWriter<'o>),
    Json(JsonWriter<'o>),
    Parquet(Box<ParquetWriter<'o>>),
}

impl<'o> Writer<'o> {
    /// Begins an answer with these columns.
    pub(crate) fn begin(form: Form, schema: SchemaRef, out: Out<'o>) -> Result<Writer<'o>, SqlError> {
        Ok(match form {
            Form::Csv { bom } => Writer::Csv(CsvWriter::begin(&schema, bom, out)?),
            Form::Json => Writer::Json(JsonWriter::begin(&schema, out)),
            Form::Parquet { position } => Writer::Parquet(Box::new(ParquetWriter::begin(schema, position, out)?)),
        })
    }

    /// Writes the next rows.
    pub(crate) fn write(&mut self, rows: &RecordBatch) -> Result<(), SqlError> {
        match self {
            Writer::Csv(writer) => writer.write(rows),
            Writer::Json(writer) => writer.write(rows),
            Writer::Parquet(writer) => writer.write(rows),
        }
    }

    /// Writes what comes after the last row.
    pub(crate) fn finish(self) -> Result<(), SqlError> {
        match self {
            Writer::Csv(writer) => writer.finish(),
            Writer::Json(writer) => writer.finish(),
            Writer::Parquet(writer) => writer.finish(),
        }
    }
}

/// A type of column that has no place in a form.
impl From<ArrowError> for SqlError {
    fn from(error: ArrowError) -> SqlError {
        SqlError::Failed(error.to_string())
    }
}

impl From<ParquetError> for SqlError {
    fn from(error: ParquetError) -> SqlError {
        match error {
            ParquetError::External(cause) => match cause.downcast::<std::io::Error>() {
                Ok(cause) => SqlError::Write { cause: *cause },
                Err(cause) => SqlError::Failed(format!("can't write Parquet: {cause}")),
            },
            other => SqlError::Failed(format!("can't write Parquet: {other}")),
        }
    }
}
