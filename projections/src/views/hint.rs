//! What an answer says beside its figures.

use schemas::Day;

use crate::query::DateRange;

/// Nobody gave a range, the default one holds nothing, and other days hold something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// This, in a sentence.
    pub detail: String,
    /// The first day that holds something.
    pub from: Day,
    /// The last day that holds something.
    pub to: Day,
}

impl Hint {
    pub(crate) fn of(used: DateRange, held: DateRange) -> Hint {
        let detail = format!(
            "nothing lies from {} to {}, the days that are shown where none are given; what there is lies from {} to {}: \
             give `from` and `to`",
            used.from, used.to, held.from, held.to
        );
        Hint { detail, from: held.from, to: held.to }
    }
}
