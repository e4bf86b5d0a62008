//! The texts that come again and again (sources, symbols, assets, codes), each with a small number that
//! stands for it on disk.
//!
//! Append-only: a number, once given, means the same text for ever. Reading takes no lock, so that every
//! decoding thread asks it for every event while the ledger's writer adds to it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use xxhash_rust::xxh3::xxh3_64;

/// The most texts a dictionary holds.
pub const TEXTS_MAX: usize = 65_536;

/// The longest text it takes, in bytes.
pub const TEXT_BYTES_MAX: usize = 64;

const CHUNK_TEXTS: usize = 1_024;

/// Twice the texts, so that a search by hash ends soon.
const SLOTS: usize = 2 * TEXTS_MAX;

/// A slot holds a text's id + 1 in these bits (0: free), and in the others some bits of its hash.
const ID_BITS: u32 = 17;
const ID_MASK: u32 = (1 << ID_BITS) - 1;

type Chunk = Box<[OnceLock<Box<str>>]>;

/// Texts and their numbers, 0, 1, 2, … in the order in which they were added.
pub struct Dictionary {
    chunks: Box<[OnceLock<Chunk>]>,
    slots: Box<[AtomicU32]>,
    len: AtomicU32,
    adding: Mutex<()>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Dictionary::new()
    }
}

impl std::fmt::Debug for Dictionary {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list().entries(self.texts()).finish()
    }
}

impl Dictionary {
    /// Without a text.
    #[must_use]
    pub fn new() -> Dictionary {
        Dictionary {
            chunks: (0..TEXTS_MAX / CHUNK_TEXTS).map(|_| OnceLock::new()).collect(),
            slots: (0..SLOTS).map(|_| AtomicU32::new(0)).collect(),
            len: AtomicU32::new(0),
            adding: Mutex::new(()),
        }
    }

    /// The number of a text, if it has one.
    #[must_use]
    pub fn id_of(&self, text: &str) -> Option<u32> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let hash = xxh3_64(text.as_bytes());
        for slot in slots_from(hash) {
            let held = self.slots[slot].load(Ordering::Acquire);
            if held == 0 {
                return None;
            }
            if held & !ID_MASK == tag(hash) {
                let id = (held & ID_MASK) - 1;
                if self.text(id) == Some(text) {
                    return Some(id);
                }
            }
        }
        None
    }

    /// The text of a number, if it was given.
    #[must_use]
    pub fn text(&self, id: u32) -> Option<&str> {
        let id = id as usize;
        self.chunks.get(id / CHUNK_TEXTS)?.get()?[id % CHUNK_TEXTS].get().map(|text| &**text)
    }

    /// How many texts it holds; the next one gets this number.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Acquire) as usize
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All texts, in the order of their numbers.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).filter_map(|id| self.text(id))
    }

    /// Gives a text its number: the one it has, or the next. `None` if the text is too long or the
    /// dictionary full. Only the ledger's writer and readers of its frames add, in the order of the ledger.
    pub fn insert(&self, text: &str) -> Option<u32> {
        // Nothing is left half done under this lock, so a panic elsewhere does not matter.
        let _adding = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = self.id_of(text) {
            return Some(id);
        }
        let id = self.len.load(Ordering::Relaxed);
        if text.len() > TEXT_BYTES_MAX || id as usize >= TEXTS_MAX {
            return None;
        }
        let chunk =
            self.chunks[id as usize / CHUNK_TEXTS].get_or_init(|| (0..CHUNK_TEXTS).map(|_| OnceLock::new()).collect());
        chunk[id as usize % CHUNK_TEXTS].get_or_init(|| text.into());
        let hash = xxh3_64(text.as_bytes());
        let free = slots_from(hash).find(|slot| self.slots[*slot].load(Ordering::Relaxed) == 0)?;
        // NOTE: the text stands before its slot and the length name it, so a reader never meets a number without text.
        self.slots[free].store(tag(hash) | (id + 1), Ordering::Release);
        self.len.store(id + 1, Ordering::Release);
        Some(id)
    }
}

fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32 & !ID_MASK
}

/// Every slot, from the one that a hash names on.
fn slots_from(hash: u64) -> impl Iterator<Item = usize> {
    let first = hash as usize % SLOTS;
    (first..SLOTS).chain(0..first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_number_and_a_number_its_text() {
        let dictionary = Dictionary::new();
        assert_eq!(dictionary.id_of("BTCUSDT"), None);
        assert_eq!(dictionary.insert("BTCUSDT"), Some(0));
        assert_eq!(dictionary.insert("ETHUSDT"), Some(1));
        assert_eq!(dictionary.insert("BTCUSDT"), Some(0));
        assert_eq!(dictionary.insert(""), Some(2));
        assert_eq!(
            (dictionary.id_of("ETHUSDT"), dictionary.text(1), dictionary.text(3)),
            (Some(1), Some("ETHUSDT"), None)
        );
        assert_eq!(dictionary.texts().collect::<Vec<_>>(), ["BTCUSDT", "ETHUSDT", ""]);
    }

    #[test]
    fn a_long_text_gets_no_number() {
        let dictionary = Dictionary::new();
        assert_eq!(dictionary.insert(&"é".repeat(33)), None);
        assert_eq!(dictionary.insert(&"é".repeat(32)), Some(0));
    }

    #[test]
    fn a_full_dictionary_takes_no_more_and_still_finds_all() {
        let dictionary = Dictionary::new();
        for id in 0..TEXTS_MAX as u32 {
            assert_eq!(dictionary.insert(&format!("text {id}")), Some(id));
        }
        assert_eq!(dictionary.insert("one more"), None);
        assert_eq!(dictionary.id_of("one more"), None);
        for id in 0..TEXTS_MAX as u32 {
            assert_eq!(dictionary.id_of(&format!("text {id}")), Some(id));
        }
    }

    #[test]
    fn what_one_thread_adds_others_find_whole() {
        let dictionary = Dictionary::new();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for id in 0..5_000 {
                    dictionary.insert(&format!("text {id}"));
                }
            });
            scope.spawn(|| {
                while dictionary.len() < 5_000 {
                    let known = dictionary.len() as u32;
                    for id in known.saturating_sub(5)..known {
                        let text = format!("text {id}");
                        assert_eq!(dictionary.text(id), Some(&*text));
                        assert_eq!(dictionary.id_of(&text), Some(id));
                    }
                }
            });
        });
    }
}
