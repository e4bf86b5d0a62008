//! Batches as Arrow's record batches, for who asks SQL of them: the same columns and types as in Parquet.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, ListArray, RecordBatch, RecordBatchOptions,
    StringArray, StructArray, TimestampMicrosecondArray,
};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit};

use crate::batch::{Batch, ColumnData, Nested, Texts, Values, units_of};
use crate::column::{Column, ColumnType};

/// Digits, and how many of them stand behind the point.
const MONEY: (u8, i8) = (38, 8);
const RATE: (u8, i8) = (7, 6);
const UTC: &str = "UTC";

/// The columns as Arrow declares them.
pub(crate) fn schema(columns: &[Column]) -> SchemaRef {
    Arc::new(Schema::new(fields(columns)))
}

fn fields(columns: &[Column]) -> Fields {
    columns.iter().map(|column| Field::new(column.name, data_type(column.column_type), column.nullable)).collect()
}

fn data_type(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::Text | ColumnType::Name | ColumnType::Json | ColumnType::AssetAmount => DataType::Utf8,
        ColumnType::Int64 | ColumnType::Position => DataType::Int64,
        ColumnType::Money | ColumnType::Threshold => DataType::Decimal128(MONEY.0, MONEY.1),
        ColumnType::Rate => DataType::Decimal128(RATE.0, RATE.1),
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
        ColumnType::Date => DataType::Date32,
        ColumnType::Bool => DataType::Boolean,
        // A list holds objects, which are all there.
        ColumnType::List(of) => DataType::new_list(DataType::Struct(fields(of)), false),
    }
}

/// Some columns of a batch, by their numbers, which stand in the schema in that order.
pub(crate) fn record_batch(batch: Batch, wanted: &[usize], schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let rows = batch.rows;
    let mut columns: Vec<Option<ColumnData>> = batch.columns.into_iter().map(Some).collect();
    let arrays = wanted.iter().zip(schema.fields()).map(|(at, field)| {
        let column = columns.get_mut(*at).and_then(Option::take);
        array(column.ok_or_else(|| not_there(field))?, field.data_type(), rows)
    });
    let arrays = arrays.collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new_with_options(schema.clone(), arrays, &RecordBatchOptions::new().with_row_count(Some(rows)))
}

fn not_there(field: &Field) -> ArrowError {
    ArrowError::SchemaError(format!("there is no column {}", field.name()))
}

/// A column of so many rows as an array of this type.
fn array(column: ColumnData, data_type: &DataType, rows: usize) -> Result<ArrayRef, ArrowError> {
    let there = There { rows, levels: column.levels };
    let nulls = there.nulls();
    Ok(match column.values {
        Values::Text(texts) => Arc::new(text_array(texts, &there)?),
        Values::Word(words) => Arc::new(word_array(&words, &there)?),
        Values::Int64(values) => Arc::new(Int64Array::try_new(there.spread(values).into(), nulls)?),
        Values::Money(values) => decimal_array(values, MONEY, &there)?,
        Values::Rate(values) => decimal_array(values.into_iter().map(i128::from).collect(), RATE, &there)?,
        Values::Threshold(values) => decimal_array(values.into_iter().map(units_of).collect(), MONEY, &there)?,
        Values::Timestamp(values) => {
            let moments = TimestampMicrosecondArray::try_new(there.spread(values).into(), nulls)?;
            Arc::new(moments.with_timezone(UTC))
        }
        Values::Date(values) => Arc::new(Date32Array::try_new(there.spread(values).into(), nulls)?),
        Values::Bool(values) => Arc::new(BooleanArray::new(there.spread(values).into(), nulls)),
        Values::List(nested) => Arc::new(list_array(nested, data_type, &there)?),
    })
}

/// Which rows have their cell.
struct There {
    rows: usize,
    /// None where all have.
    levels: Option<Vec<i16>>,
}

impl There {
    fn nulls(&self) -> Option<NullBuffer> {
        self.levels.as_ref().map(|_| self.each().collect())
    }

    /// Of each row whether it has.
    fn each(&self) -> impl Iterator<Item = bool> {
        let levels = self.levels.as_deref();
        (0..self.rows).map(move |row| levels.is_none_or(|levels| levels.get(row) == Some(&1)))
    }

    /// The cells that are there, each at its row.
    fn spread<T: Default>(&self, values: Vec<T>) -> Vec<T> {
        if self.levels.is_none() {
            return values;
        }
        let mut values = values.into_iter();
        self.each().map(|is_there| if is_there { values.next() } else { None }.unwrap_or_default()).collect()
    }

    /// Where the part of each row lies, of parts that end so: a row without a cell has an empty one.
    fn offsets(&self, ends: &[u32]) -> OffsetBuffer<i32> {
        let mut ends = ends.iter();
        let mut last = 0;
        let each = self.each().map(|is_there| {
            if is_there && let Some(end) = ends.next() {
                // A batch is closed long before it holds 2 GiB.
                last = *end as i32;
            }
            last
        });
        OffsetBuffer::new(std::iter::once(0).chain(each).collect())
    }
}

fn text_array(texts: Texts, there: &There) -> Result<StringArray, ArrowError> {
    StringArray::try_new(there.offsets(&texts.ends), Buffer::from_vec(texts.bytes), there.nulls())
}

fn word_array(words: &[&str], there: &There) -> Result<StringArray, ArrowError> {
    let mut texts = Texts::default();
    for word in words {
        texts.bytes.extend_from_slice(word.as_bytes());
        texts.end();
    }
    text_array(texts, there)
}

fn decimal_array(values: Vec<i128>, (precision, scale): (u8, i8), there: &There) -> Result<ArrayRef, ArrowError> {
    let units = Decimal128Array::try_new(there.spread(values).into(), there.nulls())?;
    Ok(Arc::new(units.with_precision_and_scale(precision, scale)?))
}

fn list_array(nested: Nested, data_type: &DataType, there: &There) -> Result<ListArray, ArrowError> {
    let objects = nested.ends.last().map_or(0, |end| *end as usize);
    let (element, fields) = of_list(data_type)?;
    let arrays = nested.columns.into_iter().zip(fields);
    let arrays = arrays.map(|(column, field)| array(column, field.data_type(), objects)).collect::<Result<_, _>>()?;
    let structs = StructArray::try_new(fields.clone(), arrays, None)?;
    ListArray::try_new(element.clone(), there.offsets(&nested.ends), Arc::new(structs), there.nulls())
}

/// What a list holds, and the fields of that.
fn of_list(data_type: &DataType) -> Result<(&FieldRef, &Fields), ArrowError> {
    if let DataType::List(element) = data_type
        && let DataType::Struct(fields) = element.data_type()
    {
        return Ok((element, fields));
    }
    Err(ArrowError::SchemaError(format!("{data_type} is no list of objects")))
}
