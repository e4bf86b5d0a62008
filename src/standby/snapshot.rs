//! What a standby that is new takes of its leader before it follows: the segments as files, each held against the hash chain
//! before it is put in its place, and the last checkpoint along the way with the runs of the index that it stands on. All of it
//! lies in a folder of its own until it is whole, so nothing that is half taken is ever opened; what is whole of it is kept when
//! it goes on, with this leader or another one.

mod checkpoint;
mod file;
mod put_in_place;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use api::SnapshotBoard;
use ledger::{
    BackedUp, BackupError, DiskStorage, DurableSegment, FrameCursor, LedgerError, LedgerSource, StorageError,
    WriteLock, backed_up_to, receive,
};

use self::checkpoint::{TakenCheckpoint, take_checkpoint};
use self::file::{WantedFile, of_another_ledger};
use super::leader::{Asked, Leader, LeaderError};
use crate::elsewhere::{Elsewhere, NotGiven, is_of_elsewhere};
use crate::exit::Failure;
use crate::place::Place;
use crate::service_manager::Starting;
use crate::survey::survey;

/// Where it lies in the directory until it is whole.
const FOLDER: &str = "snapshot";
/// Where the segments and the checkpoint lie in it, as in the directory itself.
const SEGMENTS: &str = "ledger";
const PAST: &str = "past";
/// While the segments are taken the leader writes on: what is new is taken so often, and what comes then as frames.
const ROUNDS: usize = 3;

/// A snapshot that a standby takes, if it has no ledger.
pub(crate) struct Snapshot<'a> {
    place: &'a Place,
    progress: Progress,
    /// Whether what was taken before this process began is known to be good.
    is_checked: bool,
    /// Whether it was said that frames are taken instead.
    said_frames: bool,
}

/// Who is told how far it is.
struct Progress {
    board: Arc<SnapshotBoard>,
    starting: Starting,
    taken: u64,
    total: u64,
}

/// What came of trying to take one.
pub(super) enum Taken {
    /// It is in its place: the ledger can be opened.
    Whole,
    /// There is none to be had: frames are taken from the first on.
    ByFrames,
    /// Not yet, and why.
    NotYet(String),
}

/// Why it goes no further just now.
enum Stop {
    NotYet(String),
    ByFrames(String),
    Failed(Failure),
}

impl From<NotGiven> for Stop {
    fn from(NotGiven { status, failure }: NotGiven) -> Stop {
        match status {
            Some(400 | 401 | 403) => Stop::Failed(failure),
            Some(_) | None => Stop::NotYet(failure.in_words()),
        }
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Stop {
        Stop::Failed(Failure::failed(error))
    }
}

impl Progress {
    fn is(&mut self, what: impl FnOnce() -> String, taken: u64, total: u64) {
        (self.taken, self.total) = (taken, total);
        self.board.takes(what(), taken, total);
        let board = &self.board;
        self.starting.goes_on(|| board.told().unwrap_or_default());
    }
}

impl<'a> Snapshot<'a> {
    /// Of a directory, told of on a board. Nothing is done yet.
    pub(crate) fn new(place: &'a Place, board: Arc<SnapshotBoard>) -> Snapshot<'a> {
        let progress = Progress { board, starting: Starting::new(), taken: 0, total: 0 };
        Snapshot { place, progress, is_checked: false, said_frames: false }
    }

    pub(super) fn place(&self) -> &Place {
        self.place
    }

    /// Removes what a crash left of one that is in its place, where there is a ledger.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub(super) fn clear_away(&self) -> Result<(), Failure> {
        Ok(put_in_place::clear_away(&self.folder())?)
    }

    /// Takes one of a leader, or goes on with one that was begun.
    ///
    /// # Errors
    /// If the leader refuses it as things are, or the directory cannot be written.
    pub(super) fn take(&mut self, leader: &Leader) -> Result<Taken, Failure> {
        let taken = self.try_to_take(leader);
        if !matches!(taken, Err(Stop::NotYet(_))) {
            self.progress.board.is_over();
        }
        match taken {
            Ok(()) => Ok(Taken::Whole),
            Err(Stop::NotYet(why)) => {
                let Progress { taken, total, .. } = self.progress;
                self.progress.is(|| format!("it is waited, since {why}"), taken, total);
                Ok(Taken::NotYet(why))
            }
            Err(Stop::ByFrames(why)) => {
                if !std::mem::replace(&mut self.said_frames, true) {
                    tracing::info!(
                        leader = leader.url(),
                        why,
                        "no snapshot is taken: all frames are, from the first on"
                    );
                }
                Ok(Taken::ByFrames)
            }
            Err(Stop::Failed(failure)) => Err(failure),
        }
    }

