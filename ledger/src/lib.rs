//! The ledger: accepted events in an order that never changes, on disk, whole or not at all.
//!
//! A [`Batch`] of what was read is committed by the one [`Ledger`]: each event is accepted at the next
//! position, found to be a duplicate, or quarantined (SPEC 1); all of it, with the source positions that the
//! batch brings the ledger to, is one [`Frame`], which is durable before the commit returns. Frames lie in
//! segments, each under checksums and carrying the hash of the one before (`docs/FORMAT.md`). A
//! [`LedgerReader`] reads them, in this process or beside it, up to the durable position.
//!
//! **What this crate does not do.** It knows no rate and no amount of commission, keeps no projection, and
//! has no clock and no thread: the moment is an argument, and all I/O goes through the port [`Storage`].

mod acceptance;
mod act;
mod actor;
mod backup;
mod batch;
mod chain;
pub mod column;
mod commit;
mod copy;
mod cursor;
mod cut_back;
mod deed;
mod deed_rows;
mod deeds;
mod dry_run;
mod durable;
mod epoch;
mod error;
mod event_reader;
pub mod fields;
mod format;
mod frame;
mod head;
mod identity;
mod index;
mod ledger;
mod mark;
mod outcome;
mod position;
mod quarantine;
mod reader;
mod recovery;
mod relief;
mod repair;
mod runs;
mod segment;
mod segment_file;
mod segments;
mod shipped;
mod source_storage;
#[cfg(test)]
mod steps;
mod storage;
mod survey;
pub mod sync;
mod text_choice;
mod topic;
mod verify;
mod walk;
mod write_lock;

pub use act::{Act, ActKind};
pub use actor::Actor;
pub use backup::{BackedUp, BackupLabel, back_up, backed_up_to, download, receive};
pub use batch::Batch;
pub use commit::Commit;
pub use copy::copy;
pub use cursor::{CursorDecodeError, FrameCursor};
pub use cut_back::{CutOff, cut_back};
pub use deed::{Deed, EventTypes};
pub use deed_rows::{DeedFilter, DeedRow};
pub use deeds::{Deeds, DeedsChange, PlaceOfDeeds};
pub use dry_run::DryRun;
pub use durable::{DurableSegment, LedgerSource};
pub use epoch::Epoch;
pub use error::{BackupError, CommitError, CommitRefusal, Fault, LedgerError, RepairError};
pub use event_reader::EventReader;
pub use format::FORMAT_VERSION;
pub use frame::Frame;
pub use head::{Head, HeadFound, HeadParseError};
pub use identity::IdentityMark;
pub use index::{Index, IndexDecodeError, IndexReader, Relieved, RunDraft};
pub use ledger::{Gate, Ledger, LedgerOptions, Recovery};
pub use outcome::Outcome;
pub use position::{AccountId, POSITION_MAX, Position, ReadError};
pub use quarantine::applying::QuarantineChange;
pub use quarantine::{
    Quarantine, QuarantineFilter, QuarantineHead, QuarantineId, QuarantineLocation, QuarantineRow, QuarantineState,
    QuarantinedEvent,
};
pub use reader::LedgerReader;
pub use repair::{LostPositions, RepairReport, RepairedSegment, repair};
pub use runs::{RunError, RunFile, Runs};
pub use shipped::{ShipError, ShippedAfter, ShippedPiece};
pub use source_storage::SourceStorage;
pub use storage::{
    Access, DiskSpace, DiskStorage, Faults, FaultyStorage, LockError, MemoryStorage, Storage, StorageError,
    StorageFile, StorageLock, lock_holder,
};
pub use survey::{Damage, Survey, SurveyReport, SurveyedSegment};
pub use topic::{TopicAcceptance, TopicId};
pub use verify::{VerifyReport, verify};
pub use write_lock::WriteLock;
