//! The list of the last checkpoint in sled. It is cut into chunks under a generation of its own; the head that names the
//! generation is written last, so a checkpoint is there whole or not at all.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;
use std::{fs, io, thread};

use crate::list::Checkpoint;
use crate::store::{CheckpointError, CheckpointStore};

const HEAD: &[u8] = b"head";
/// Bytes a chunk has at most.
const CHUNK_BYTES: usize = 64 * 1024;
/// Keys a batch has at most: sled keeps a whole batch in memory several times over.
const BATCH_KEYS_MAX: usize = 64;
/// What sled may keep of pages in memory: checkpoints are written and read once.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// How long it is waited for sled's own threads when a database is closed. They wait for ever for a disk that is full,
/// and what they would write is not needed: a checkpoint is flushed when it is kept.
const CLOSING_MAX: Duration = Duration::from_secs(5);

/// A sled database that holds the last checkpoint.
///
/// One that fails, or whose files are removed under it, is let go, and opened again when the next checkpoint is to be
/// kept.
pub struct SledStore {
    folder: PathBuf,
    database: Option<Database>,
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
    /// If another process holds it, or the system does not let it be opened: what it holds may be whole then. Any other
    /// error means that it is damaged.
    pub fn open(folder: &Path) -> Result<SledStore, CheckpointError> {
        let database = Some(Database::open(folder)?);
        Ok(SledStore { folder: folder.to_owned(), database })
    }

    /// The database of a folder that cannot be opened just now: it is tried again when a checkpoint is to be kept.
    #[must_use]
    pub fn later(folder: &Path) -> SledStore {
        SledStore { folder: folder.to_owned(), database: None }
    }

    /// The database, which is opened if it is not open.
    fn database(&mut self) -> Result<&Database, CheckpointError> {
        match &mut self.database {
            Some(database) => Ok(database),
            closed @ None => Ok(closed.insert(Database::open(&self.folder)?)),
        }
    }
}

/// An open database.
struct Database {
    db: sled::Db,
    /// Device and number of the file that sled locks and writes.
    file: (u64, u64),
}

impl Database {
    fn open(folder: &Path) -> Result<Database, CheckpointError> {
        let config = sled::Config::new().path(folder).cache_capacity(CACHE_BYTES).flush_every_ms(None);
        let system = |cause| CheckpointError::System { folder: folder.to_owned(), cause };
        let db = config.open().map_err(|error| {
            let sled::Error::Io(cause) = error else { return error.into() };
            // sled says in words only that another process has the lock.
            if cause.to_string().contains("could not acquire lock") {
                CheckpointError::Held { folder: folder.to_owned() }
            } else if cause.raw_os_error().is_some() {
                system(cause)
            } else {
                sled::Error::Io(cause).into()
            }
        })?;
        let file = identity(folder).map_err(system)?;
        Ok(Database { db, file })
    }

