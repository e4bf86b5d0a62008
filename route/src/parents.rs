//! What a router knows: who is whose sub-account. It is a function of the platform's topic, in its order, and of what the
//! router itself has put there and not read back yet.

use hashbrown::HashMap;
use schemas::{Event, Uid};

use crate::destination::parent_of;

/// The heads of families, by their sub-accounts.
///
/// A sub-account takes 16 bytes and one more of the table, with the room that a table leaves for growth 20 to 39; for the
/// moment in which it grows, half as much again.
#[derive(Clone, Debug, Default)]
pub struct Parents {
    /// Of each sub-account of the platform's topic one that stands above it in its chain: its parent, or one above that.
    /// Where a chain turns back on itself, the account that closes the circle stands above itself.
    above: HashMap<u64, u64>,
    /// Parents that this router put into the topic and has not read back yet. Another router may have put another one
    /// there first; then that one stands.
    ahead: HashMap<u64, u64>,
}

impl Parents {
    /// Nobody is anybody's.
    #[must_use]
    pub fn new() -> Parents {
        Parents::default()
    }

    /// Takes an event in that was read from the platform's topic. Of two registrations of an account the first stands, as
    /// in a ledger.
    pub fn learn(&mut self, event: &Event<'_>) {
        let Some((Uid(uid), Uid(parent))) = parent_of(event) else { return };
        self.ahead.remove(&uid);
        if self.above.contains_key(&uid) {
            return;
        }
        // `uid` has nothing above it yet. So it is met again at the top of its parent's chain, or not at all.
        let top = self.top(parent);
        self.above.insert(uid, top);
    }

    /// Takes an event in that is being put into the platform's topic, until it is read back from there.
    pub fn expect(&mut self, event: &Event<'_>) {
        let Some((Uid(uid), Uid(parent))) = parent_of(event) else { return };
        if !self.above.contains_key(&uid) {
            self.ahead.entry(uid).or_insert(parent);
        }
    }

    /// The head of an account's family, as far as its chain of parents is known: the account itself where nothing is.
    /// Where the chain turns back on itself, an account of the circle.
    pub fn head(&mut self, uid: Uid) -> Uid {
        let mut top = self.top(uid.0);
        // Each that is ahead is passed once at most; else they go in a circle.
        for _ in 0..self.ahead.len() {
            let Some(&parent) = self.ahead.get(&top) else { break };
            top = self.top(parent);
        }
        Uid(top)
    }

    /// How many sub-accounts are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.above.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.above.is_empty()
    }

    /// How many were put into the topic and not read back yet.
    #[must_use]
    pub fn ahead(&self) -> usize {
        self.ahead.len()
    }

    /// Bytes of memory that they take.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.above.allocation_size() + self.ahead.allocation_size()
    }

    /// The top of a chain among what was read. All that were passed on the way stand right below it from then on, so
    /// that no long chain is walked twice.
    fn top(&mut self, from: u64) -> u64 {
        let mut top = from;
        while let Some(&above) = self.above.get(&top) {
            if above == top {
                break;
            }
            top = above;
        }
        let mut at = from;
        while at != top {
            let Some(above) = self.above.get_mut(&at) else { break };
            at = std::mem::replace(above, top);
        }
        top
    }
}

#[cfg(test)]
mod tests {
    use schemas::{AccountType, Body, Registration, Relationship, Timestamp};

    use super::*;

    fn sub(uid: u64, parent: u64) -> Event<'static> {
        let body = Body::Registration(Registration {
            uid: Uid(uid),
            account_type: AccountType::Sub,
            country: None,
            code: None,
            relationship: Relationship::Both,
            parent_uid: Some(Uid(parent)),
        });
        Event { source: "/s".into(), id: "r".into(), time: Timestamp(0), body }
    }

    fn learned(pairs: &[(u64, u64)]) -> Parents {
        let mut parents = Parents::new();
        pairs.iter().for_each(|(uid, parent)| parents.learn(&sub(*uid, *parent)));
        parents
    }

    #[test]
    fn a_chain_ends_at_the_same_head_in_whatever_order_it_became_known() {
        let links = [(4, 3), (3, 2), (2, 1)];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut parents = learned(&order.map(|at| links[at]));
            assert!((1..=4).all(|uid| parents.head(Uid(uid)) == Uid(1)), "{order:?}");
            assert_eq!(parents.head(Uid(5)), Uid(5));
        }
    }

    #[test]
    fn of_two_registrations_the_first_that_was_read_stands_also_against_one_that_was_put_there() {
        let mut parents = Parents::new();
        parents.expect(&sub(5, 1));
        parents.expect(&sub(5, 2));
        assert_eq!((parents.head(Uid(5)), parents.ahead()), (Uid(1), 1));
        parents.learn(&sub(5, 3));
        parents.learn(&sub(5, 1));
        assert_eq!((parents.head(Uid(5)), parents.ahead()), (Uid(3), 0));
        parents.expect(&sub(5, 4));
        assert_eq!((parents.head(Uid(5)), parents.ahead()), (Uid(3), 0));
    }

    #[test]
    fn what_is_ahead_prolongs_what_was_read() {
        let mut parents = learned(&[(4, 3), (2, 1)]);
        parents.expect(&sub(3, 2));
        assert_eq!(parents.head(Uid(4)), Uid(1));
        parents.expect(&sub(1, 4));
        assert!([1, 2, 3, 4].contains(&parents.head(Uid(4)).0), "a circle ends somewhere in it");
    }

    #[test]
    fn a_circle_ends_somewhere_in_it() {
        for links in [&[(1, 1)][..], &[(1, 2), (2, 1)], &[(1, 2), (2, 3), (3, 1)]] {
            let mut parents = learned(links);
            let heads: Vec<Uid> = (1..=links.len() as u64).map(|uid| parents.head(Uid(uid))).collect();
            assert!(heads.iter().all(|head| *head == heads[0] && head.0 <= 3), "{links:?}: {heads:?}");
            parents.learn(&sub(9, 1));
            assert_eq!(parents.head(Uid(9)), heads[0]);
        }
    }

    #[test]
    fn a_chain_as_long_as_can_be_is_walked_once() {
        // From the bottom up, so that no walk is shortened while it grows: a million steps for each of a million looks
        // would take days.
        let length = 1_000_000;
        let mut parents = Parents::new();
        (1..length).for_each(|uid| parents.learn(&sub(uid, uid + 1)));
        assert!((1..length).all(|uid| parents.head(Uid(uid)) == Uid(length)));
        let each = parents.memory_bytes() / parents.len();
        assert!((17..=39).contains(&each), "{each} bytes a sub-account");
    }
}
