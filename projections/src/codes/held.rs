//! The memory of codes and their cells, counted as it grows: asked for it, nobody walks over all of them.

use std::ops::{Deref, DerefMut};

use ledger::AccountId;
use ledger::column::{Part, Shared};
use schemas::Country;

use super::{CodeId, CodeRow, Codes};
use crate::slices::Slice;

/// Bytes that all codes hold, as far as they can be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// Of the codes, their texts and their lists.
    pub(crate) rows: usize,
    /// Of the cells.
    pub(crate) cells: usize,
    /// How many cells there are.
    pub(crate) cell_count: usize,
}

/// A slice that is being changed. What its change takes or gives of memory is counted when it is let go.
pub(crate) struct SliceMut<'c> {
    slice: &'c mut Slice,
    held: &'c mut Held,
    bytes_before: usize,
    cells_before: usize,
}

impl Deref for SliceMut<'_> {
    type Target = Slice;

    fn deref(&self) -> &Slice {
        self.slice
    }
}

impl DerefMut for SliceMut<'_> {
    fn deref_mut(&mut self) -> &mut Slice {
        self.slice
    }
}

impl Drop for SliceMut<'_> {
    fn drop(&mut self) {
        // What was there before has been counted, so nothing falls below 0.
        self.held.cells = self.held.cells - self.bytes_before + self.slice.memory_bytes();
        self.held.cell_count = self.held.cell_count - self.cells_before + self.slice.len();
    }
}

impl Codes {
    /// What a code's invitees of a country did, to be changed; made if it is not there.
    pub(crate) fn slice_mut(&mut self, code: CodeId, country: Option<Country>) -> SliceMut<'_> {
        let (row, held) = self.row_mut(code);
        slice_of(row, held, country)
    }

    /// The codes in so many parts, or in fewer, to be changed at the same time by `change`, which is given each with the
    /// number of the code after its last one.
    pub(crate) fn in_parts(&mut self, parts: usize, change: impl FnOnce(Vec<CodesPart<'_>>)) {
        let before = self.held;
        let rows = self.rows.parts_mut(parts);
        let mut helds = vec![before; rows.len()];
        change(rows.into_iter().zip(&mut helds).map(|(rows, held)| CodesPart { rows, held }).collect());
        for held in helds {
            // Each began with what all held.
            self.held.rows = self.held.rows + held.rows - before.rows;
            self.held.cells = self.held.cells + held.cells - before.cells;
            self.held.cell_count = self.held.cell_count + held.cell_count - before.cell_count;
        }
    }

    /// One more account registered with a code.
    pub(crate) fn add_invitee(&mut self, code: CodeId, account: AccountId) {
        let (row, held) = self.row_mut(code);
        let before = row.invitees.memory_bytes();
        row.invitees.push(account);
        // A list may also shrink as it grows: what is full is moved to where it has no room to spare.
        held.rows = held.rows - before + row.invitees.memory_bytes();
    }

    /// A code to be changed, with the counts. One that is shared is copied first, and the copy has less room.
    pub(super) fn row_mut(&mut self, code: CodeId) -> (&mut CodeRow, &mut Held) {
        let Codes { rows, held, .. } = self;
        (unshared(&mut rows[code.0 as usize], held), held)
    }

    /// A code to be filled with what was kept of it. What it comes to hold is not counted until [`Codes::count_held`].
    pub(crate) fn uncounted_mut(&mut self, code: CodeId) -> &mut CodeRow {
        &mut self.rows[code.0 as usize]
    }

    /// Bytes that all codes hold. Told at once, however many there are.
    pub(crate) fn held(&self) -> Held {
        self.held
    }

    /// Counts anew what is held: after all codes were read from a checkpoint.
    pub(crate) fn count_held(&mut self) {
        self.held = self.counted();
    }

    fn counted(&self) -> Held {
        let mut held = Held::default();
        for (_, row) in self.iter() {
            held.rows += size_of_val(row) + row.text.len() + lists_bytes(row);
            for (_, slice) in &row.slices {
                held.cells += slice.memory_bytes();
                held.cell_count += slice.len();
            }
        }
        held
    }
}

/// Some of the codes, one after another, of which nobody else changes any meanwhile.
pub(crate) struct CodesPart<'c> {
    rows: Part<'c, Shared<CodeRow>>,
    held: &'c mut Held,
}

