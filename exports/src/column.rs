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

/// Declares the columns of a kind once, as a table whose fields are filled row by row.
///
/// `name: Required<Text>` is a cell in every row; `name: Nullable<Text>` one that may be missing. `as "…"` names a
/// column that Rust has no field for.
macro_rules! columns {
    ($(#[$doc:meta])* $table:ident of $title:literal { $($field:ident $(as $name:literal)?: $cells:ty,)* }) => {
        $(#[$doc])*
        #[derive(Default)]
        pub(crate) struct $table {
            $(pub(crate) $field: $cells,)*
        }

        impl $crate::sink::Table for $table {
            const TITLE: &'static str = $title;
            const COLUMNS: &'static [$crate::column::Column] = &[$($crate::column::Column {
                name: $crate::column::column_name!($field $($name)?),
                column_type: <$cells as $crate::cells::Cells>::TYPE,
                nullable: <$cells as $crate::cells::Cells>::NULLABLE,
            },)*];

            fn take(&mut self, rows: usize) -> Vec<$crate::batch::ColumnData> {
                vec![$($crate::cells::Cells::take(&mut self.$field, rows),)*]
            }

            fn text_bytes(&self) -> usize {
                0 $(+ $crate::cells::Cells::text_bytes(&self.$field))*
            }
        }
    };
}

macro_rules! column_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $name:literal) => {
        $name
    };
}

pub(crate) use {column_name, columns};