    fn folder(&self) -> PathBuf {
        self.place.folder().join(FOLDER)
    }

    fn try_to_take(&mut self, leader: &Leader) -> Result<(), Stop> {
        let folder = self.folder();
        if put_in_place::is_whole(&folder) {
            // Once its segments are moved there is nothing to lock.
            let copy = Place::at(&folder);
            let _lock = if copy.has_ledger() { Some(copy.lock()?) } else { None };
            return Ok(put_in_place::put_in_place(self.place, &folder)?);
        }
        if !checkpoint::are_given(leader)? {
            let why = "the leader is of an older version, which gives none";
            return Err(Stop::ByFrames(why.to_owned()));
        }
        let lock = Place::at(&folder).lock()?;
        self.agrees(leader, &lock)?;
        let mut end = self.take_segments(leader, &lock)?;
        let progress = &mut self.progress;
        let from = format!("a checkpoint from {}", leader.url());
        let mut told = |taken, total| progress.is(|| from.clone(), taken, total);
        let TakenCheckpoint { position, files } = take_checkpoint(&folder, leader, end.position(), &mut told)?;
        if files.iter().filter_map(WantedFile::run).any(|run| run.last > end.position()) {
            // It was merged from what the leader took in meanwhile.
            end = self.take_segments(leader, &lock)?;
        }
        if let Some(run) = of_another_ledger(&folder, &files)? {
            return Err(Stop::NotYet(format!("{} of {} is a run of another ledger", run.name, leader.url())));
        }
        put_in_place::say_whole(&folder)?;
        put_in_place::put_in_place(self.place, &folder)?;
        tracing::info!(
            leader = leader.url(),
            position = end.position(),
            segments = end.segment(),
            checkpoint = position.unwrap_or(0),
            "the snapshot is taken"
        );
        Ok(())
    }

    /// Holds what was taken before against itself, once a process, and against the leader. What is not good, or of another ledger,
    /// is thrown away: nobody was told that anything of it is here.
    fn agrees(&mut self, leader: &Leader, lock: &WriteLock) -> Result<(), Stop> {
        let Ok(before) = backed_up_to(lock) else {
            return self.throw_away("it does not say what it is");
        };
        if before != FrameCursor::START {
            if !self.is_checked && !self.is_good(&before)? {
                return self.throw_away("it is damaged");
            }
            match leader.ask_nameless(&before) {
                Ok(Asked::Frames(..) | Asked::Nothing(_)) => {}
                Ok(Asked::Elsewhere | Asked::Older) => {
                    return self.throw_away("it is not of the ledger that is followed now");
                }
                Err(LeaderError::Silent(why)) => return Err(Stop::NotYet(why)),
                Err(LeaderError::Refused(failure)) => return Err(Stop::Failed(failure)),
            }
            if !self.is_checked {
                let (position, segments) = (before.position(), before.segment());
                tracing::info!(leader = leader.url(), position, segments, "a snapshot that was begun is gone on with");
            }
        } else if !self.is_checked {
            tracing::info!(leader = leader.url(), "a snapshot is begun: there is no ledger here");
        }
        self.is_checked = true;
        Ok(())
    }

    fn is_good(&mut self, before: &FrameCursor) -> Result<bool, Stop> {
        let storage = Place::at(&self.folder()).existing_storage().map_err(Stop::Failed)?;
        let checking = std::thread::spawn(move || survey(storage));
        while !checking.is_finished() {
            self.progress.is(|| "what was taken before is checked".to_owned(), 0, 0);
            std::thread::park_timeout(Duration::from_millis(20));
        }
        let surveyed = checking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let surveyed = surveyed.map_err(anyhow::Error::from)?;
        Ok(surveyed.damages.is_empty() && surveyed.good() >= before.position())
    }

