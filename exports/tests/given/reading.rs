//! Exports read back by readers of others, each cell as the text that NDJSON has for it.

use bytes::Bytes;
use exports::{Column, ColumnType, Format};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use schemas::{Day, Rate, Timestamp, Usd};
use serde_json::{Map, Value};

/// A cell as text; none where it is missing.
pub type Cell = Option<String>;

/// All rows of an export.
pub fn read(bytes: Vec<u8>, format: Format, columns: &[Column]) -> Vec<Vec<Cell>> {
    match format {
        Format::Csv => read_csv(&bytes, columns),
        Format::Ndjson => read_ndjson(&bytes, columns),
        Format::Parquet => read_parquet(bytes, columns),
    }
}

fn normal(text: String, column_type: ColumnType) -> String {
    // Two spellings of one JSON are the same.
    let json = || serde_json::from_str::<Value>(&text).expect("JSON");
    if let ColumnType::List(fields) = column_type {
        return Value::Array(objects(&json(), fields)).to_string();
    }
    if column_type == ColumnType::Json { json().to_string() } else { text }
}

/// The objects of a list, with the fields that each has to have. A count that is to be reached is a decimal in Parquet.
fn objects(list: &Value, fields: &[Column]) -> Vec<Value> {
    let list = list.as_array().expect("a list");
    let object = |object: &Value| {
        let object = object.as_object().expect("an object");
        assert_eq!(object.len(), fields.len(), "{object:?}");
        let value = |field: &Column| match (&object[field.name], field.column_type) {
            (list, ColumnType::List(fields)) => Value::Array(objects(list, fields)),
            (Value::Number(count), ColumnType::Threshold) => Value::String(count.to_string()),
            (value, _) => value.clone(),
        };
        fields.iter().map(|field| (field.name.to_owned(), value(field))).collect::<Map<_, _>>().into()
    };
    list.iter().map(object).collect()
}

fn read_csv(bytes: &[u8], columns: &[Column]) -> Vec<Vec<Cell>> {
    let mut reader = csv::Reader::from_reader(bytes);
    let names: Vec<String> = reader.headers().expect("a header").iter().map(ToOwned::to_owned).collect();
    assert_eq!(names, columns.iter().map(|column| column.name).collect::<Vec<_>>());
    let cell = |(text, column): (&str, &Column)| {
        let is_text = matches!(column.column_type, ColumnType::Text | ColumnType::Name);
        let begins_formula = |text: &str| text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
        assert!(!is_text || !begins_formula(text), "{} begins a formula: {text:?}", column.name);
        let text = text.strip_prefix('\'').filter(|rest| is_text && begins_formula(rest)).unwrap_or(text);
        // The reader does not tell a cell that is missing from an empty text.
        (!text.is_empty()).then(|| normal(text.to_owned(), column.column_type))
    };
    reader.records().map(|record| record.expect("a record").iter().zip(columns).map(cell).collect()).collect()
}

fn read_ndjson(bytes: &[u8], columns: &[Column]) -> Vec<Vec<Cell>> {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let cell = |row: &Map<String, Value>, column: &Column| match (&row[column.name], column.column_type) {
        (Value::Null, _) => None,
        (value, ColumnType::Json | ColumnType::List(_)) => Some(normal(value.to_string(), column.column_type)),
        (Value::String(text), _) => Some(text.clone()),
        (value, _) => Some(value.to_string()),
    };
    text.lines()
        .map(|line| {
            let row: Map<String, Value> = serde_json::from_str(line).expect("a JSON object a line");
            assert_eq!(row.len(), columns.len());
            columns.iter().map(|column| cell(&row, column)).collect()
        })
        .collect()
}

fn read_parquet(bytes: Vec<u8>, columns: &[Column]) -> Vec<Vec<Cell>> {
    let file = SerializedFileReader::new(Bytes::from(bytes)).expect("a Parquet file");
    let rows = file.get_row_iter(None).expect("rows");
    rows.map(|row| {
        let row = row.expect("a row");
        let cells = row.get_column_iter().zip(columns);
        cells
            .map(|((name, field), column)| {
                assert_eq!(name, column.name);
                shown(field).map(|text| normal(text, column.column_type))
            })
            .collect()
    })
    .collect()
}

fn shown(field: &Field) -> Cell {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "Parquet has more types than we write; another one fails the test"
    )]
    match field {
        Field::Null => None,
        Field::Bool(value) => Some(value.to_string()),
        Field::Long(value) => Some(value.to_string()),
        Field::Str(text) => Some(text.clone()),
        Field::Date(days) => Some(Day(*days).to_string()),
        Field::TimestampMicros(micros) => Some(Timestamp(*micros).to_string()),
        Field::ListInternal(_) => Some(as_json(field).to_string()),
        Field::Decimal(decimal) => Some(match (decimal.precision(), decimal.scale(), decimal.data()) {
            (38, 8, data) => Usd(i128::from_be_bytes(data.try_into().expect("16 bytes"))).to_string(),
            (7, 6, data) => Rate(u32::from_be_bytes(data.try_into().expect("4 bytes"))).to_string(),
            (precision, scale, _) => panic!("decimal({precision}, {scale})"),
        }),
        other => panic!("a cell of another type: {other:?}"),
    }
}

/// A list or what is in it, as JSON has it.
fn as_json(field: &Field) -> Value {
    #[expect(clippy::wildcard_enum_match_arm, reason = "what is no list, no object and no number is a text")]
    match field {
        Field::ListInternal(list) => list.elements().iter().map(as_json).collect(),
        Field::Group(group) => {
            let fields = group.get_column_iter().map(|(name, field)| (name.clone(), as_json(field)));
            Value::Object(fields.collect())
        }
        Field::Long(number) => (*number).into(),
        other => shown(other).into(),
    }
}
