//! The memory of codes and their cells, counted as it grows: asked for it, nobody walks over all of them.

use std::ops::{Deref, DerefMut};

use ledger::AccountId;
use ledger::column::Shared;
use schemas::Country;

use super::{CodeId, Codes};
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
        let Codes { rows, held, .. } = self;
        let slices = &mut rows[code.0 as usize].slices;
        let at = match slices.iter().position(|(known, _)| *known == country) {
            Some(at) => at,
            None => {
                held.rows += pushed(slices, (country, Shared::default())) + size_of::<Slice>();
                slices.len() - 1
            }
        };
        let slice: &mut Slice = &mut slices[at].1;
        SliceMut { bytes_before: slice.memory_bytes(), cells_before: slice.len(), slice, held }
    }

    /// One more account registered with a code.
    pub(crate) fn add_invitee(&mut self, code: CodeId, account: AccountId) {
        let Codes { rows, held, .. } = self;
        let invitees = &mut rows[code.0 as usize].invitees;
        let before = invitees.memory_bytes();
        invitees.push(account);
        held.rows += invitees.memory_bytes() - before;
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
            held.rows += size_of_val(row) + row.text.len() + row.invitees.memory_bytes();
            held.rows += row.slices.capacity() * size_of::<(Option<Country>, Shared<Slice>)>()
                + row.slices.len() * size_of::<Slice>();
            for (_, slice) in &row.slices {
                held.cells += slice.memory_bytes();
                held.cell_count += slice.len();
            }
        }
        held
    }
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

    proptest! {
        #[test]
        fn what_is_held_is_what_a_walk_over_everything_counts(
            steps in vec((0..4u32, 0..3usize, 0..5i32, 0..200u32, 0..6u8), 1..400),
        ) {
            let countries = [None, Country::parse("DE"), Country::parse("JP")];
            let huge = [Usd(i128::from(i64::MAX)); SUMS];
            let mut codes = Codes::default();
            for (code, country, day, ordinal, what) in steps {
                let code = codes.intern(&format!("CODE{code}"));
                let (country, day) = (countries[country], DAY.plus(day));
                match what {
                    0 => codes.add_invitee(code, AccountId(ordinal)),
                    1 => codes.slice_mut(code, country).add_trade(day, ordinal, &huge),
                    2 => codes.slice_mut(code, country).set_traded(day, ordinal, true),
                    3 => codes.slice_mut(code, country).set_traded(day, ordinal, false),
                    4 => (0..300).for_each(|_| codes.slice_mut(code, country).count(day, Count::Registered, true)),
                    _ => codes.slice_mut(code, country).add_sums(day, &huge),
                }
                prop_assert_eq!(codes.held(), codes.counted());
            }
        }
    }
}
