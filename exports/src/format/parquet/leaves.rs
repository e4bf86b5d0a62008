//! The columns of a batch as Parquet keeps them: of a list of objects each field is a column of its own, and two levels
//! for each of its cells say whose it is and what is there (Dremel's definition and repetition levels).

use crate::batch::{Batch, ColumnData, Values};

/// A column of Parquet.
pub(super) struct Leaf {
    /// No list.
    pub(super) values: Values,
    /// How much of the way to each cell is there; none where every row has its cell.
    pub(super) definitions: Option<Vec<i16>>,
    /// At which list of the way each cell goes on: 0 begins a row. None outside of lists.
    pub(super) repetitions: Option<Vec<i16>>,
}

/// The place of a cell.
#[derive(Clone, Copy)]
struct Slot {
    repetition: i16,
    definition: i16,
    /// Whether there is a cell, or something on the way to it is missing or empty.
    is_there: bool,
}

/// The columns of a batch, each list in those of its fields.
pub(super) fn leaves(batch: Batch) -> Vec<Leaf> {
    let mut leaves = Vec::with_capacity(batch.columns.len());
    for column in batch.columns {
        if matches!(column.values, Values::List(_)) {
            let row = Slot { repetition: 0, definition: 0, is_there: true };
            take_apart(column, vec![row; batch.rows], 0, &mut leaves);
        } else {
            leaves.push(Leaf { values: column.values, definitions: column.levels, repetitions: None });
        }
    }
    leaves
}

/// Takes apart a column whose cells have these places, below so many lists.
fn take_apart(column: ColumnData, mut slots: Vec<Slot>, lists: i16, leaves: &mut Vec<Leaf>) {
    if let Some(levels) = column.levels {
        for (slot, level) in slots.iter_mut().filter(|slot| slot.is_there).zip(levels) {
            slot.definition += level;
            slot.is_there = level == 1;
        }
    }
    let Values::List(nested) = column.values else {
        let (definitions, repetitions) = slots.iter().map(|slot| (slot.definition, slot.repetition)).unzip();
        leaves.push(Leaf { values: column.values, definitions: Some(definitions), repetitions: Some(repetitions) });
        return;
    };
    let mut inner = Vec::with_capacity(slots.len());
    let mut ends = nested.ends.iter().copied();
    let mut start = 0;
    for slot in slots {
        let end = if slot.is_there { ends.next().unwrap_or(start) } else { start };
        if start == end {
            inner.push(Slot { is_there: false, ..slot });
        }
        for at in start..end {
            let repetition = if at == start { slot.repetition } else { lists + 1 };
            inner.push(Slot { repetition, definition: slot.definition + 1, is_there: true });
        }
        start = end;
    }
    for field in nested.columns {
        take_apart(field, inner.clone(), lists + 1, leaves);
    }
}
