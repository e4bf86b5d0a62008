//! The parts that are kept, each once, whichever checkpoints name it.

use std::collections::{BTreeMap, HashMap, HashSet};

use ledger::{Storage, StorageError};

use crate::list::PartName;
use crate::packs::{Pack, PackBuilder, Place, name_of, number_of};
use crate::store::CheckpointError;

/// How many bytes of parts lie in a file, and wait in memory until it is written.
const PACK_BYTES: usize = 4 << 20;
/// So many files that are less than half full are made one.
const THIN_PACKS: usize = 16;
/// Fast rather than small: what is random in a part does not compress.
const COMPRESSION_LEVEL: i32 = 1;

/// What is kept, and where.
#[derive(Default)]
pub(crate) struct Parts {
    packs: BTreeMap<u64, Pack>,
    /// Where each part lies; of one that lies in several packs, in the last.
    places: HashMap<PartName, (u64, Place)>,
    /// Parts that were found to be not what they were: they count as not kept.
    damaged: HashSet<PartName>,
    /// The number of the next pack.
    next: u64,
}

impl Parts {
    /// All that there are just now.
    pub(crate) fn open(storage: &dyn Storage) -> Result<Parts, StorageError> {
        let mut parts = Parts::default();
        let mut numbers: Vec<u64> = storage.list()?.iter().filter_map(|name| number_of(name)).collect();
        numbers.sort_unstable();
        for number in numbers {
            parts.next = number + 1;
            if let Some(pack) = Pack::open(storage, number)? {
                parts.insert(number, pack);
            }
        }
        Ok(parts)
    }

    fn insert(&mut self, number: u64, pack: Pack) {
        for (name, place) in &pack.parts {
            self.places.insert(*name, (number, *place));
        }
        self.packs.insert(number, pack);
    }

    /// Forgets packs that were removed or replaced under this process, so that their parts are written again.
    pub(crate) fn forget_what_is_gone(&mut self) {
        let before = self.packs.len();
        self.packs.retain(|_, pack| pack.is_in_place());
        if self.packs.len() < before {
            let packs = &self.packs;
            self.places.retain(|_, (number, _)| packs.contains_key(number));
        }
    }

    /// Takes a part for not kept.
    pub(crate) fn distrust(&mut self, damaged: impl IntoIterator<Item = PartName>) {
        self.damaged.extend(damaged);
    }

    fn holds(&self, name: PartName) -> bool {
        self.places.contains_key(&name) && !self.damaged.contains(&name)
    }

    /// The number of the pack in which a part lies.
    pub(crate) fn pack_of(&self, name: PartName) -> Option<u64> {
        self.places.get(&name).map(|(number, _)| *number)
    }

    /// The pack of a number, in which a part lies.
    pub(crate) fn pack(&self, number: u64) -> &Pack {
        &self.packs[&number]
    }

    /// Bytes of all packs on disk.
    pub(crate) fn bytes(&self) -> u64 {
        self.packs.values().map(Pack::bytes).sum()
    }

    /// A part.
    ///
    /// # Errors
    /// If it is not there, or is not what its name says.
    pub(crate) fn read(&self, name: PartName) -> Result<Vec<u8>, CheckpointError> {
        let (number, place) = self.places.get(&name).ok_or(CheckpointError::PartMissing { name })?;
        self.packs[number].part(name, *place)?.ok_or(CheckpointError::PartDamaged { name })
    }

