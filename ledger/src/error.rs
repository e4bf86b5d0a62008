//! What can go wrong with a ledger, and where.

use schemas::{RecordError, Timestamp};

use crate::position::{POSITION_MAX, Position, ReadError};
use crate::quarantine::QuarantineId;
use crate::storage::{LockError, StorageError};

/// Why the ledger did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another process writes this ledger.
    #[error("the ledger is in use by {holder}")]
    Locked {
        /// What the other process says of itself.
        holder: String,
    },
    /// There is no ledger to read.
    #[error("there is no ledger here")]
    NoLedger,
    /// Written by a newer version of the program.
    #[error("the ledger has format {found}, this program reads up to format {known}: use a newer program")]
    NewerFormat {
        /// The format found.
        found: u32,
        /// The newest format that this program reads.
        known: u32,
    },
    /// The file that says the format says none. The segments may be whole all the same.
    #[error(
        "the file FORMAT does not say which format the ledger has: it is damaged, or of a newer program; \
         `tributary repair` makes it anew from a backup"
    )]
    NoFormat,
    /// The bytes are not what was written.
    #[error("segment {segment}, byte {byte}: {fault}")]
    Damaged {
        /// The number of the segment.
        segment: u64,
        /// Where in the segment's file.
        byte: u64,
        /// What is wrong there.
        fault: Fault,
    },
    /// A place to go on from that this ledger does not have.
    #[error("the ledger has no frame that ends at segment {segment}, byte {byte} with the hash asked for")]
    CursorMismatch {
        /// The number of the segment.
        segment: u64,
        /// Where in the segment's file.
        byte: u64,
    },
    /// The disk is full.
    #[error("the disk is full: {0}; make room and start again")]
    DiskFull(StorageError),
    /// The storage did not do what it was asked.
    #[error(transparent)]
    Storage(StorageError),
    /// A write or a sync failed before: what is durable is known only after a new start.
    #[error("the ledger stopped after a failure: {cause}; start again")]
    Poisoned {
        /// What failed then.
        cause: String,
    },
    /// A frame is durable here and may not be told of: no standby holds it.
    #[error("what came last is durable here, and nobody was told of it: {cause}")]
    NotHeld {
        /// Why nobody was waited for any longer.
        cause: String,
    },
    /// What a backup says of itself is not what was written.
    #[error(
        "the file BACKUP, which says up to where a backup goes, is damaged or of a newer program: back up into another folder"
    )]
    BackupLabel,
    /// An entry cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why a ledger was not backed up into a folder.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The folder holds a ledger that no backup made.
    #[error("the folder holds a ledger that is no backup: name another folder")]
    NoBackup,
    /// The ledger does not go on from where the backup ends.
    #[error(
        "the backup in the folder goes to position {position}, and this ledger does not go on from there: it is another \
         ledger, or one that was taken back to an earlier position; name another folder"
    )]
    AnotherLedger {
        /// The last position in the backup.
        position: Position,
    },
    /// The backup was opened as a ledger, and goes on by itself.
    #[error("somebody has written into the backup behind its position {position}: name another folder")]
    WrittenInto {
        /// The last position in the backup.
        position: Position,
    },
    /// The ledger or the backup cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Why a commit is not in the ledger: *refused* and *failed* are two things.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// It was refused: nothing has happened, and other commits are taken.
    #[error(transparent)]
    Refused(#[from] CommitRefusal),
    /// It failed: nothing is known of it, and every later commit fails too.
    #[error(transparent)]
    Failed(#[from] LedgerError),
}

/// Why the ledger refuses a commit, with which nothing has happened then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitRefusal {
    /// The index given is not that of this ledger's end.
    #[error("the index stands at position {index}, the ledger at {ledger}")]
    IndexElsewhere {
        /// Where the index stands.
        index: Position,
        /// Where the ledger stands.
        ledger: Position,
    },
    /// More in one commit than a frame can hold.
    #[error("a commit of {bytes} bytes; a frame holds at most {bytes_max}: send less at a time")]
    TooLarge {
        /// The bytes of the frame.
        bytes: u64,
        /// The most a frame may have.
        bytes_max: u64,
    },
    /// No more positions to give.
    #[error("the ledger holds {POSITION_MAX} entries, as many as it can: begin another ledger")]
    PositionsExhausted,
    /// The leader changed as often as can be told.
    #[error("the ledger is of epoch 65535, the last one there is: no other process can begin to lead it")]
    EpochsExhausted,
    /// Something is to be done to a quarantined event that is not there, or in a state where it cannot be done.
    #[error("nothing is in quarantine under id {} that this could be done to", id.0)]
    NotInQuarantine {
        /// The id given.
        id: QuarantineId,
    },
}

