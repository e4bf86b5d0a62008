//! Which partitions are a shard's, and so which families.

use schemas::Uid;

use crate::murmur2::partition_of_uid;

/// So many partitions a topic of accounts may have: enough for as many shards as there will be, and few enough that a
/// shard's list of them is small.
pub const PARTITIONS_MAX: u32 = 100_000;

/// A shard among others: of the partitions of accounts, those are its own whose number leaves its number over when it is
/// divided by how many shards there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    number: u32,
    of: u32,
    partitions: u32,
}

/// Why numbers make no shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HomeError {
    /// There is no such shard.
    #[error("shard {number} of {of}: shards are numbered from 0 to one below their number")]
    NoSuchShard {
        /// Its number.
        number: u32,
        /// How many there are.
        of: u32,
    },
    /// A shard would have no partition, or there are more than can be.
    #[error(
        "{of} shards of {partitions} partitions: there have to be as many partitions as shards at least, and at most \
         {PARTITIONS_MAX}"
    )]
    Partitions {
        /// How many shards.
        of: u32,
        /// How many partitions.
        partitions: u32,
    },
}

impl Home {
    /// The shard of a number, from 0, of so many, that share so many partitions.
    ///
    /// # Errors
    /// If there is no such shard, or it would have no partition.
    pub fn new(number: u32, of: u32, partitions: u32) -> Result<Home, HomeError> {
        if number >= of {
            return Err(HomeError::NoSuchShard { number, of });
        }
        if of > partitions || partitions > PARTITIONS_MAX {
            return Err(HomeError::Partitions { of, partitions });
        }
        Ok(Home { number, of, partitions })
    }

    /// Its number, from 0.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// How many shards there are.
    #[must_use]
    pub fn of(&self) -> u32 {
        self.of
    }

    /// How many partitions they share.
    #[must_use]
    pub fn partitions(&self) -> u32 {
        self.partitions
    }

    /// Whether a partition is its own.
    #[must_use]
    pub fn has(&self, partition: u32) -> bool {
        partition % self.of == self.number
    }

    /// Whether the family of this head is its own.
    #[must_use]
    pub fn is_of(&self, head: Uid) -> bool {
        self.has(partition_of_uid(head, self.partitions))
    }

    /// The number of the shard that has the family of this head.
    #[must_use]
    pub fn shard_of(&self, head: Uid) -> u32 {
        partition_of_uid(head, self.partitions) % self.of
    }

    /// Its partitions of accounts.
    pub fn own(&self) -> impl Iterator<Item = u32> + use<> {
        let home = *self;
        (0..self.partitions).filter(move |partition| home.has(*partition))
    }

    /// The partitions of the others.
    pub fn others(&self) -> impl Iterator<Item = u32> + use<> {
        let home = *self;
        (0..self.partitions).filter(move |partition| !home.has(*partition))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_is_one_shards_and_each_shard_has_one() {
        for (of, partitions) in [(1, 1), (1, 12), (2, 12), (5, 12), (5, 5), (7, 100)] {
            let homes: Vec<Home> = (0..of).map(|number| Home::new(number, of, partitions).expect("a shard")).collect();
            for partition in 0..partitions {
                assert_eq!(homes.iter().filter(|home| home.has(partition)).count(), 1);
            }
            assert!(homes.iter().all(|home| home.own().count() >= 1));
            for uid in (1..50).map(Uid) {
                let of_uid: Vec<u32> = homes.iter().filter(|home| home.is_of(uid)).map(Home::number).collect();
                assert!(homes.iter().all(|home| of_uid == [home.shard_of(uid)]), "{uid}");
            }
            assert!(homes.iter().all(|home| home.own().count() + home.others().count() == partitions as usize));
        }
        assert_eq!(Home::new(2, 2, 12), Err(HomeError::NoSuchShard { number: 2, of: 2 }));
        assert_eq!(Home::new(0, 0, 12), Err(HomeError::NoSuchShard { number: 0, of: 0 }));
        assert_eq!(Home::new(1, 5, 4), Err(HomeError::Partitions { of: 5, partitions: 4 }));
        assert!(Home::new(1, 5, PARTITIONS_MAX + 1).is_err());
    }
}
