//! Cells gathered row by row, each column in the type that it is declared with.

use schemas::{AssetAmount, Day, Threshold, Timestamp, Usd};

use crate::batch::{ColumnData, Texts, Values};
use crate::column::ColumnType;

/// The type of a cell: what is put in, and how it is held.
pub(crate) trait CellType {
    const TYPE: ColumnType;
    type Value<'v>;
    type Store: Default;
    fn push(store: &mut Self::Store, value: Self::Value<'_>);
    fn values(store: Self::Store) -> Values;
    /// An empty store with room for as much as this one holds, which the next batch will need.
    fn room_like(store: &Self::Store) -> Self::Store;
    fn text_bytes(_store: &Self::Store) -> usize {
        0
    }
}

/// Declares the types of cells that are held as integers: the type of column, what is put in, how it is held.
macro_rules! plain_cells {
    ($($name:ident of $column_type:ident: $value:ty => $variant:ident($held:ty), $convert:expr;)*) => {$(
        pub(crate) enum $name {}

        impl CellType for $name {
            const TYPE: ColumnType = ColumnType::$column_type;
            type Value<'v> = $value;
            type Store = Vec<$held>;

            fn push(store: &mut Vec<$held>, value: $value) {
                let convert: fn($value) -> $held = $convert;
                store.push(convert(value));
            }

            fn values(store: Vec<$held>) -> Values {
                Values::$variant(store)
            }

            fn room_like(store: &Vec<$held>) -> Vec<$held> {
                Vec::with_capacity(store.len())
            }
        }
    )*};
}

plain_cells! {
    // Names of types, reasons and the like, of which there are few.
    Word of Text: &'static str => Word(&'static str), |value| value;
    // Uids lie below 2^53, positions below 2^32, and counts of trades cannot exceed positions.
    Int64 of Int64: u64 => Int64(i64), |value| value as i64;
    Position of Position: u64 => Int64(i64), |value| value as i64;
    Money of Money: Usd => Money(i128), |value| value.0;
    // A rate is at most a million millionths.
    Rate of Rate: schemas::Rate => Rate(i32), |value| value.0 as i32;
    Time of Timestamp: Timestamp => Timestamp(i64), |value| value.0;
    Date of Date: Day => Date(i32), |value| value.0;
    Bool of Bool: bool => Bool(bool), |value| value;
    Target of Threshold: Threshold => Threshold(Threshold), |value| value;
}

/// Declares the types of cells that are held as texts.
macro_rules! text_cells {
    ($($name:ident)*) => {$(
        pub(crate) enum $name {}

        impl CellType for $name {
            const TYPE: ColumnType = ColumnType::$name;
            type Value<'v> = &'v str;
            type Store = Texts;

            fn push(store: &mut Texts, value: &str) {
                store.bytes.extend_from_slice(value.as_bytes());
                store.end();
            }

            fn values(store: Texts) -> Values {
                Values::Text(store)
            }

            fn room_like(store: &Texts) -> Texts {
                store.room_like()
            }

            fn text_bytes(store: &Texts) -> usize {
                store.bytes.len()
            }
        }
    )*};
}

text_cells! { Text Name Json }

pub(crate) enum Asset {}

impl CellType for Asset {
    const TYPE: ColumnType = ColumnType::AssetAmount;
    type Value<'v> = AssetAmount;
    type Store = Texts;

    fn push(store: &mut Texts, value: AssetAmount) {
        store.bytes.extend_from_slice(value.text().as_bytes());
        store.end();
    }

    fn values(store: Texts) -> Values {
        Values::Text(store)
    }

    fn room_like(store: &Texts) -> Texts {
        store.room_like()
    }

    fn text_bytes(store: &Texts) -> usize {
        store.bytes.len()
    }
}

/// A column while it is filled.
pub(crate) trait Cells {
    const TYPE: ColumnType;
    const NULLABLE: bool;
    /// Gives up the cells of so many rows; those at the end that were not put in are missing.
    fn take(&mut self, rows: usize) -> ColumnData;
    /// Bytes of texts held.
    fn text_bytes(&self) -> usize;
}

/// A column with a cell in every row.
pub(crate) struct Required<T: CellType>(T::Store);

impl<T: CellType> Default for Required<T> {
    fn default() -> Self {
        Required(T::Store::default())
    }
}

impl<T: CellType> Required<T> {
    /// Puts in the cell of the next row.
    pub(crate) fn push(&mut self, value: T::Value<'_>) {
        T::push(&mut self.0, value);
    }
}

impl<T: CellType<Store = Texts>> Required<T> {
    /// Puts in the cell of the next row as the bytes that `write` appends, which are UTF-8.
    pub(crate) fn push_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.0.bytes);
        self.0.end();
    }
}

impl<T: CellType> Cells for Required<T> {
    const TYPE: ColumnType = T::TYPE;
    const NULLABLE: bool = false;

    fn take(&mut self, _rows: usize) -> ColumnData {
        let room = T::room_like(&self.0);
        ColumnData { values: T::values(std::mem::replace(&mut self.0, room)), levels: None }
    }

    fn text_bytes(&self) -> usize {
        T::text_bytes(&self.0)
    }
}

/// A column whose cells may be missing: rows that put none in are filled up when a later one does.
pub(crate) struct Nullable<T: CellType> {
    store: T::Store,
    levels: Vec<i16>,
}

impl<T: CellType> Default for Nullable<T> {
    fn default() -> Self {
        Nullable { store: T::Store::default(), levels: Vec::new() }
    }
}

impl<T: CellType> Nullable<T> {
    /// Puts in the cell of a row, which is none before those put in already.
    pub(crate) fn push(&mut self, row: usize, value: T::Value<'_>) {
        if self.levels.len() < row {
            self.levels.resize(row, 0);
        }
        self.levels.push(1);
        T::push(&mut self.store, value);
    }

    /// The same, where there is one.
    pub(crate) fn push_if(&mut self, row: usize, value: Option<T::Value<'_>>) {
        if let Some(value) = value {
            self.push(row, value);
        }
    }
}

impl<T: CellType> Cells for Nullable<T> {
    const TYPE: ColumnType = T::TYPE;
    const NULLABLE: bool = true;

    fn take(&mut self, rows: usize) -> ColumnData {
        let mut levels = std::mem::replace(&mut self.levels, Vec::with_capacity(rows));
        levels.resize(rows, 0);
        let room = T::room_like(&self.store);
        ColumnData { values: T::values(std::mem::replace(&mut self.store, room)), levels: Some(levels) }
    }

    fn text_bytes(&self) -> usize {
        T::text_bytes(&self.store)
    }
}
