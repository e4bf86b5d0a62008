//! How the columns of a kind are declared: once, for every format.

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
                name: $crate::columns::column_name!($field $($name)?),
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
