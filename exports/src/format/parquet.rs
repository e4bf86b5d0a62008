//! Apache Parquet: money as `decimal(38, 8)`, rates as `decimal(7, 6)`, dates, UTC timestamps in microseconds, zstd,
//! lists of structs, the ledger position in the metadata.

mod chunk;
mod leaves;
mod row_group;
mod schema;

use std::io::Write;
use std::sync::Arc;

use ledger::Position;
use parquet::file::writer::SerializedFileWriter;

use self::row_group::{Dealing, RowGroups};
use self::schema::{properties, schema};
use super::BatchWriter;
use crate::batch::Batch;
use crate::column::Column;
use crate::error::ExportError;

/// The name of the ledger position in the metadata (of several ledgers, of each, by commas); the header of an HTTP answer is named so too.
pub const POSITION_KEY: &str = "Tributary-Position";
/// An amount in units of 10^-8 as a big-endian two's complement.
const MONEY_BYTES: usize = 16;

type Out<'o> = &'o mut (dyn Write + Send);

pub(super) struct ParquetWriter<'o> {
    file: SerializedFileWriter<Out<'o>>,
    groups: RowGroups,
}

impl<'o> ParquetWriter<'o> {
    pub(super) fn begin(
        title: &str,
        columns: &[Column],
        positions: &[Position],
        out: Out<'o>,
    ) -> Result<ParquetWriter<'o>, ExportError> {
        ParquetWriter::dealing(Dealing::default(), title, columns, positions, out)
    }

    fn dealing(
        dealing: Dealing,
        title: &str,
        columns: &[Column],
        positions: &[Position],
        out: Out<'o>,
    ) -> Result<ParquetWriter<'o>, ExportError> {
        let schema = Arc::new(schema(title, columns)?);
        let file = SerializedFileWriter::new(out, schema, Arc::new(properties(columns, positions)))?;
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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::{ListAccessor, Row, RowAccessor};
    use proptest::prelude::*;

    use super::*;
    use crate::batch::{ColumnData, Nested, Texts, Values};
    use crate::column::ColumnType;

    const COLUMNS: [Column; 4] = [
        Column { name: "id", column_type: ColumnType::Name, nullable: false },
        Column { name: "position", column_type: ColumnType::Position, nullable: false },
        Column { name: "word", column_type: ColumnType::Text, nullable: true },
        Column { name: "parts", column_type: ColumnType::List(&PARTS), nullable: true },
    ];

    const PARTS: [Column; 2] = [
        Column { name: "number", column_type: ColumnType::Int64, nullable: false },
        Column { name: "digits", column_type: ColumnType::List(&DIGITS), nullable: false },
    ];

    const DIGITS: [Column; 1] = [Column { name: "digit", column_type: ColumnType::Text, nullable: false }];

    /// The numbers of a row's parts, and the digits of each: every fourth row has no list, others an empty one.
    fn parts(number: i64) -> Option<Vec<(i64, Vec<&'static str>)>> {
        let digits = |part: i64| ["zero", "one", "two"].into_iter().take((number + part) as usize % 4).collect();
        (number % 4 != 0).then(|| (0..number % 3).map(|part| (part, digits(part))).collect())
    }

    fn parts_of(numbers: std::ops::Range<i64>) -> ColumnData {
        let required = |values| ColumnData { values, levels: None };
        let lists: Vec<_> = numbers.clone().filter_map(parts).collect();
        let all: Vec<_> = lists.iter().flatten().collect();
        let ends = |lengths: Vec<usize>| {
            let end = |sum: &mut u32, length: usize| {
                *sum += length as u32;
                Some(*sum)
            };
            lengths.into_iter().scan(0, end).collect()
        };
        let digits = all.iter().flat_map(|(_, digits)| digits.iter().copied()).collect();
        let of_parts = Nested {
            ends: ends(all.iter().map(|(_, digits)| digits.len()).collect()),
            columns: vec![required(Values::Word(digits))],
        };
        let of_rows = Nested {
            ends: ends(lists.iter().map(Vec::len).collect()),
            columns: vec![
                required(Values::Int64(all.iter().map(|(part, _)| *part).collect())),
                required(Values::List(of_parts)),
            ],
        };
        let levels = numbers.map(|number| i16::from(parts(number).is_some())).collect();
        ColumnData { values: Values::List(of_rows), levels: Some(levels) }
    }

    /// The same as they are read back.
    fn parts_read(row: &Row) -> Option<Vec<(i64, Vec<String>)>> {
        let part = |group: &Row| {
            let digits = group.get_list(1).expect("a list");
            let digit = |at| digits.get_group(at).and_then(|digit| digit.get_string(0)).expect("a digit").clone();
            (group.get_long(0).expect("a number"), (0..digits.len()).map(digit).collect())
        };
        let list = row.get_list(3).ok()?;
        Some((0..list.len()).map(|at| part(list.get_group(at).expect("a part"))).collect())
    }

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
                    levels: Some(numbers.clone().map(|number| i16::from(has_word(&number))).collect()),
                },
                parts_of(numbers),
            ],
        }
    }

    fn written(dealing: Dealing, batches: &[usize]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut writer = ParquetWriter::dealing(dealing, "rows", &COLUMNS, &[7], &mut out).expect("a writer");
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
                let owned = |digits: Vec<&str>| digits.into_iter().map(str::to_owned).collect();
                let parts = parts(number as i64);
                let parts = parts.map(|parts| parts.into_iter().map(|(part, digits)| (part, owned(digits))).collect());
                prop_assert_eq!(parts_read(&row), parts, "row {}", number);
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
                let mut writer = ParquetWriter::dealing(dealing, "rows", &COLUMNS, &[7], &mut out)?;
                for at in 0..5 {
                    writer.write(batch(at * 100..(at + 1) * 100))?;
                }
                Box::new(writer).finish()
            };
            assert!(write().is_err(), "{room} of {whole} bytes are not enough");
        }
    }
}