    fn throw_away(&self, why: &str) -> Result<(), Stop> {
        let folder = self.folder();
        tracing::warn!(folder = %folder.display(), why, "what was taken of a snapshot is thrown away: it is begun anew");
        put_in_place::clear_away(&folder)?;
        Err(Stop::NotYet(format!("what was taken before was thrown away: {why}")))
    }

    /// Takes the segments as far as they are durable. Up to where.
    fn take_segments(&mut self, leader: &Leader, lock: &WriteLock) -> Result<FrameCursor, Stop> {
        let mut round = 1;
        loop {
            let before = backed_up_to(lock).map_err(anyhow::Error::from)?;
            let source = Elsewhere::ask_as(leader, leader.url(), &leader.who(), before.segment().max(1))?;
            if source.end().recorded_at().is_none() {
                return Err(Stop::ByFrames("there is nothing in the leader's ledger yet".to_owned()));
            }
            self.has_room(&source, &before, lock)?;
            let (progress, from) = (&mut self.progress, format!("segments from {}", leader.url()));
            let received = receive(&source, lock, &mut |got, total| progress.is(|| from.clone(), got, total));
            let BackedUp { end, segments_copied, .. } =
                received.map_err(|error| not_received(error, source.segments(), leader))?;
            if segments_copied <= 1 || round == ROUNDS {
                return Ok(end);
            }
            round += 1;
        }
    }

    fn has_room(&self, source: &impl LedgerSource, before: &FrameCursor, lock: &WriteLock) -> Result<(), Stop> {
        let new = source
            .segments()
            .iter()
            .filter(|segment| segment.number > before.segment() || *before == FrameCursor::START);
        let needed: u64 = new.map(|segment| segment.file_bytes).sum();
        let Some(space) = lock.storage().space().map_err(anyhow::Error::from)? else { return Ok(()) };
        if space.free_bytes >= needed {
            return Ok(());
        }
        Err(Stop::Failed(Failure::failed(anyhow!(
            "there is no room for the leader's ledger in {}: {needed} bytes are to be taken, and {} are free; make room and start \
             again, and what is there is kept",
            self.place.folder().display(),
            space.free_bytes
        ))))
    }
}

/// Why segments were not received: what the leader gave is asked for again, what fails here ends the process.
fn not_received(error: BackupError, segments: &[DurableSegment], leader: &Leader) -> Stop {
    let url = leader.url();
    match error {
        BackupError::Ledger(LedgerError::Storage(error)) if is_of_elsewhere(&error) => Stop::NotYet(error.to_string()),
        BackupError::Ledger(error @ LedgerError::Damaged { segment, .. }) => {
            let found = segments.iter().find(|found| found.number == segment);
            let name = found.map_or_else(|| format!("segment {segment}"), DurableSegment::file_name);
            Stop::NotYet(format!("{name} came from {url} damaged, and is taken again: {error}"))
        }
        BackupError::AnotherLedger { position } => {
            Stop::NotYet(format!("what came from {url} does not go on from position {position}, and is taken again"))
        }
        BackupError::Ledger(error @ LedgerError::DiskFull(_)) => {
            let error = anyhow::Error::from(error);
            Stop::Failed(Failure::failed(error.context("the leader's ledger does not fit here; what is there is kept")))
        }
        error @ (BackupError::Ledger(_) | BackupError::NoBackup | BackupError::WrittenInto { .. }) => {
            Stop::Failed(Failure::failed(error.into()))
        }
    }
}

impl Stop {
    /// What is here could not be read or written.
    fn of_storage(error: StorageError) -> Stop {
        Stop::Failed(Failure::failed(LedgerError::from(error).into()))
    }
}

fn cut_off(leader: &Leader, error: &std::io::Error) -> Stop {
    Stop::NotYet(format!("the answer of {} ends too early: {error}", leader.url()))
}

/// The storage of a folder that is made if it is not there.
fn storage_in(folder: &std::path::Path) -> Result<DiskStorage, Stop> {
    DiskStorage::create(folder).map_err(Stop::of_storage)
}