    /// Removes the packs of which no part is named any more, and writes those that are named of thin ones together.
    pub(crate) fn sweep(&mut self, storage: &dyn Storage, named: &HashSet<PartName>) -> Result<u64, CheckpointError> {
        let mut unreadable: Vec<u64> = storage.list()?.iter().filter_map(|name| number_of(name)).collect();
        unreadable.retain(|number| !self.packs.contains_key(number));
        let live: BTreeMap<u64, u64> =
            self.packs.iter().map(|(number, pack)| (*number, self.live(*number, pack, named))).collect();
        let is_sparse = |number: u64| live[&number] * 2 < self.packs[&number].bytes();
        let is_thin = |number: u64| live[&number] < PACK_BYTES as u64 / 2;
        let are_many = live.keys().filter(|number| is_thin(**number)).count() >= THIN_PACKS;
        let old: Vec<u64> =
            live.keys().copied().filter(|number| is_sparse(*number) || (are_many && is_thin(*number))).collect();
        let mut filling = Filling::new(storage, self)?;
        for number in &old {
            filling.copy_named(*number, named)?;
        }
        let written = filling.finish()?;
        for number in unreadable.iter().chain(&old) {
            self.packs.remove(number);
            storage.remove(&name_of(*number))?;
        }
        let packs = &self.packs;
        self.places.retain(|_, (number, _)| packs.contains_key(number));
        if !(unreadable.is_empty() && old.is_empty()) {
            storage.sync_names()?;
        }
        Ok(written)
    }

    /// How many bytes of a pack are of parts that are named and lie in no later pack.
    fn live(&self, number: u64, pack: &Pack, named: &HashSet<PartName>) -> u64 {
        let lies_here = |name: &PartName| self.places.get(name).is_some_and(|(at, _)| *at == number);
        let live = pack.parts.iter().filter(|(name, _)| named.contains(name) && lies_here(name));
        live.map(|(_, place)| place.bytes()).sum()
    }
}

/// Parts that are being written, a pack at a time; each pack is durable before the next is begun.
pub(crate) struct Filling<'p> {
    storage: &'p dyn Storage,
    parts: &'p mut Parts,
    pack: PackBuilder,
    /// What of the pack that is being filled there is.
    pending: HashSet<PartName>,
    compressor: zstd::bulk::Compressor<'static>,
    written: u64,
}

impl<'p> Filling<'p> {
    pub(crate) fn new(storage: &'p dyn Storage, parts: &'p mut Parts) -> Result<Filling<'p>, CheckpointError> {
        let compressor = zstd::bulk::Compressor::new(COMPRESSION_LEVEL).map_err(CheckpointError::store)?;
        Ok(Filling { storage, parts, pack: PackBuilder::default(), pending: HashSet::new(), compressor, written: 0 })
    }

    /// Keeps a part, unless it is kept.
    pub(crate) fn keep(&mut self, part: &[u8]) -> Result<PartName, CheckpointError> {
        let name = PartName::of(part);
        if !self.parts.holds(name) && self.pending.insert(name) {
            let compressed = self.compressor.compress(part).map_err(CheckpointError::store)?;
            self.add(name, part.len(), &compressed)?;
        }
        Ok(name)
    }

    /// Takes over from a pack what is named and lies in no later one.
    fn copy_named(&mut self, number: u64, named: &HashSet<PartName>) -> Result<(), CheckpointError> {
        let of_pack = self.parts.packs.get(&number).map(|pack| pack.parts.clone()).unwrap_or_default();
        for (name, place) in of_pack {
            let lies_here = self.parts.places.get(&name).is_some_and(|(at, _)| *at == number);
            if lies_here && named.contains(&name) && self.pending.insert(name) {
                let compressed = self.parts.packs[&number].compressed(place)?;
                self.add(name, place.part_length(), &compressed)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, name: PartName, part_length: usize, compressed: &[u8]) -> Result<(), CheckpointError> {
        self.pack.add(name, part_length, compressed);
        if self.pack.len() >= PACK_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), CheckpointError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let file = self.pack.finish();
        let number = self.parts.next;
        // A number is taken once, whatever becomes of the file.
        self.parts.next += 1;
        self.storage.replace(&name_of(number), &file)?;
        self.written += file.len() as u64;
        let pack = Pack::open(self.storage, number)?.ok_or(CheckpointError::Checksum)?;
        self.parts.insert(number, pack);
        for name in self.pending.drain() {
            self.parts.damaged.remove(&name);
        }
        Ok(())
    }

    /// Makes the last pack durable. Gives how many bytes were written in all.
    pub(crate) fn finish(mut self) -> Result<u64, CheckpointError> {
        self.flush()?;
        Ok(self.written)
    }
}
