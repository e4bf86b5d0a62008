//! How the disk fails during a life, and what happens to it between two.

use ledger::{Access, Faults, FaultyStorage, FrameCursor, MemoryStorage, Storage};
use rand::Rng;

use crate::failure::Failure;
use crate::plan;
use crate::world::World;

/// The disk of the next life, failing where the plan has it fail.
pub(crate) fn next_disk(world: &mut World) -> FaultyStorage {
    let faults = faults_of(&world.plan.faults, &world.here.disk, &mut world.rng);
    FaultyStorage::new(world.here.disk.clone(), faults)
}

/// Where a disk fails, as a plan has it.
pub(crate) fn faults_of(plan: &plan::Faults, disk: &MemoryStorage, rng: &mut impl Rng) -> Faults {
    let mut draw = |holds: bool, most: u64| (holds && rng.random_ratio(1, 2)).then(|| rng.random_range(1..=most));
    Faults {
        power_fails_at: draw(plan.power, 80),
        write_fails_at: draw(plan.write_errors, 40).map(|at| (at, std::io::ErrorKind::Other)),
        sync_fails_at: draw(plan.sync_errors, 30),
        read_fails_at: None,
        capacity_bytes: draw(plan.full_disk, 40_000).map(|room| disk.bytes() + room),
    }
}

/// Whether an error is one that the simulated disk gave, or a network that failed.
pub(crate) fn is_simulated(error: &str) -> bool {
    [
        "the power has failed",
        "the device reports an error",
        "cannot write",
        "cannot sync",
        "cannot create",
        "disk is full",
        "another process leads this ledger",
    ]
    .iter()
    .any(|words| error.contains(words))
}

/// The disk without faults.
pub(crate) fn sound_disk(world: &World) -> FaultyStorage {
    FaultyStorage::new(world.here.disk.clone(), Faults::default())
}

/// Makes zeros of the second half of what the last segment holds, though it was synced.
pub(crate) fn forget_durable(world: &mut World) {
    let names = world.here.disk.list().unwrap_or_default();
    let Some(last) = names.iter().filter(|name| name.ends_with(".segment")).max() else { return };
    world.here.disk.edit(last, |bytes| {
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        bytes[end / 2..end].fill(0);
    });
}

/// Something that happened to the disk while nobody ran, and can be undone.
pub(crate) enum Harm {
    /// A bit of a file turned.
    Bit { name: String, byte: usize, mask: u8 },
    /// A file is gone.
    Gone { name: String, bytes: Vec<u8> },
}

impl Harm {
    /// Turns a bit of a frame. `end` is where the last frame ends.
    pub(crate) fn flip(world: &mut World, end: &FrameCursor) -> Option<Harm> {
        let (name, limit) = segment(world, end)?;
        let byte = world.rng.random_range(0..limit);
        let mask = 1 << world.rng.random_range(0..8);
        world.here.disk.edit(&name, |bytes| bytes[byte] ^= mask);
        Some(Harm::Bit { name, byte, mask })
    }

    /// Takes a segment away.
    pub(crate) fn take_away(world: &mut World, end: &FrameCursor) -> Option<Harm> {
        let (name, _) = segment(world, end)?;
        let bytes = world.here.disk.contents(&name).ok().flatten()?;
        world.here.disk.remove(&name).and_then(|()| world.here.disk.sync_names()).ok()?;
        Some(Harm::Gone { name, bytes })
    }

    /// The disk as it was.
    pub(crate) fn undo(self, disk: &MemoryStorage) -> Result<(), Failure> {
        match self {
            Harm::Bit { name, byte, mask } => disk.edit(&name, |bytes| bytes[byte] ^= mask),
            Harm::Gone { name, bytes } => {
                let file = disk.create(&name, bytes.len() as u64)?;
                file.write_at(0, &bytes)?;
                file.sync()?;
                disk.sync_names()?;
            }
        }
        Ok(())
    }

    pub(crate) fn tell(&self) -> String {
        match self {
            Harm::Bit { name, byte, mask } => format!("a bit turned: {name}, byte {byte}, mask {mask}"),
            Harm::Gone { name, .. } => format!("a file gone: {name}"),
        }
    }
}

/// A segment that holds frames, and how many of its bytes are the header and frames.
fn segment(world: &mut World, end: &FrameCursor) -> Option<(String, usize)> {
    let mut names: Vec<String> = world.here.disk.list().ok()?;
    names.retain(|name| name.ends_with(".segment"));
    names.sort_unstable();
    let at = world.rng.random_range(0..names.len().max(1));
    let name = names.get(at)?.clone();
    let bytes = world.here.disk.open(&name, Access::Read).ok()??.len() as usize;
    let place = end.encode();
    let number = u64::from_le_bytes(*place.first_chunk()?);
    let offset = u64::from_le_bytes(*place[8..].first_chunk()?);
    let limit = if at as u64 + 1 == number { offset as usize } else { bytes };
    Some((name, limit))
}