/// Why a ledger was not repaired from a copy.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    /// More of the ledger speaks against the copy than for it.
    #[error(
        "the copy is of another ledger, or too little of this one is left to show that it is not; to begin with the copy \
         alone, restore it into another directory"
    )]
    NotOfThisLedger,
    /// The ledger or the copy cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl LedgerError {
    pub(crate) fn damaged(segment: u64, byte: u64, fault: Fault) -> LedgerError {
        LedgerError::Damaged { segment, byte, fault }
    }
}

impl From<StorageError> for LedgerError {
    fn from(error: StorageError) -> Self {
        if error.is_disk_full() { LedgerError::DiskFull(error) } else { LedgerError::Storage(error) }
    }
}

impl From<LockError> for LedgerError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Held { holder } => LedgerError::Locked { holder },
            LockError::Storage(error) => error.into(),
        }
    }
}

/// What is wrong with bytes of a segment.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A segment's file is not there.
    #[error("the file of this segment is missing")]
    MissingSegment,
    /// Two files are named as this segment.
    #[error("two files have the number of this segment: one of them is not its own")]
    TwoFiles,
    /// A file's name bears a number that no segment of this ledger can have.
    #[error("no segment is near this number: the file is not of this ledger; move it elsewhere")]
    FarNumber,
    /// The file does not begin as a segment does.
    #[error("this is no segment of a ledger")]
    SegmentMagic,
    /// The segment's header is not what was written.
    #[error("checksum mismatch in the segment's header")]
    SegmentChecksum,
    /// The segment is another one than its place says.
    #[error("this is segment {found}, where segment {expected} should be")]
    SegmentNumber {
        /// The number in the header.
        found: u64,
        /// The number by its place.
        expected: u64,
    },
    /// The segment does not go on where the one before it ends.
    #[error("the segment does not go on where the one before it ends")]
    SegmentChain,
    /// The dictionary's texts are not those of the ledger so far.
    #[error("the dictionary is not the one of the frames before")]
    Dictionary,
    /// No frame begins here, and there are bytes.
    #[error("no frame begins here")]
    FrameMagic,
    /// The frame's header is not what was written.
    #[error("checksum mismatch in the frame's header")]
    HeaderChecksum,
    /// The frame's payload is not what was written.
    #[error("checksum mismatch in the frame")]
    PayloadChecksum,
    /// The frame would end beyond its segment.
    #[error("a frame of {bytes} bytes, where the segment has {room}")]
    Length {
        /// The frame's length.
        bytes: u64,
        /// What is left of the segment.
        room: u64,
    },
    /// The frame does not go on where the one before it ends.
    #[error("the frame begins at position {found}, expected was {expected}")]
    Sequence {
        /// The frame's first position.
        found: Position,
        /// The position after the frame before.
        expected: Position,
    },
    /// The frame's quarantine ids do not go on where those before end.
    #[error("the frame's quarantine ids begin at {found}, expected was {expected}")]
    QuarantineSequence {
        /// The frame's first id.
        found: u64,
        /// The id after those before.
        expected: u64,
    },
    /// The frame carries another hash than that of the frame before.
    #[error("the hash chain is broken: the frame does not name the one before it")]
    HashChain,
    /// The frame was recorded before the frame before it.
    #[error("recorded at {found}, before the frame before it at {previous}")]
    RecordedEarlier {
        /// When the frame says it was recorded.
        found: Timestamp,
        /// When the frame before it was.
        previous: Timestamp,
    },
    /// What the frame holds beside its records does not decode.
    #[error("the frame's sections do not decode")]
    Sections,
    /// The table of record offsets does not fit the records.
    #[error("the table of offsets does not fit the record at position {position}")]
    OffsetTable {
        /// The record's position.
        position: Position,
    },
    /// A record does not decode.
    #[error("position {position}: {cause}")]
    Record {
        /// The record's position.
        position: Position,
        /// What is wrong with it.
        cause: RecordError,
    },
    /// Bytes after the last frame of a segment that another one follows.
    #[error("bytes after the last frame of the segment")]
    BytesAfterEnd,
    /// The ledger ends before what was known to be durable.
    #[error("the ledger ends here, but was durable up to segment {segment}, byte {byte}, as the file DURABLE says")]
    EndsEarly {
        /// The segment up to which it was durable.
        segment: u64,
        /// The byte in it.
        byte: u64,
    },
}
