//! Whose an event is, and where chains of parents lead, by plain bookkeeping: what routers and shards are held against.

use route::{Destination, Parents, destination};
use schemas::{Event, Uid};

/// The account of an event of one family; none of what every shard has to know.
pub(crate) fn account_of(event: &Event<'_>) -> Option<Uid> {
    // Who knows of no parents has everybody at the head of its own family.
    match destination(event, &mut Parents::new()) {
        Destination::Family(uid) => Some(uid),
        Destination::Platform => None,
    }
}

/// An account and all that stand above it, the head last; none where the chain turns back on itself.
pub(crate) fn chain(uid: Uid, parent: impl Fn(Uid) -> Option<Uid>) -> Option<Vec<Uid>> {
    let (mut at, mut chain) = (uid, vec![uid]);
    while let Some(above) = parent(at) {
        if chain.contains(&above) {
            return None;
        }
        chain.push(above);
        at = above;
    }
    Some(chain)
}
