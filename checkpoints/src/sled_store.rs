//! Checkpoints in sled. The content is cut into chunks under a generation of its own; the head that names the
//! generation is written last, so a checkpoint is there whole or not at all.

use std::path::Path;

use crate::store::{Checkpoint, CheckpointError, CheckpointStore};

const HEAD: &[u8] = b"head";
/// Bytes a chunk has at most.
const CHUNK_BYTES: usize = 64 * 1024;
/// Keys a batch has at most: sled keeps a whole batch in memory several times over.
const BATCH_KEYS_MAX: usize = 64;
/// What sled may keep of pages in memory: checkpoints are written and read once.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// A sled database that holds the last checkpoint.
pub struct SledStore {
    db: sled::Db,
}

impl From<sled::Error> for CheckpointError {
    fn from(error: sled::Error) -> CheckpointError {
        CheckpointError::Store { detail: error.to_string() }
    }
}

impl SledStore {
    /// Opens the database of a folder, made if it is not there.
    ///
    /// # Errors
    /// If sled cannot open it: another process holds it, or it is damaged.
    pub fn open(folder: &Path) -> Result<SledStore, CheckpointError> {
        let config = sled::Config::new().path(folder).cache_capacity(CACHE_BYTES).flush_every_ms(None);
        Ok(SledStore { db: config.open()? })
    }

    fn generation(&self) -> Result<Option<Head>, CheckpointError> {
        Ok(self.db.get(HEAD)?.and_then(|head| Head::decode(&head)))
    }

    fn remove_others(&self, keep: Option<u64>) -> Result<(), CheckpointError> {
        let kept_prefix = keep.map(u64::to_be_bytes);
        let mut batch = sled::Batch::default();
        let mut keys = 0;
        for key in self.db.iter().keys() {
            let key = key?;
            if &key[..] == HEAD || kept_prefix.is_some_and(|prefix| key.starts_with(&prefix)) {
                continue;
            }
            batch.remove(key);
            keys += 1;
            if keys == BATCH_KEYS_MAX {
                self.db.apply_batch(std::mem::take(&mut batch))?;
                keys = 0;
            }
        }
        self.db.apply_batch(batch)?;
        Ok(())
    }
}

/// Which generation is whole, how long it is and what its checksum must be.
struct Head {
    generation: u64,
    length: u64,
    checksum: [u8; 32],
}

impl Head {
    fn encode(&self) -> Vec<u8> {
        [&self.generation.to_be_bytes()[..], &self.length.to_be_bytes(), &self.checksum].concat()
    }

    fn decode(bytes: &[u8]) -> Option<Head> {
        let (generation, rest) = bytes.split_first_chunk::<8>()?;
        let (length, checksum) = rest.split_first_chunk::<8>()?;
        Some(Head {
            generation: u64::from_be_bytes(*generation),
            length: u64::from_be_bytes(*length),
            checksum: checksum.try_into().ok()?,
        })
    }
}

fn chunk_key(generation: u64, chunk: u64) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&generation.to_be_bytes());
    key[8..].copy_from_slice(&chunk.to_be_bytes());
    key
}

impl CheckpointStore for SledStore {
    fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
        let last = self.generation()?.map_or(0, |head| head.generation);
        self.remove_others((last > 0).then_some(last))?;
        let generation = last + 1;
        for (batch_number, chunks) in checkpoint.content().chunks(CHUNK_BYTES * BATCH_KEYS_MAX).enumerate() {
            let mut batch = sled::Batch::default();
            for (at, chunk) in chunks.chunks(CHUNK_BYTES).enumerate() {
                batch.insert(&chunk_key(generation, (batch_number * BATCH_KEYS_MAX + at) as u64), chunk);
            }
            self.db.apply_batch(batch)?;
        }
        self.db.flush()?;
        let head = Head { generation, length: checkpoint.content().len() as u64, checksum: checkpoint.checksum() };
        self.db.insert(HEAD, head.encode())?;
        self.db.flush()?;
        self.remove_others(Some(generation))
    }

    fn load(&mut self) -> Result<Option<Checkpoint>, CheckpointError> {
        let Some(head) = self.generation()? else { return Ok(None) };
        let mut content = Vec::with_capacity(usize::try_from(head.length).map_err(|_| CheckpointError::Checksum)?);
        for chunk in self.db.scan_prefix(head.generation.to_be_bytes()).values() {
            content.extend_from_slice(&chunk?);
        }
        Checkpoint::from_kept(content, &head.checksum).map(Some)
    }

    fn clear(&mut self) -> Result<(), CheckpointError> {
        self.db.remove(HEAD)?;
        self.remove_others(None)?;
        self.db.flush()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(content: &[u8]) -> Checkpoint {
        let checksum = *blake3::hash(content).as_bytes();
        Checkpoint::from_kept(content.to_vec(), &checksum).expect("the checksum is the content's")
    }

    #[test]
    fn the_last_checkpoint_is_the_one_that_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let small = kept(b"small");
        let large = kept(&vec![7; CHUNK_BYTES * (BATCH_KEYS_MAX + 2) + 5]);
        for checkpoint in [&small, &large, &small] {
            let mut store = SledStore::open(folder.path()).expect("sled opens");
            store.save(checkpoint).expect("sled keeps");
            drop(store);
            let mut store = SledStore::open(folder.path()).expect("sled opens");
            assert_eq!(store.load().expect("sled reads").as_ref(), Some(checkpoint));
        }
    }

    #[test]
    fn what_was_damaged_or_cleared_is_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = SledStore::open(folder.path()).expect("sled opens");
        assert!(store.load().expect("sled reads").is_none());
        store.save(&kept(b"content")).expect("sled keeps");
        store.db.insert(chunk_key(1, 0), b"c0ntent").expect("sled keeps");
        assert!(matches!(store.load(), Err(CheckpointError::Checksum)));
        store.clear().expect("sled clears");
        assert!(store.load().expect("sled reads").is_none());
    }
}