impl CodesPart<'_> {
    /// The code after its last one.
    pub(crate) fn end(&self) -> CodeId {
        CodeId(u32::try_from(self.rows.end()).unwrap_or(u32::MAX))
    }

    /// As [`Codes::slice_mut`] gives it, if the code is one of the part's.
    pub(crate) fn slice_mut(&mut self, code: CodeId, country: Option<Country>) -> Option<SliceMut<'_>> {
        let row = self.rows.get_mut(code.0 as usize)?;
        Some(slice_of(unshared(row, self.held), self.held, country))
    }
}

/// A code to be changed: one that is shared is copied first, and the copy has less room.
fn unshared<'r>(row: &'r mut Shared<CodeRow>, held: &mut Held) -> &'r mut CodeRow {
    let before = lists_bytes(row);
    let row: &mut CodeRow = row;
    held.rows = held.rows - before + lists_bytes(row);
    row
}

fn slice_of<'r>(row: &'r mut CodeRow, held: &'r mut Held, country: Option<Country>) -> SliceMut<'r> {
    let slices = &mut row.slices;
    let at = match slices.iter().position(|(known, _)| *known == country) {
        Some(at) => at,
        None => {
            held.rows += pushed(slices, (country, Shared::default())) + size_of::<Slice>();
            slices.len() - 1
        }
    };
    // Told before a slice that is shared is copied: the copy has less room.
    let (bytes_before, cells_before) = (slices[at].1.memory_bytes(), slices[at].1.len());
    let slice: &mut Slice = &mut slices[at].1;
    SliceMut { slice, held, bytes_before, cells_before }
}

/// Bytes of a code's lists.
fn lists_bytes(row: &CodeRow) -> usize {
    row.invitees.memory_bytes()
        + row.slices.capacity() * size_of::<(Option<Country>, Shared<Slice>)>()
        + row.slices.len() * size_of::<Slice>()
}

/// Pushes, and gives by how many bytes the list has grown.
fn pushed<T>(list: &mut Vec<T>, element: T) -> usize {
    let before = list.capacity();
    list.push(element);
    (list.capacity() - before) * size_of::<T>()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use schemas::{Day, Usd};

    use super::*;
    use crate::slices::{Count, SUMS};

    const DAY: Day = Day(20_000);

    #[test]
    fn codes_that_are_read_piece_by_piece_are_counted_when_all_are_there() {
        let mut codes = Codes::default();
        let code = codes.intern("CODE");
        for account in 0..10_000 {
            codes.uncounted_mut(code).invitees.push(AccountId(account));
        }
        codes.uncounted_mut(code).last_registration = None;
        codes.count_held();
        assert_eq!(codes.held(), codes.counted());
        codes.add_invitee(code, AccountId(10_000));
        assert_eq!(codes.held(), codes.counted());
    }

    proptest! {
        #[test]
        fn what_is_held_is_what_a_walk_over_everything_counts(
            steps in vec((0..4u32, 0..3usize, 0..5i32, 0..200u32, 0..9u8), 1..2_000),
        ) {
            let countries = [None, Country::parse("DE"), Country::parse("JP")];
            let huge = [Usd(i128::from(i64::MAX)); SUMS];
            let (mut codes, mut copies) = (Codes::default(), Vec::new());
            for (code, country, day, ordinal, what) in steps {
                let code = codes.intern(&format!("CODE{code}"));
                let (country, day) = (countries[country], DAY.plus(day));
                match what {
                    0 => (0..=ordinal).for_each(|account| codes.add_invitee(code, AccountId(account))),
                    6 => copies.push(codes.clone()),
                    7 => copies.clear(),
                    8 => codes.get_mut(code).last_registration = None,
                    1 => codes.slice_mut(code, country).add_trade(day, ordinal, &huge),
                    2 => codes.slice_mut(code, country).set_traded(day, ordinal, true),
                    3 => codes.slice_mut(code, country).set_traded(day, ordinal, false),
                    4 => (0..300).for_each(|_| codes.slice_mut(code, country).count(day, Count::Registered, true)),
                    _ => codes.slice_mut(code, country).add_sums(day, &huge),
                }
                prop_assert_eq!(codes.held(), codes.counted());
            }
            for copy in copies {
                prop_assert_eq!(copy.held(), copy.counted());
            }
        }
    }
}
