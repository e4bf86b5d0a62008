//! Which texts get a number in the dictionary: those that come a second time.

use std::collections::HashMap;

use hashbrown::HashSet;
use schemas::Dictionary;
use schemas::dictionary::TEXTS_MAX;
use xxhash_rust::xxh3::xxh3_64;

use crate::batch::Batch;

/// Which of the texts that the dictionary lacks are worth a number: those that come a second time.
#[derive(Default)]
pub(crate) struct TextChoice {
    /// Hashes of texts that came once.
    once: HashSet<u64>,
}

/// So many texts that came once are remembered; then it begins anew.
const ONCE_MAX: usize = 1 << 16;

impl TextChoice {
    /// The texts to add, in the order in which they first came.
    pub(crate) fn choose<'a>(&mut self, batches: &'a [Batch], dictionary: &Dictionary) -> Vec<&'a str> {
        let mut room = TEXTS_MAX - dictionary.len();
        if room == 0 {
            return Vec::new();
        }
        let mut counts: HashMap<&str, u32> = HashMap::new();
        let mut order = Vec::new();
        for (text, count) in batches.iter().flat_map(|batch| batch.missing().iter()) {
            let sum = counts.entry(text).or_insert_with(|| {
                order.push(text);
                0
            });
            *sum += count;
        }
        order.retain(|text| {
            if dictionary.id_of(text).is_some() || room == 0 {
                return false;
            }
            let hash = xxh3_64(text.as_bytes());
            let again = counts.get(text).is_some_and(|count| *count > 1) || self.once.remove(&hash);
            if again {
                room -= 1;
            } else {
                if self.once.len() >= ONCE_MAX {
                    self.once.clear();
                }
                self.once.insert(hash);
            }
            again
        });
        order
    }
}
