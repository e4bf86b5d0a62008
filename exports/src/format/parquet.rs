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

use self::row_group::{Dealing, RowGroups};
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
        ParquetWriter::dealing(Dealing::default(), title, columns, position, out)
    }

    fn dealing(
        dealing: Dealing,
        title: &str,
        columns: &[Column],
        position: Position,
        out: Out<'o>,
    ) -> Result<ParquetWriter<'o>, ExportError> {
        let fields = columns.iter().map(|column| Ok(Arc::new(field(column)?)));
        let fields = fields.collect::<Result<Vec<_>, ParquetError>>()?;
        let schema = Type::group_type_builder(title).with_fields(fields).build()?;
        let file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties(columns, position)))?;
        let groups = RowGroups::begin(dealing, file.schema_descr(), file.properties())?;
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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;
    use proptest::prelude::*;

    use super::*;
    use crate::batch::{ColumnData, Texts, Values};

    const COLUMNS: [Column; 3] = [
        Column { name: "id", column_type: ColumnType::Name, nullable: false },
        Column { name: "position", column_type: ColumnType::Position, nullable: false },
        Column { name: "word", column_type: ColumnType::Text, nullable: true },
    ];

    /// Rows of these numbers; every third has no word.
    fn batch(numbers: std::ops::Range<i64>) -> Batch {
        let mut ids = Texts::default();
        for number in numbers.clone() {
            ids.bytes.extend_from_slice(format!("id-{number}").as_bytes());
            ids.end();
        }
        let has_word = |number: &i64| number % 3 != 0;
        let words = numbers.clone().filter(has_word).map(|number| if number % 2 == 0 { "even" } else { "odd" });
        let required = |values| ColumnData { values, levels: None };
        Batch {
            rows: numbers.clone().count(),
            columns: vec![
                required(Values::Text(ids)),
                required(Values::Int64(numbers.clone().collect())),
                ColumnData {
                    values: Values::Word(words.collect()),
                    levels: Some(numbers.map(|number| i16::from(has_word(&number))).collect()),
                },
            ],
        }
    }

    fn written(dealing: Dealing, batches: &[usize]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut writer = ParquetWriter::dealing(dealing, "rows", &COLUMNS, 7, &mut out).expect("a writer");
        let mut next = 0;
        for rows in batches {
            let end = next + *rows as i64;
            writer.write(batch(next..end)).expect("written");
            next = end;
        }
        Box::new(writer).finish().expect("ended");
        out
    }

    proptest! {
        /// Fewer columns than lanes too, groups that end in the middle of nothing, and no rows at all.
        #[test]
        fn every_row_is_there_once_in_its_place_whatever_the_groups_and_lanes(
            batches in prop::collection::vec(1usize..40, 0..12),
            lanes in 1usize..6,
            rows in 1usize..60,
            text_bytes in 1usize..2_000,
        ) {
            let bytes = written(Dealing { lanes, rows, text_bytes }, &batches);
            prop_assert_eq!(&bytes, &written(Dealing { lanes: 1, rows, text_bytes }, &batches), "lanes change nothing");
            let reader = SerializedFileReader::new(Bytes::from(bytes)).expect("Parquet");
            let count: usize = batches.iter().sum();
            let groups = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect::<Vec<_>>();
            prop_assert_eq!(groups.iter().sum::<i64>(), count as i64);
            prop_assert!(groups.iter().all(|group| (1..rows as i64 + 40).contains(group)), "{:?}", groups);
            for (number, row) in reader.get_row_iter(None).expect("rows").enumerate() {
                let row = row.expect("a row");
                prop_assert_eq!(row.get_string(0).expect("an id"), &format!("id-{number}"));
                prop_assert_eq!(row.get_long(1).expect("a position"), number as i64);
                let word = (number % 3 != 0).then_some(if number % 2 == 0 { "even" } else { "odd" });
                prop_assert_eq!(row.get_string(2).ok().map(String::as_str), word);
            }
        }
    }

    /// Takes nothing beyond so many bytes.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_told_at_the_second_group_too() {
        let dealing = Dealing { lanes: 2, rows: 100, text_bytes: usize::MAX };
        let whole = written(dealing, &[100; 5]).len();
        for room in (0..whole).step_by(97) {
            let mut out = Full(room);
            let mut write = || -> Result<(), ExportError> {
                let mut writer = ParquetWriter::dealing(dealing, "rows", &COLUMNS, 7, &mut out)?;
                for at in 0..5 {
                    writer.write(batch(at * 100..(at + 1) * 100))?;
                }
                Box::new(writer).finish()
            };
            assert!(write().is_err(), "{room} of {whole} bytes are not enough");
        }
    }
}