    /// Whether the folder's name still leads to what is open.
    fn is_in_place(&self, folder: &Path) -> bool {
        identity(folder).is_ok_and(|file| file == self.file)
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

impl Database {
    fn save(&self, checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
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

    fn load(&self) -> Result<Option<Checkpoint>, CheckpointError> {
        let Some(head) = self.generation()? else { return Ok(None) };
        // NOTE: no memory is taken for what the head alone says.
        let mut content = Vec::new();
        for chunk in self.db.scan_prefix(head.generation.to_be_bytes()).values() {
            content.extend_from_slice(&chunk?);
            if content.len() as u64 > head.length {
                return Err(CheckpointError::Checksum);
            }
        }
        Checkpoint::from_kept(content, &head.checksum).map(Some)
    }

    fn clear(&self) -> Result<(), CheckpointError> {
        self.db.remove(HEAD)?;
        self.remove_others(None)?;
        self.db.flush()?;
        Ok(())
    }

    /// Closes it, on a thread that is left behind if it takes too long.
    fn close(self) {
        let (done, closed) = channel::<()>();
        let closing = thread::Builder::new().name("close checkpoints".to_owned()).spawn(move || {
            drop(self);
            drop(done);
        });
        if closing.is_ok() {
            // The sender that is dropped ends the waiting.
            let _ = closed.recv_timeout(CLOSING_MAX);
        }
    }
}

fn identity(folder: &Path) -> io::Result<(u64, u64)> {
    let file = fs::metadata(folder.join("db"))?;
    Ok((file.dev(), file.ino()))
}

impl CheckpointStore for SledStore {
    fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
        let folder = self.folder.clone();
        let database = self.database()?;
        let saved = database.save(checkpoint);
        let kept = if database.is_in_place(&folder) { saved } else { Err(CheckpointError::Gone { folder }) };
        if kept.is_err() {
            // NOTE: a sled that failed once may wait for ever in the next call.
            self.database.take().into_iter().for_each(Database::close);
        }
        kept
    }

    fn load(&mut self) -> Result<Option<Checkpoint>, CheckpointError> {
        self.database()?.load()
    }

    fn clear(&mut self) -> Result<(), CheckpointError> {
        self.database()?.clear()
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        self.database.take().into_iter().for_each(Database::close);
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
        let database = store.database().expect("it is open");
        database.db.insert(chunk_key(1, 0), b"c0ntent").expect("sled keeps");
        assert!(matches!(store.load(), Err(CheckpointError::Checksum)));
        store.clear().expect("sled clears");
        assert!(store.load().expect("sled reads").is_none());
    }

    #[test]
    fn a_head_that_says_another_length_is_not_believed() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = SledStore::open(folder.path()).expect("sled opens");
        let checkpoint = kept(b"content");
        for (length, is_read) in [(7, true), (6, false), (u64::MAX, true)] {
            store.save(&checkpoint).expect("sled keeps");
            let database = store.database().expect("it is open");
            let generation = database.generation().expect("sled reads").expect("a head").generation;
            let head = Head { generation, length, checksum: checkpoint.checksum() };
            database.db.insert(HEAD, head.encode()).expect("sled keeps");
            assert_eq!(store.load().is_ok(), is_read, "{length}");
        }
    }

    #[test]
    fn a_store_that_another_holds_is_told_from_one_that_is_damaged_and_is_opened_once_it_is_free() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut first = SledStore::open(folder.path()).expect("sled opens");
        first.save(&kept(b"first")).expect("sled keeps");
        let held = SledStore::open(folder.path()).map(|_| ());
        assert!(matches!(held, Err(CheckpointError::Held { .. })), "{held:?}");
        let mut second = SledStore::later(folder.path());
        assert!(matches!(second.save(&kept(b"second")), Err(CheckpointError::Held { .. })));
        drop(first);
        second.save(&kept(b"second")).expect("it is free");
        assert_eq!(second.load().expect("sled reads"), Some(kept(b"second")));
        drop(second);
        std::fs::write(folder.path().join("conf"), b"no configuration of sled").expect("written");
        let damaged = SledStore::open(folder.path()).map(|_| ());
        assert!(matches!(damaged, Err(CheckpointError::Store { .. })), "{damaged:?}");
    }

    #[test]
    fn given_its_folder_is_removed_when_a_checkpoint_is_kept_then_it_is_told_and_the_next_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("checkpoint");
        let mut store = SledStore::open(&place).expect("sled opens");
        store.save(&kept(b"one")).expect("sled keeps");
        std::fs::remove_dir_all(&place).expect("removed");
        let gone = store.save(&kept(b"two"));
        assert!(matches!(gone, Err(CheckpointError::Gone { .. } | CheckpointError::Store { .. })), "{gone:?}");
        store.save(&kept(b"three")).expect("sled keeps");
        drop(store);
        let mut store = SledStore::open(&place).expect("sled opens");
        assert_eq!(store.load().expect("sled reads"), Some(kept(b"three")));
    }
}
