//! Apache Parquet, as exports are packed: zstd, and the ledger position in the metadata.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use exports::POSITION_KEY;
use ledger::Position;
use parquet_of_sql::arrow::ArrowWriter;
use parquet_of_sql::basic::{Compression, ZstdLevel};
use parquet_of_sql::file::metadata::KeyValue;
use parquet_of_sql::file::properties::WriterProperties;

use super::Out;
use crate::error::SqlError;

/// A row group ends after so many bytes, as exports have it.
const GROUP_BYTES: usize = 64 << 20;

pub(crate) struct ParquetWriter<'o> {
    file: ArrowWriter<Out<'o>>,
}

impl<'o> ParquetWriter<'o> {
    pub(super) fn begin(schema: SchemaRef, position: Position, out: Out<'o>) -> Result<ParquetWriter<'o>, SqlError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by("tributary".to_owned())
            .set_key_value_metadata(Some(vec![KeyValue::new(POSITION_KEY.to_owned(), position.to_string())]))
            .build();
        Ok(ParquetWriter { file: ArrowWriter::try_new(out, schema, Some(properties))? })
    }

    pub(super) fn write(&mut self, rows: &RecordBatch) -> Result<(), SqlError> {
        self.file.write(rows)?;
        if self.file.in_progress_size() >= GROUP_BYTES {
            self.file.flush()?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<(), SqlError> {
        self.file.close()?;
        Ok(())
    }
}
