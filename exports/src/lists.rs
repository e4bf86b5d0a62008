//! Columns whose cells are lists of objects: the objects of all rows are a table of their own.

use crate::batch::{ColumnData, Nested, Values};
use crate::cells::Cells;
use crate::column::ColumnType;
use crate::sink::Table;

/// What an object takes beside its texts, about: so that many of them close a batch too.
const OBJECT_BYTES: usize = 32;

/// A column with a list in every row, which may be empty.
pub(crate) struct List<T: Table> {
    objects: T,
    count: usize,
    ends: Vec<u32>,
}

impl<T: Table> Default for List<T> {
    fn default() -> Self {
        List { objects: T::default(), count: 0, ends: Vec::new() }
    }
}

impl<T: Table> List<T> {
    /// Puts in the list of the next row: `fill` adds its objects.
    pub(crate) fn push(&mut self, fill: impl FnOnce(&mut Objects<'_, T>)) {
        fill(&mut Objects { objects: &mut self.objects, count: &mut self.count });
        // A batch is closed long before it holds so many.
        self.ends.push(self.count as u32);
    }
}

/// The list of a row, while it is filled.
pub(crate) struct Objects<'l, T: Table> {
    objects: &'l mut T,
    count: &'l mut usize,
}

impl<T: Table> Objects<'_, T> {
    /// Adds an object.
    pub(crate) fn add(&mut self, fill: impl FnOnce(&mut T)) {
        fill(self.objects);
        *self.count += 1;
    }
}

impl<T: Table> Cells for List<T> {
    const TYPE: ColumnType = ColumnType::List(T::COLUMNS);
    const NULLABLE: bool = false;

    fn take(&mut self, _rows: usize) -> ColumnData {
        let count = std::mem::take(&mut self.count);
        let ends = std::mem::take(&mut self.ends);
        ColumnData { values: Values::List(Nested { ends, columns: self.objects.take(count) }), levels: None }
    }

    fn text_bytes(&self) -> usize {
        self.objects.text_bytes() + self.count * OBJECT_BYTES
    }
}

/// A column whose lists may be missing.
pub(crate) struct NullableList<T: Table> {
    lists: List<T>,
    levels: Vec<i16>,
}

impl<T: Table> Default for NullableList<T> {
    fn default() -> Self {
        NullableList { lists: List::default(), levels: Vec::new() }
    }
}

impl<T: Table> NullableList<T> {
    /// Puts in the list of a row, which is none before those put in already.
    pub(crate) fn push(&mut self, row: usize, fill: impl FnOnce(&mut Objects<'_, T>)) {
        if self.levels.len() < row {
            self.levels.resize(row, 0);
        }
        self.levels.push(1);
        self.lists.push(fill);
    }
}

impl<T: Table> Cells for NullableList<T> {
    const TYPE: ColumnType = ColumnType::List(T::COLUMNS);
    const NULLABLE: bool = true;

    fn take(&mut self, rows: usize) -> ColumnData {
        let mut levels = std::mem::replace(&mut self.levels, Vec::with_capacity(rows));
        levels.resize(rows, 0);
        ColumnData { levels: Some(levels), ..self.lists.take(rows) }
    }

    fn text_bytes(&self) -> usize {
        self.lists.text_bytes()
    }
}
