//! How far a router is behind the end of each partition that it reads.

use std::collections::{BTreeMap, BTreeSet};

/// A topic that producers write, and a partition of it.
pub(crate) type Place = (String, i32);

/// The partitions that a router reads, each with its ends as far as they are known.
#[derive(Default)]
pub(crate) struct Lags(BTreeMap<Place, Lag>);

#[derive(Default)]
struct Lag {
    /// The offset after the last message that is routed, by a transaction that was committed.
    next: Option<i64>,
    /// From where to where the partition can be read.
    reach: Option<(i64, i64)>,
}

impl Lags {
    /// These, each with where reading goes on, if that is known.
    pub(crate) fn of(places: impl IntoIterator<Item = (Place, Option<i64>)>) -> Lags {
        Lags(places.into_iter().map(|(place, next)| (place, Lag { next, reach: None })).collect())
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Which.
    pub(crate) fn places(self) -> BTreeSet<Place> {
        self.0.into_keys().collect()
    }

    /// The brokers say from where to where a partition can be read. Its lag from then on; none of one that is not read here.
    pub(crate) fn reaches(&mut self, topic: &str, partition: i32, reach: (i64, i64)) -> Option<i64> {
        let lag = self.0.get_mut(&(topic.to_owned(), partition))?;
        lag.reach = Some(reach);
        lag.messages()
    }

    /// A partition is routed up to this offset. Its lag from then on; none of one that is not read here.
    pub(crate) fn routed(&mut self, topic: &str, partition: i32, next: i64) -> Option<i64> {
        let lag = self.0.get_mut(&(topic.to_owned(), partition))?;
        lag.next = Some(next);
        lag.messages()
    }
}

impl Lag {
    /// What was never committed is read from the beginning. The end that was told last may lie behind what has been read since.
    fn messages(&self) -> Option<i64> {
        let (begin, end) = self.reach?;
        Some((end - self.next.unwrap_or(begin).max(begin)).max(0))
    }
}
