//! The plain events of a batch, account by account, each account's in their order.

use ledger::AccountId;

use super::plain::PlainEvent;

/// Bits of a key that one pass sorts by.
const PASS_BITS: u32 = 11;
const BUCKETS: usize = 1 << PASS_BITS;

/// The events of one account among all that were sorted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) account: AccountId,
    /// The account whose family they add to: the invitee, or the account itself.
    pub(super) head: AccountId,
    pub(super) begin: u32,
    pub(super) end: u32,
}

/// Events sorted by account.
pub(super) struct ByAccount {
    accounts: Vec<AccountId>,
    events: Vec<PlainEvent>,
}

impl ByAccount {
    /// Sorts events, each of which is of the account beside it.
    pub(super) fn of(accounts: &[AccountId], events: &[&PlainEvent], account_count: usize) -> ByAccount {
        let keys = accounts.iter().map(|account| account.0).collect();
        let order = sorted(keys, account_count);
        ByAccount {
            accounts: order.iter().map(|at| accounts[*at as usize]).collect(),
            events: order.iter().map(|at| *events[*at as usize]).collect(),
        }
    }

    /// The accounts that there are events of, ascending, each as its own head.
    pub(super) fn groups(&self) -> impl Iterator<Item = Group> + '_ {
        let mut begin = 0;
        self.accounts.chunk_by(|one, other| one == other).map(move |same| {
            let end = begin + same.len() as u32;
            let group = Group { account: same[0], head: same[0], begin, end };
            begin = end;
            group
        })
    }

    pub(super) fn events(&self, group: &Group) -> &[PlainEvent] {
        &self.events[group.begin as usize..group.end as usize]
    }
}

/// The places of keys, each below `bound`, in the order of the keys; of equal ones in their own.
pub(super) fn sorted(keys: Vec<u32>, bound: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    let mut next = vec![0; keys.len()];
    let mut shift = 0;
    while shift == 0 || bound.checked_shr(shift).unwrap_or(0) > 0 {
        let bucket = |place: u32| (keys[place as usize] >> shift) as usize % BUCKETS;
        let mut begins = [0u32; BUCKETS];
        for key in &keys {
            begins[(key >> shift) as usize % BUCKETS] += 1;
        }
        let mut begin = 0;
        for slot in &mut begins {
            begin += std::mem::replace(slot, begin);
        }
        for place in &order {
            let slot = &mut begins[bucket(*place)];
            next[*slot as usize] = *place;
            *slot += 1;
        }
        std::mem::swap(&mut order, &mut next);
        shift += PASS_BITS;
        if shift >= u32::BITS {
            break;
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn places_come_in_the_order_of_their_keys_and_equal_ones_in_their_own(
            bits in 1..32u32,
            keys in vec(any::<u32>(), 0..300),
        ) {
            let keys: Vec<u32> = keys.into_iter().map(|key| key >> (32 - bits)).collect();
            let mut expected: Vec<u32> = (0..keys.len() as u32).collect();
            expected.sort_by_key(|place| keys[*place as usize]);
            prop_assert_eq!(sorted(keys, 1 << bits), expected);
        }
    }
}
