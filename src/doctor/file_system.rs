//! What kind of file system the ledger lies on: a lock and a sync have to mean there what they say.

use std::path::Path;

use super::Check;

const NAME: &str = "file system";

/// What is to be said of one.
enum Kind {
    Network(&'static str),
    InMemory(&'static str),
    OfContainer(&'static str),
}

/// Those that are known not to be what a ledger should lie on, by the numbers of statfs(2).
fn kind(number: u64) -> Option<Kind> {
    Some(match number {
        0x6969 => Kind::Network("NFS"),
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => Kind::Network("SMB"),
        0x0102_1997 => Kind::Network("9p"),
        0x00c3_6400 => Kind::Network("Ceph"),
        0x6573_5546 => Kind::Network("FUSE"),
        0x5346_414f => Kind::Network("AFS"),
        0x0102_1994 | 0x8584_58f6 => Kind::InMemory("tmpfs"),
        0x794c_7630 => Kind::OfContainer("overlay"),
        _ => return None,
    })
}

/// Looks at the file system of a folder.
pub(super) fn check(folder: &Path) -> Check {
    let number = match rustix::fs::statfs(folder) {
        // The number has 32 bits, whatever the system's type for it.
        Ok(found) => (found.f_type as u64) & 0xffff_ffff,
        Err(error) => return Check::skipped(NAME, format!("the system does not say: {error}")),
    };
    match kind(number) {
        None => Check::ok(NAME, "a local one"),
        Some(Kind::Network(name)) => Check::warning(
            NAME,
            format!("{name}: locks and syncs may not hold there what they promise"),
            "put the ledger on a local disk, or on a block device; backups may lie there",
        ),
        Some(Kind::InMemory(name)) => Check::warning(
            NAME,
            format!("{name}: it is gone when the machine stops"),
            "put the ledger on a disk; this is for trials",
        ),
        Some(Kind::OfContainer(name)) => Check::warning(
            NAME,
            format!("{name}: it is gone with the container"),
            "mount a volume where the ledger lies",
        ),
    }
}
