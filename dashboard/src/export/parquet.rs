//! Apache Parquet: dates as `date`, money as `decimal(38, 8)`, zstd, the ledger position in the metadata.

use std::io::Write;
use std::sync::Arc;

use ledger::Position;
use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as PhysicalType, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{PrimitiveTypeBuilder, Type};
use projections::views::{RewardKind, RewardRow};
use schemas::Usd;

use super::ExportError;

/// The name of the ledger position in the metadata; the header of the same answer has it too.
const POSITION_KEY: &str = "Tributary-Position";
const ROW_GROUP_ROWS_MAX: usize = 65_536;
const DECIMAL_PRECISION: i32 = 38;
const DECIMAL_SCALE: i32 = 8;
/// An amount in units of 10^-8 as a big-endian two's complement.
const DECIMAL_BYTES: i32 = 16;

/// Writes the records in row groups.
pub(super) fn write(
    rows: &[RewardRow],
    kind: RewardKind,
    position: Position,
    out: &mut (impl Write + Send),
) -> Result<(), ExportError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by("tributary".to_owned())
        .set_key_value_metadata(Some(vec![KeyValue::new(POSITION_KEY.to_owned(), position.to_string())]))
        .build();
    let mut file = SerializedFileWriter::new(out, Arc::new(schema(kind)?), Arc::new(properties))?;
    for rows in rows.chunks(ROW_GROUP_ROWS_MAX) {
        let mut group = file.next_row_group()?;
        write_group(rows, &mut group)?;
        group.close()?;
    }
    file.close()?;
    Ok(())
}

fn schema(kind: RewardKind) -> Result<Type, ExportError> {
    let counterparty = match kind {
        RewardKind::Commission => "invitee_uid",
        RewardKind::Shared => "referrer_uid",
    };
    let columns = [
        column("date", PhysicalType::INT32, Some(LogicalType::Date)).build()?,
        column("kind", PhysicalType::BYTE_ARRAY, Some(LogicalType::String)).build()?,
        column(counterparty, PhysicalType::INT64, None).build()?,
        column("product", PhysicalType::BYTE_ARRAY, Some(LogicalType::String)).build()?,
        column("trades", PhysicalType::INT64, None).build()?,
        money("fee_usd")?,
        money("amount")?,
    ];
    Ok(Type::group_type_builder("rewards").with_fields(columns.map(Arc::new).to_vec()).build()?)
}

fn column(name: &str, physical: PhysicalType, logical: Option<LogicalType>) -> PrimitiveTypeBuilder<'_> {
    Type::primitive_type_builder(name, physical).with_logical_type(logical).with_repetition(Repetition::REQUIRED)
}

fn money(name: &str) -> Result<Type, ParquetError> {
    let decimal = LogicalType::decimal(DECIMAL_SCALE, DECIMAL_PRECISION);
    column(name, PhysicalType::FIXED_LEN_BYTE_ARRAY, Some(decimal))
        .with_converted_type(ConvertedType::DECIMAL)
        .with_length(DECIMAL_BYTES)
        .with_precision(DECIMAL_PRECISION)
        .with_scale(DECIMAL_SCALE)
        .build()
}

fn write_group<W: Write + Send>(
    rows: &[RewardRow],
    group: &mut SerializedRowGroupWriter<'_, W>,
) -> Result<(), ExportError> {
    let text = |text: &'static str| ByteArray::from(text);
    // Uids lie below 2^53 and counts below 2^32.
    let uid = |row: &RewardRow| row.invitee_uid.or(row.referrer_uid).map_or(0, |uid| uid.0 as i64);
    write_column::<Int32Type, W>(group, rows.iter().map(|row| row.date.0))?;
    write_column::<ByteArrayType, W>(group, rows.iter().map(|row| text(row.kind.as_str())))?;
    write_column::<Int64Type, W>(group, rows.iter().map(uid))?;
    write_column::<ByteArrayType, W>(group, rows.iter().map(|row| text(row.product.as_str())))?;
    write_column::<Int64Type, W>(group, rows.iter().map(|row| row.trades as i64))?;
    write_column::<FixedLenByteArrayType, W>(group, rows.iter().map(|row| decimal(row.fee_usd)))?;
    write_column::<FixedLenByteArrayType, W>(group, rows.iter().map(|row| decimal(row.amount)))
}

/// Writes the next column of a group; every column of the schema is written once, in its order.
fn write_column<T: parquet::data_type::DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: impl Iterator<Item = T::T>,
) -> Result<(), ExportError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    column.typed::<T>().write_batch(&values.collect::<Vec<_>>(), None, None)?;
    column.close()?;
    Ok(())
}

fn decimal(amount: Usd) -> FixedLenByteArray {
    FixedLenByteArray::from(amount.0.to_be_bytes().to_vec())
}
