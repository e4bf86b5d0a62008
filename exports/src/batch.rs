//! Some rows, column by column: what a format writes at a time.

use schemas::Threshold;

/// Rows of a table.
pub(crate) struct Batch {
    pub(crate) rows: usize,
    /// As many as the table has columns, in their order.
    pub(crate) columns: Vec<ColumnData>,
}

impl Batch {
    /// How many bytes its texts have that are not the program's own.
    pub(crate) fn text_bytes(&self) -> usize {
        self.columns.iter().map(|column| column.values.text_bytes()).sum()
    }
}

/// How many units of 10^-8 a one has.
const UNITS_OF_ONE: i128 = 100_000_000;

/// A threshold in the units of an amount: a count of 5 is 5 with eight decimals of 0.
pub(crate) fn units_of(threshold: Threshold) -> i128 {
    match threshold {
        Threshold::Count(count) => i128::from(count) * UNITS_OF_ONE,
        Threshold::Usd(amount) => amount.0,
    }
}

/// The cells of a column that are there, and which are.
pub(crate) struct ColumnData {
    pub(crate) values: Values,
    /// For a column whose cells may be missing: 1 for a row that has its cell, 0 for one that has not.
    pub(crate) levels: Option<Vec<i16>>,
}

/// Cells of one type, those that are missing left out.
pub(crate) enum Values {
    Text(Texts),
    /// Texts that are the program's own.
    Word(Vec<&'static str>),
    Int64(Vec<i64>),
    /// In units of 10^-8 USD.
    Money(Vec<i128>),
    /// In millionths.
    Rate(Vec<i32>),
    /// In microseconds since 1970.
    Timestamp(Vec<i64>),
    /// In days since 1970.
    Date(Vec<i32>),
    Bool(Vec<bool>),
    Threshold(Vec<Threshold>),
    List(Nested),
}

impl Values {
    fn text_bytes(&self) -> usize {
        match self {
            Values::Text(texts) => texts.bytes.len(),
            Values::List(nested) => nested.columns.iter().map(|column| column.values.text_bytes()).sum(),
            Values::Word(_)
            | Values::Int64(_)
            | Values::Money(_)
            | Values::Rate(_)
            | Values::Timestamp(_)
            | Values::Date(_)
            | Values::Bool(_)
            | Values::Threshold(_) => 0,
        }
    }

    /// The cell at a place among those that are there; missing beyond the last.
    fn at(&self, at: usize) -> Cell<'_> {
        let cell = match self {
            Values::Text(texts) => Some(Cell::Text(texts.get(at))),
            Values::Word(words) => words.get(at).map(|word| Cell::Text(word.as_bytes())),
            Values::Int64(values) => values.get(at).map(|value| Cell::Int64(*value)),
            Values::Money(values) => values.get(at).map(|value| Cell::Money(*value)),
            Values::Rate(values) => values.get(at).map(|value| Cell::Rate(*value)),
            Values::Timestamp(values) => values.get(at).map(|value| Cell::Timestamp(*value)),
            Values::Date(values) => values.get(at).map(|value| Cell::Date(*value)),
            Values::Bool(values) => values.get(at).map(|value| Cell::Bool(*value)),
            Values::Threshold(values) => values.get(at).map(|value| Cell::Threshold(*value)),
            Values::List(nested) => nested.ends.get(at).map(|end| {
                let start = at.checked_sub(1).and_then(|before| nested.ends.get(before)).copied().unwrap_or(0);
                Cell::List(Items { nested, start: start as usize, end: *end as usize })
            }),
        };
        cell.unwrap_or(Cell::Missing)
    }
}

/// Lists one after the other.
pub(crate) struct Nested {
    /// Where each ends among the objects.
    pub(crate) ends: Vec<u32>,
    /// The fields of the objects of all of them; every object has each of them.
    pub(crate) columns: Vec<ColumnData>,
}

/// The objects of one list.
#[derive(Clone, Copy)]
pub(crate) struct Items<'b> {
    nested: &'b Nested,
    start: usize,
    end: usize,
}

impl<'b> Items<'b> {
    /// The cells of each of them.
    pub(crate) fn each(self) -> impl Iterator<Item = impl Iterator<Item = Cell<'b>>> {
        (self.start..self.end).map(move |at| self.nested.columns.iter().map(move |column| column.values.at(at)))
    }
}

/// Texts one after the other.
#[derive(Default)]
pub(crate) struct Texts {
    pub(crate) bytes: Vec<u8>,
    /// Where each ends.
    pub(crate) ends: Vec<u32>,
}

impl Texts {
    /// Ends the text whose bytes were appended.
    pub(crate) fn end(&mut self) {
        // A batch is closed long before it holds 4 GiB.
        self.ends.push(self.bytes.len() as u32);
    }

    /// None, with room for somewhat more than is here.
    pub(crate) fn room_like(&self) -> Texts {
        let bytes = self.bytes.len();
        Texts { bytes: Vec::with_capacity(bytes + bytes / 16), ends: Vec::with_capacity(self.ends.len()) }
    }

    fn get(&self, at: usize) -> &[u8] {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        let end = self.ends.get(at).map_or(start, |end| *end as usize);
        self.bytes.get(start..end).unwrap_or_default()
    }
}

/// One cell.
#[derive(Clone, Copy)]
pub(crate) enum Cell<'b> {
    Missing,
    /// UTF-8.
    Text(&'b [u8]),
    Int64(i64),
    Money(i128),
    Rate(i32),
    Timestamp(i64),
    Date(i32),
    Bool(bool),
    Threshold(Threshold),
    List(Items<'b>),
}

/// Gives the cells of a column row by row.
pub(crate) struct CellReader<'b> {
    column: &'b ColumnData,
    row: usize,
    at: usize,
}

impl<'b> CellReader<'b> {
    pub(crate) fn new(column: &'b ColumnData) -> CellReader<'b> {
        CellReader { column, row: 0, at: 0 }
    }

    /// The cell of the next row; missing beyond the last.
    pub(crate) fn next_cell(&mut self) -> Cell<'b> {
        let row = self.row;
        self.row += 1;
        if self.column.levels.as_ref().is_some_and(|levels| levels.get(row).is_none_or(|level| *level == 0)) {
            return Cell::Missing;
        }
        let at = self.at;
        self.at += 1;
        self.column.values.at(at)
    }
}
