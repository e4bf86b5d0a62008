//! Buffers that are used again: what a source reads into was just read by a decoder, so the system need not make its pages
//! anew, and they still lie in a cache.

use std::sync::Arc;

use parking_lot::Mutex;

use super::chunk::CHUNK_BYTES;

/// The most buffers that wait to be used again. Few are on their way to a decoder at a time.
const KEPT_MAX: usize = 8;

/// The most bytes that a kept buffer has room for: a long line's is let go.
const KEPT_BYTES_MAX: usize = 4 * CHUNK_BYTES;

/// Buffers to be used again. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Buffers {
    free: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Buffers {
    /// An empty buffer; the one given back last, where one was.
    pub(crate) fn take(&self) -> Vec<u8> {
        self.free.lock().pop().unwrap_or_default()
    }

    /// Gives a buffer back, whatever is in it.
    pub(crate) fn give_back(&self, mut buffer: Vec<u8>) {
        if buffer.capacity() > KEPT_BYTES_MAX {
            return;
        }
        buffer.clear();
        let mut free = self.free.lock();
        if free.len() < KEPT_MAX {
            free.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_empty_and_with_its_room() {
        let buffers = Buffers::default();
        assert_eq!(buffers.take().capacity(), 0);
        let mut buffer = Vec::with_capacity(CHUNK_BYTES);
        buffer.extend_from_slice(b"what was read before");
        let (address, room) = (buffer.as_ptr(), buffer.capacity());
        buffers.give_back(buffer);
        let again = buffers.take();
        assert_eq!((again.as_ptr(), again.capacity(), again.len()), (address, room, 0));
        assert_eq!(buffers.take().capacity(), 0);
    }

    #[test]
    fn few_buffers_are_kept_and_no_large_one() {
        let buffers = Buffers::default();
        buffers.give_back(Vec::with_capacity(KEPT_BYTES_MAX + 1));
        assert_eq!(buffers.take().capacity(), 0);
        (0..3 * KEPT_MAX).for_each(|_| buffers.give_back(Vec::with_capacity(16)));
        assert_eq!((0..3 * KEPT_MAX).filter(|_| buffers.take().capacity() > 0).count(), KEPT_MAX);
    }
}
