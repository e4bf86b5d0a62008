//! Apache Parquet: money as `decimal(38, 8)`, rates as `decimal(7, 6)`, dates, UTC timestamps in microseconds, zstd,
//! the ledger position in the metadata.

mod chunk;
mod row_group;

use std::io::Write;
use std::sync::Arc;

use ledger::Position;
use parquet::basic::{
    Compression, ConvertedType, Encoding, LogicalType, Repetition, TimeUnit, Type as PhysicalType, ZstdLevel,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, Type};

use self::row_group::RowGroups;
use super::BatchWriter;
use crate::batch::Batch;
use crate::column::{Column, ColumnType};
use crate::error::ExportError;

/// The name of the ledger position in the metadata; the header of an HTTP answer is named so too.
pub const POSITION_KEY: &str = "Tributary-Position";
const MONEY_PRECISION: i32 = 38;
const MONEY_SCALE: i32 = 8;
/// An amount in units of 10^-8 as a big-endian two's complement.
const MONEY_BYTES: usize = 16;
const RATE_PRECISION: i32 = 7;
const RATE_SCALE: i32 = 6;

type Out<'o> = &'o mut (dyn Write + Send);

pub(super) struct ParquetWriter<'o> {
    file: SerializedFileWriter<Out<'o>>,
    groups: RowGroups,
}

impl<'o> ParquetWriter<'o> {
    pub(super) fn begin(
        title: &str,
        columns: &[Column],
        position: Position,
        out: Out<'o>,
    ) -> Result<ParquetWriter<'o>, ExportError> {
        let fields = columns.iter().map(|column| Ok(Arc::new(field(column)?)));
        let fields = fields.collect::<Result<Vec<_>, ParquetError>>()?;
        let schema = Type::group_type_builder(title).with_fields(fields).build()?;
        let file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties(columns, position)))?;
        let groups = RowGroups::begin(file.schema_descr(), file.properties())?;
        Ok(ParquetWriter { file, groups })
    }
}

impl BatchWriter for ParquetWriter<'_> {
    fn write(&mut self, batch: Batch) -> Result<(), ExportError> {
        self.groups.add(batch, &mut self.file)
    }

    fn finish(self: Box<Self>) -> Result<(), ExportError> {
        let ParquetWriter { mut file, groups } = *self;
        groups.finish(&mut file)?;
        file.close()?;
        Ok(())
    }
}

/// Each type of column in the encoding that suits it. Statistics are kept a row group, for who reads a part: of what one
/// reads a part by, which texts and amounts are not.
fn properties(columns: &[Column], position: Position) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by("tributary".to_owned())
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(vec![KeyValue::new(POSITION_KEY.to_owned(), position.to_string())]));
    for column in columns {
        let path = || ColumnPath::from(column.name);
        properties = match column.column_type {
            ColumnType::Int64 | ColumnType::Rate | ColumnType::Date | ColumnType::Bool => properties,
            ColumnType::Text => properties.set_column_statistics_enabled(path(), EnabledStatistics::None),
            ColumnType::Position | ColumnType::Timestamp => properties
                .set_column_dictionary_enabled(path(), false)
                .set_column_encoding(path(), Encoding::DELTA_BINARY_PACKED),
            ColumnType::Money | ColumnType::Name | ColumnType::Json | ColumnType::AssetAmount => properties
                .set_column_dictionary_enabled(path(), false)
                .set_column_statistics_enabled(path(), EnabledStatistics::None),
        };
    }
    properties.build()
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.column_type {
        ColumnType::Text | ColumnType::Name | ColumnType::Json | ColumnType::AssetAmount => {
            (PhysicalType::BYTE_ARRAY, Some(LogicalType::String))
        }
        ColumnType::Int64 | ColumnType::Position => (PhysicalType::INT64, None),
        ColumnType::Money => {
            (PhysicalType::FIXED_LEN_BYTE_ARRAY, Some(LogicalType::decimal(MONEY_SCALE, MONEY_PRECISION)))
        }
        ColumnType::Rate => (PhysicalType::INT32, Some(LogicalType::decimal(RATE_SCALE, RATE_PRECISION))),
        ColumnType::Timestamp => (PhysicalType::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
        ColumnType::Date => (PhysicalType::INT32, Some(LogicalType::Date)),
        ColumnType::Bool => (PhysicalType::BOOLEAN, None),
    };
    let repetition = if column.nullable { Repetition::OPTIONAL } else { Repetition::REQUIRED };
    let field =
        Type::primitive_type_builder(column.name, physical).with_logical_type(logical).with_repetition(repetition);
    match column.column_type {
        ColumnType::Money => field
            .with_converted_type(ConvertedType::DECIMAL)
            .with_length(MONEY_BYTES as i32)
            .with_precision(MONEY_PRECISION)
            .with_scale(MONEY_SCALE)
            .build(),
        ColumnType::Rate => field
            .with_converted_type(ConvertedType::DECIMAL)
            .with_precision(RATE_PRECISION)
            .with_scale(RATE_SCALE)
            .build(),
        ColumnType::Text
        | ColumnType::Name
        | ColumnType::Json
        | ColumnType::AssetAmount
        | ColumnType::Int64
        | ColumnType::Position
        | ColumnType::Timestamp
        | ColumnType::Date
        | ColumnType::Bool => field.build(),
    }
}
