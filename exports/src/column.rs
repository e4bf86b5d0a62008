//! What a column is: its name, the type of its cells, whether a cell may be missing.

/// The type of a column's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// A text that comes again and again.
    Text,
    /// A text that seldom comes twice, such as an id.
    Name,
    /// JSON: a text in Parquet and CSV, itself in NDJSON.
    Json,
    /// An amount of an asset, of up to 18 decimals: a text in Parquet and NDJSON, a number in CSV.
    AssetAmount,
    /// A whole number.
    Int64,
    /// A ledger position, which mostly ascends.
    Position,
    /// USD: `decimal(38, 8)`.
    Money,
    /// A rate: `decimal(7, 6)`.
    Rate,
    /// A moment, in microseconds UTC.
    Timestamp,
    /// A UTC day.
    Date,
    /// True or false.
    Bool,
    /// What has to be reached, a count or USD: `decimal(38, 8)` in Parquet, in JSON as the event has it.
    Threshold,
    /// A list of objects with these fields: a list of structs in Parquet, itself in NDJSON, JSON as a text in CSV.
    List(&'static [Column]),
}

/// A column of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, in every format.
    pub name: &'static str,
    /// The type of its cells.
    pub column_type: ColumnType,
    /// Whether a cell may be missing.
    pub nullable: bool,
}
