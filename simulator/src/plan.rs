//! Which features and faults a run has. Each is there in about half of the runs (swarm testing): what is never
//! absent hides what only shows without it.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::cluster::plan::ClusterPlan;

/// What may be in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// Sub-accounts, also before their parents.
    pub sub_accounts: bool,
    /// Parents in a circle, and of themselves.
    pub circles: bool,
    /// Reversals, also before their trades.
    pub reversals: bool,
    /// Standings, rules of the platform and rebates, at any time.
    pub rates: bool,
    /// Codes again, also of somebody else.
    pub conflicts: bool,
    /// Offers, campaigns, joins, applications, notes.
    pub promotions: bool,
    /// Amounts at the limits.
    pub large_amounts: bool,
    /// What is no event.
    pub poison: bool,
    /// Commands with and without an idempotency key.
    pub commands: bool,
    /// Second tries of what is in quarantine.
    pub redrives: bool,
    /// Events sent in by requests, beside the topic.
    pub requests: bool,
}

/// What may go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// The power fails before an operation of the disk.
    pub power: bool,
    /// A write fails half done.
    pub write_errors: bool,
    /// A sync fails, and what it was to make durable is lost with the power.
    pub sync_errors: bool,
    /// The disk is full for a while.
    pub full_disk: bool,
    /// A bit of a frame turns while nobody runs.
    pub bit_flips: bool,
    /// A segment vanishes while nobody runs.
    pub lost_files: bool,
    /// Checkpoints fail to be kept, vanish, or are those of an earlier time.
    pub checkpoints: bool,
    /// The clock jumps ahead and back, and stands.
    pub clock: bool,
    /// Messages come again from an earlier offset.
    pub rewinds: bool,
    /// Offsets without a message, as aborted transactions leave them.
    pub gaps: bool,
    /// Whoever asked has gone when the answer comes.
    pub hang_ups: bool,
}

/// A run, as drawn from its seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// How many events the topic and requests bring, at the most.
    pub events: usize,
    /// How many accounts may be invited.
    pub invitees: u64,
    /// How many partitions the topic has.
    pub partitions: i32,
    /// A checkpoint is kept after so many events.
    pub checkpoint_events: u64,
    /// Bytes of a segment.
    pub segment_bytes: u64,
    /// How many times the daemon may be started.
    pub lives: u32,
    /// What the history holds.
    pub features: Features,
    /// What goes wrong.
    pub faults: Faults,
    /// Whether the disk forgets, with the power, something that it said was durable. No seed draws it: what then
    /// happens has to be found, and a test sees that it is.
    pub lies: bool,
    /// Whether every answer is held against the second reading of the contract at the end, which takes long.
    pub asks_everything: bool,
    /// From how many events on the index gives them from memory to runs on disk.
    pub run_events: u64,
    /// Whether a second machine follows, holds what is told, and takes over.
    pub standby: bool,
    /// From how many events on frames are applied at once, as an import does, where they are.
    pub whole_frames: Option<u32>,
    /// Routers and shards that run beside, in a world of their own, after the lives of the one ledger.
    pub cluster: Option<ClusterPlan>,
}

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Plan {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let events = pick(&mut rng, &[20, 60, 60, 150, 150, 400, 800]);
        // Most runs have few accounts, so that everything meets everything; some have more than 64 a slice.
        let invitees = pick(&mut rng, &[2, 4, 4, 12, 12, 40, 300]);
        let half = &mut || rng.random_ratio(1, 2);
        let features = Features {
            sub_accounts: half(),
            circles: half(),
            reversals: half(),
            rates: half(),
            conflicts: half(),
            promotions: half(),
            large_amounts: half(),
            poison: half(),
            commands: half(),
            redrives: half(),
            requests: half(),
        };
        let faults = Faults {
            power: half(),
            write_errors: half(),
            sync_errors: half(),
            full_disk: half(),
            bit_flips: half(),
            lost_files: half(),
            checkpoints: half(),
            clock: half(),
            rewinds: half(),
            gaps: half(),
            hang_ups: half(),
        };
        Plan {
            seed,
            events,
            invitees,
            partitions: rng.random_range(1..=4),
            checkpoint_events: pick(&mut rng, &[5, 30, 100, u64::MAX]),
            segment_bytes: pick(&mut rng, &[2 << 10, 8 << 10, 64 << 10]),
            lives: rng.random_range(1..=8),
            features,
            faults,
            lies: false,
            asks_everything: events <= 60 && rng.random_ratio(1, 4),
            run_events: pick(&mut rng, &[10, 60, u64::MAX]),
            // Drawn last: what a seed was before stays as it was.
            standby: rng.random_ratio(1, 3),
            whole_frames: pick(&mut rng, &[None, None, Some(1), Some(3)]),
            cluster: ClusterPlan::of(seed),
        }
    }
}

/// One of a few.
pub(crate) fn pick<T: Copy>(rng: &mut impl Rng, pool: &[T]) -> T {
    pool[rng.random_range(0..pool.len())]
}
