//! A ledger whose positions begin far on, as one of many years has them: for tests, also of other rooms.

use ledger::{MemoryStorage, Position, Storage};

/// Moves a ledger of one segment and one frame so that its first event stands at a position.
pub fn move_to(storage: &MemoryStorage, position: Position) {
    let name = "00000001-0000000001.segment";
    storage.edit(name, |bytes| {
        let header = u32::from_le_bytes(bytes[12..16].try_into().expect("four bytes")) as usize;
        bytes[24..32].copy_from_slice(&position.to_le_bytes());
        close(&mut bytes[..header]);
        bytes[header + 16..header + 24].copy_from_slice(&position.to_le_bytes());
        close(&mut bytes[header..header + 80]);
    });
    storage.rename(name, &format!("00000001-{position:010}.segment")).expect("memory renames");
    storage.sync_names().expect("memory syncs");
}

/// Writes the checksum of all before its last four bytes there.
fn close(header: &mut [u8]) {
    let (covered, checksum) = header.split_last_chunk_mut::<4>().expect("a header");
    let bits = covered.iter().fold(!0u32, |checksum, byte| {
        (0..8).fold(checksum ^ u32::from(*byte), |checksum, _| (checksum >> 1) ^ ((checksum & 1) * 0x82F6_3B78))
    });
    *checksum = (!bits).to_le_bytes();
}
