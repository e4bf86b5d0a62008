//! What a file of Parquet says of its columns: their types, and how each is encoded.

use std::sync::Arc;

use ledger::Position;
use parquet::basic::{
    Compression, ConvertedType, Encoding, LogicalType, Repetition, TimeUnit, Type as PhysicalType, ZstdLevel,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::{ColumnPath, Type, TypePtr};

use super::{MONEY_BYTES, POSITION_KEY};
use crate::column::{Column, ColumnType};

const MONEY_PRECISION: i32 = 38;
const MONEY_SCALE: i32 = 8;
const RATE_PRECISION: i32 = 7;
const RATE_SCALE: i32 = 6;
/// The names that the format gives to the two steps from a list to what it holds.
const LIST: &str = "list";
const ELEMENT: &str = "element";

pub(super) fn schema(title: &str, columns: &[Column]) -> Result<Type, ParquetError> {
    Type::group_type_builder(title).with_fields(fields(columns)?).build()
}

fn fields(columns: &[Column]) -> Result<Vec<TypePtr>, ParquetError> {
    columns.iter().map(|column| Ok(Arc::new(field(column)?))).collect()
}

/// Each type of column in the encoding that suits it. Statistics are kept a row group, for who reads a part: of what one
/// reads a part by, which texts and amounts are not.
pub(super) fn properties(columns: &[Column], positions: &[Position]) -> WriterProperties {
    let positions = positions.iter().map(Position::to_string).collect::<Vec<_>>().join(",");
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by("tributary".to_owned())
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(vec![KeyValue::new(POSITION_KEY.to_owned(), positions)]));
    with_encodings(properties, &[], columns).build()
}

/// The same with the encodings of columns that stand below these names.
fn with_encodings(
    mut properties: WriterPropertiesBuilder,
    above: &[&str],
    columns: &[Column],
) -> WriterPropertiesBuilder {
    for column in columns {
        let names = [above, &[column.name]].concat();
        let path = || ColumnPath::new(names.iter().map(ToString::to_string).collect());
        properties = match column.column_type {
            ColumnType::Int64 | ColumnType::Rate | ColumnType::Date | ColumnType::Bool => properties,
            ColumnType::Text => properties.set_column_statistics_enabled(path(), EnabledStatistics::None),
            ColumnType::Position | ColumnType::Timestamp => properties
                .set_column_dictionary_enabled(path(), false)
                .set_column_encoding(path(), Encoding::DELTA_BINARY_PACKED),
            ColumnType::Money
            | ColumnType::Threshold
            | ColumnType::Name
            | ColumnType::Json
            | ColumnType::AssetAmount => properties
                .set_column_dictionary_enabled(path(), false)
                .set_column_statistics_enabled(path(), EnabledStatistics::None),
            ColumnType::List(fields) => with_encodings(properties, &[&names[..], &[LIST, ELEMENT]].concat(), fields),
        };
    }
    properties
}

/// A list of structs, which are all there and have all their fields.
fn list(column: &Column, repetition: Repetition, of: &[Column]) -> Result<Type, ParquetError> {
    let element = Type::group_type_builder(ELEMENT).with_repetition(Repetition::REQUIRED).with_fields(fields(of)?);
    let repeated = Type::group_type_builder(LIST)
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![Arc::new(element.build()?)]);
    Type::group_type_builder(column.name)
        .with_repetition(repetition)
        .with_logical_type(Some(LogicalType::List))
        .with_converted_type(ConvertedType::LIST)
        .with_fields(vec![Arc::new(repeated.build()?)])
        .build()
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let repetition = if column.nullable { Repetition::OPTIONAL } else { Repetition::REQUIRED };
    let (physical, logical) = match column.column_type {
        ColumnType::List(of) => return list(column, repetition, of),
        ColumnType::Text | ColumnType::Name | ColumnType::Json | ColumnType::AssetAmount => {
            (PhysicalType::BYTE_ARRAY, Some(LogicalType::String))
        }
        ColumnType::Int64 | ColumnType::Position => (PhysicalType::INT64, None),
        ColumnType::Money | ColumnType::Threshold => {
            (PhysicalType::FIXED_LEN_BYTE_ARRAY, Some(LogicalType::decimal(MONEY_SCALE, MONEY_PRECISION)))
        }
        ColumnType::Rate => (PhysicalType::INT32, Some(LogicalType::decimal(RATE_SCALE, RATE_PRECISION))),
        ColumnType::Timestamp => (PhysicalType::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
        ColumnType::Date => (PhysicalType::INT32, Some(LogicalType::Date)),
        ColumnType::Bool => (PhysicalType::BOOLEAN, None),
    };
    let field =
        Type::primitive_type_builder(column.name, physical).with_logical_type(logical).with_repetition(repetition);
    match column.column_type {
        ColumnType::Money | ColumnType::Threshold => field
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
        | ColumnType::Bool
        | ColumnType::List(_) => field.build(),
    }
}
