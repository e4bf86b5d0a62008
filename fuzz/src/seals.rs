//! Checksums made anew over bytes that were changed, as `docs/FORMAT.md` has them: so that what stands behind them is
//! reached. Written from that page, not from the program.

/// Bytes of a frame's header.
const FRAME_HEADER: usize = 80;

/// A segment: its header, and each frame with the hash of the one before.
pub(crate) fn seal_segment(bytes: &mut [u8]) {
    let Some(length) = number(bytes, 12).map(|length| length as usize) else { return };
    if !(92..=bytes.len()).contains(&length) {
        return;
    }
    seal_crc(bytes, 0, length - 4);
    let mut before: [u8; 32] = bytes[48..80].try_into().unwrap_or_default();
    let mut at = length;
    while bytes.get(at..at + 4) == Some(b"TRFR") {
        let Some(payload) = number(bytes, at + 8).map(|length| length as usize) else { return };
        let end = at.saturating_add(FRAME_HEADER).saturating_add(payload);
        if end > bytes.len() {
            return;
        }
        bytes[at + 40..at + 72].copy_from_slice(&before);
        let checksum = crc32c::crc32c(&bytes[at + FRAME_HEADER..end]);
        bytes[at + 72..at + 76].copy_from_slice(&checksum.to_le_bytes());
        seal_crc(bytes, at, at + 76);
        before = *blake3::hash(&bytes[at..end]).as_bytes();
        at = end;
    }
}

/// The durable mark.
pub(crate) fn seal_mark(bytes: &mut [u8]) {
    if bytes.len() >= 24 {
        seal_crc(bytes, 0, 20);
    }
}

/// A run of the index: its parts, and its header.
pub(crate) fn seal_run(bytes: &mut [u8]) {
    let (Some(events), Some(accounts)) = (long(bytes, 32), long(bytes, 40)) else { return };
    let limit = bytes.len() as u64;
    if events > limit || accounts > limit || bytes.len() < 192 {
        return;
    }
    let buckets = events.div_ceil(40).max(1);
    let lengths = [64 * buckets, 8 * accounts, 4 * (accounts + 1), 4 * events, 2 * events, 4 * events, 4 * events];
    let mut at = 192;
    for (part, length) in lengths.into_iter().enumerate() {
        let end = at + length as usize;
        let Some(body) = bytes.get(at..end) else { return };
        let checksum = crc32c::crc32c(body);
        bytes[120 + 4 * part..124 + 4 * part].copy_from_slice(&checksum.to_le_bytes());
        at = end;
    }
    seal_crc(bytes, 0, 148);
}

/// A file of parts: its table.
pub(crate) fn seal_pack(bytes: &mut [u8]) {
    let Some(count) = number(bytes, 8) else { return };
    let end = 12 + count as usize * 40;
    if end + 32 <= bytes.len() {
        let hash = *blake3::hash(&bytes[..end]).as_bytes();
        bytes[end..end + 32].copy_from_slice(&hash);
    }
}

/// A list of parts, as a file.
pub(crate) fn seal_list(bytes: &mut [u8]) {
    if bytes.len() >= 40 {
        let hash = *blake3::hash(&bytes[40..]).as_bytes();
        bytes[8..40].copy_from_slice(&hash);
    }
}

/// Writes the CRC32C of a range behind it.
fn seal_crc(bytes: &mut [u8], from: usize, to: usize) {
    let checksum = crc32c::crc32c(&bytes[from..to]);
    bytes[to..to + 4].copy_from_slice(&checksum.to_le_bytes());
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
