//! How a run's cluster is made, and what may go wrong in it.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::plan::pick;

/// What sets the generator of a cluster's plan apart from that of the rest of the plan.
const APART: u64 = 0xC1_05_7E_12;

/// Routers and shards, as drawn from a run's seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClusterPlan {
    /// How many events the source topic brings, at the most.
    pub events: usize,
    /// How many accounts may be invited.
    pub invitees: u64,
    /// Whether there are sub-accounts.
    pub sub_accounts: bool,
    /// How many partitions the source topic has.
    pub source_partitions: i32,
    /// How many shards there are.
    pub shards: u32,
    /// How many partitions the topic of accounts has.
    pub partitions: u32,
    /// How many routers there are.
    pub routers: usize,
    /// How many steps are taken before every fault is over.
    pub steps: u32,
    /// Routers and shards are killed.
    pub kills: bool,
    /// Brokers fail to do something, or to say that it is done.
    pub errors: bool,
    /// Routers stand still in the midst of what they do, and go on later.
    pub pauses: bool,
    /// Routers of the same id begin while the one before still runs.
    pub successors: bool,
    /// The group gives the partitions to others.
    pub changes: bool,
    /// The brokers take transactions back that take too long.
    pub timeouts: bool,
    /// Shards read messages again from an earlier offset.
    pub rewinds: bool,
    /// The shards' disks fail, as the run's plan says how.
    pub disks: bool,
}

impl ClusterPlan {
    /// The cluster of a seed's run, if it has one. It is drawn apart from all else, so that the rest of the run is what it
    /// is without.
    pub(crate) fn of(seed: u64) -> Option<ClusterPlan> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ APART);
        if !rng.random_ratio(1, 4) {
            return None;
        }
        let shards = rng.random_range(2..=3);
        let half = |rng: &mut ChaCha8Rng| rng.random_ratio(1, 2);
        Some(ClusterPlan {
            events: pick(&mut rng, &[20, 60, 60, 100]),
            invitees: pick(&mut rng, &[2, 4, 4, 12]),
            sub_accounts: rng.random_ratio(4, 5),
            source_partitions: rng.random_range(1..=4),
            shards,
            partitions: shards + rng.random_range(0..6),
            routers: rng.random_range(1..=2),
            steps: pick(&mut rng, &[40, 120, 300]),
            kills: half(&mut rng),
            errors: half(&mut rng),
            pauses: half(&mut rng),
            successors: half(&mut rng),
            changes: half(&mut rng),
            timeouts: half(&mut rng),
            rewinds: half(&mut rng),
            disks: half(&mut rng),
        })
    }
}
