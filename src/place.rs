//! The directory of a ledger: where its segments and its checkpoints lie in it, and how it is opened.

#[cfg(test)]
mod damage_matrix;
mod last_checkpoint;
mod prepared;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use checkpoints::{CheckpointStore, KeepPolicy, KeptCheckpoints};
use indicatif::{ProgressBar, ProgressStyle};
use ingest::metrics::Metrics;
use ingest::{
    CheckpointOpener, CheckpointPolicy, CheckpointUse, Clock, Handle, Keeping, PastOptions, PrepareOptions, Prepared,
    ReadOnlyOptions, ReplayProgress, Replayed, RunWriting, StartError, StartOptions, Started, SystemClock, prepare,
    start, start_read_only,
};
use ledger::{
    Access, DiskStorage, LedgerError, LedgerOptions, LedgerReader, Position, ReadError, Storage, WriteLock, lock_holder,
};
use projections::View;
use projections::query::Links;
use replay::{AsOf, CoreWorkers, MomentError, Past, ReplayError};

use crate::config::{Key, Settings};
use crate::exit::Failure;

/// How long an answer may lie behind a daemon that writes beside.
const REFRESH_MICROS: i64 = 200_000;
/// Bytes of events sent in over HTTP that may wait for the engine.
const INBOX_BYTES: usize = 64 << 20;

/// The directory of a ledger.
pub(crate) struct Place {
    folder: PathBuf,
}

impl Place {
    /// The directory that the settings name.
    ///
    /// # Errors
    /// If they name none.
    pub(crate) fn of(settings: &Settings) -> Result<Place, Failure> {
        let folder = settings.data.clone().ok_or_else(|| {
            Failure::usage(anyhow!(
                "no directory: set {} in the file, {} or --data",
                Key::Data.name(),
                Key::Data.variable()
            ))
        })?;
        // Within a ledger, the next start would make another one.
        if holds_segments(&folder) {
            return Err(Failure::usage(anyhow!(
                "{} is the folder of a ledger's segments: name the directory above it",
                folder.display()
            )));
        }
        Ok(Place { folder })
    }

    pub(crate) fn at(folder: &Path) -> Place {
        Place { folder: folder.to_owned() }
    }

    /// Opens the ledger for writing, made if it is not there, and brings the projections to its end; a bar shows how
    /// far it is.
    pub(crate) fn start(&self, settings: &Settings) -> Result<Started, Failure> {
        let bar = replay_bar();
        let started = self.start_with(settings, Arc::new(Metrics::new()), &mut |progress| show(&bar, progress));
        bar.finish_and_clear();
        started
    }

    /// The same, measured in these metrics, and told of how far it is.
    pub(crate) fn start_with(
        &self,
        settings: &Settings,
        metrics: Arc<Metrics>,
        progress: &mut dyn FnMut(ReplayProgress),
    ) -> Result<Started, Failure> {
        self.take_prepared();
        let options = self.start_options(settings, metrics, clock())?;
        let started = start(options, progress).map_err(unopened)?;
        if started.recovery.torn_bytes > 0 {
            tracing::warn!(
                bytes = started.recovery.torn_bytes,
                "cut off a write that a crash cut short; nobody was told of it"
            );
        }
        tell(&started.replayed);
        Ok(started)
    }

    /// Opens it to record what happened at moments that a clock of its own tells: no checkpoint is made for the time that
    /// passes there.
    pub(crate) fn start_to_record(
        &self,
        settings: &Settings,
        metrics: Arc<Metrics>,
        clock: Arc<dyn Clock>,
    ) -> Result<Started, Failure> {
        let mut options = self.start_options(settings, metrics, clock)?;
        options.checkpoint_policy.interval_micros = i64::MAX;
        start(options, &mut |_| {}).map_err(unopened)
    }

    fn start_options(
        &self,
        settings: &Settings,
        metrics: Arc<Metrics>,
        clock: Arc<dyn Clock>,
    ) -> Result<StartOptions, Failure> {
        let storage: Arc<dyn Storage> = Arc::new(self.create_storage()?);
        Ok(StartOptions {
            storage,
            ledger: LedgerOptions {
                run_events: settings.run_events,
                holder: lock_holder(SystemClock::new().now()),
                ..LedgerOptions::default()
            },
            checkpoints: Some(self.checkpoints()),
            checkpoint_policy: checkpoint_policy(settings),
            keeping: Keeping::Apart,
            runs: RunWriting::Apart,
            past: self.past(settings, Access::Write),
            clock,
            links: links(settings),
            metrics,
            workers: Arc::new(CoreWorkers::all()),
            inbox_bytes: INBOX_BYTES,
        })
    }

    /// Makes checkpoints beside a daemon that writes the ledger, for a start that is to come; a bar shows how far it is.
    ///
    /// # Errors
    /// If there is no ledger, it cannot be read, or somebody else prepares just now.
    pub(crate) fn prepare(&self, settings: &Settings) -> Result<Prepared, Failure> {
        let storage = Arc::new(self.existing_storage()?);
        let parts = prepared::parts_in(&self.folder);
        let parts = DiskStorage::create(&parts).with_context(|| format!("can't open {}", parts.display()))?;
        let last = prepared::last_in(&self.folder);
        let checkpoints = last_checkpoint::open_to_prepare(&last)
            .with_context(|| format!("can't prepare checkpoints in {}", last.display()))?;
        let options = PrepareOptions {
            storage,
            run_events: settings.run_events,
            checkpoints,
            kept: Arc::new(KeptCheckpoints::new(Arc::new(parts), keep_policy(settings))),
            threads: cores(),
            clock: clock(),
        };
        let bar = replay_bar();
        let prepared = prepare(options, &mut |progress| show(&bar, progress));
        bar.finish_and_clear();
        prepared.map_err(unopened)
    }

    /// Takes checkpoints that were prepared, if they are of use. Who has no right to write the ledger leaves them.
    fn take_prepared(&self) {
        if !prepared::is_there(&self.folder) {
            return;
        }
        let Ok(_lock) = self.lock() else { return };
        match prepared::take(&self.folder) {
            Ok(prepared::Taken::InUse(position)) => {
                tracing::info!(position, "checkpoints that were prepared are taken")
            }
            Ok(prepared::Taken::NotNeeded | prepared::Taken::NotOurs) => {}
            Err(error) => tracing::warn!(%error, "checkpoints that were prepared cannot be taken"),
        }
    }

    /// Opens the ledger to read it, beside a daemon or not; a bar shows how far it is.
    pub(crate) fn read(&self, settings: &Settings) -> Result<(Handle, CheckpointUse), Failure> {
        let bar = replay_bar();
        let read = self.read_with(settings, Arc::new(Metrics::new()), &mut |progress| show(&bar, progress));
        bar.finish_and_clear();
        read
    }

    /// The same, measured in these metrics, and told of how far it is.
    pub(crate) fn read_with(
        &self,
        settings: &Settings,
        metrics: Arc<Metrics>,
        progress: &mut dyn FnMut(ReplayProgress),
    ) -> Result<(Handle, CheckpointUse), Failure> {
        let options = ReadOnlyOptions {
            run_events: settings.run_events,
            storage: Arc::new(self.existing_storage()?),
            checkpoints: self.checkpoints_if_there(),
            past: self.past(settings, Access::Read),
            clock: clock(),
            links: links(settings),
            metrics,
            refresh_micros: REFRESH_MICROS,
        };
        let (handle, replayed) = start_read_only(options, progress).map_err(unopened)?;
        tell(&replayed);
        Ok((handle, replayed.checkpoint))
    }

    /// Opens the ledger to read it as of a moment; a bar shows how far it is.
    ///
    /// # Errors
    /// If the ledger has no such moment, which is bad usage, or cannot be read.
    pub(crate) fn as_of(&self, settings: &Settings, moment: AsOf) -> Result<PastPlace, Failure> {
        let reader = self.reader()?;
        let position = position_of(moment, &reader)?;
        let kept = self.kept_checkpoints(settings, Access::Read);
        let bar = replay_bar();
        bar.set_length(position);
        let past = Past::make(&reader, kept.as_deref(), position, cores(), &mut |step| {
            bar.set_position(step.state.position());
        });
        bar.finish_and_clear();
        let past = past.map_err(anyhow::Error::from)?;
        Ok(PastPlace { past, reader, links: links(settings) })
    }

    /// Reads the entries of the ledger, beside a daemon or not; every frame is checked.
    pub(crate) fn reader(&self) -> Result<LedgerReader, Failure> {
        let storage = Arc::new(self.existing_storage()?);
        Ok(LedgerReader::open_read_only(storage).map_err(anyhow::Error::from)?)
    }

    /// How the past is asked about. Only who writes the ledger keeps checkpoints along the way; readers take those
    /// that are there.
    fn past(&self, settings: &Settings, access: Access) -> PastOptions {
        let kept = self.kept_checkpoints(settings, access);
        PastOptions { kept, states: settings.as_of_states, threads: cores(), ..PastOptions::default() }
    }

    /// The parts of checkpoints, and those kept along the way; without them, which is said, all is replayed from the
    /// beginning.
    pub(crate) fn kept_checkpoints(&self, settings: &Settings, access: Access) -> Option<Arc<KeptCheckpoints>> {
        let folder = self.folder.join("past");
        let policy = keep_policy(settings);
        let storage = match access {
            Access::Write => DiskStorage::create(&folder),
            Access::Read if !folder.is_dir() => return None,
            Access::Read => DiskStorage::open(&folder),
        };
        match storage {
            Ok(storage) => Some(Arc::new(KeptCheckpoints::new(Arc::new(storage), policy))),
            Err(error) => {
                tracing::warn!(%error, "no checkpoints: starts, and questions about the past, replay everything");
                None
            }
        }
    }

    /// Takes the right to write the ledger, in a directory that is made if it is not there.
    ///
    /// # Errors
    /// If another process has it, or the directory cannot be made.
    pub(crate) fn lock(&self) -> Result<WriteLock, anyhow::Error> {
        let segments = self.segments();
        let storage = DiskStorage::create(&segments).with_context(|| format!("can't open {}", segments.display()))?;
        Ok(WriteLock::take(Arc::new(storage), &lock_holder(clock().now()))?)
    }

    /// The directory.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn create_storage(&self) -> Result<DiskStorage, Failure> {
        let segments = self.segments();
        DiskStorage::create(&segments)
            .with_context(|| format!("can't open {}", segments.display()))
            .map_err(Failure::from)
    }

    /// Whether there is a segment of a ledger in it.
    pub(crate) fn has_segments(&self) -> bool {
        holds_segments(&self.segments())
    }

    /// Whether there is a ledger in it.
    pub(crate) fn has_ledger(&self) -> bool {
        self.segments().is_dir()
    }

    /// The storage of a ledger that is there.
    pub(crate) fn existing_storage(&self) -> Result<DiskStorage, Failure> {
        let segments = self.segments();
        if !self.has_ledger() {
            return Err(Failure::failed(anyhow!("there is no ledger in {}", self.folder.display())));
        }
        DiskStorage::open(&segments)
            .with_context(|| format!("can't open {}", segments.display()))
            .map_err(Failure::from)
    }

    fn segments(&self) -> PathBuf {
        self.folder.join("ledger")
    }

    fn checkpoint_folder(&self) -> PathBuf {
        self.folder.join("checkpoint")
    }

    /// Opens the checkpoints, once the right to write the ledger is had.
    fn checkpoints(&self) -> CheckpointOpener {
        let folder = self.checkpoint_folder();
        Box::new(move || last_checkpoint::open(&folder))
    }

    /// The checkpoints, if they are there and no daemon holds them; of damaged ones it is said that they are.
    pub(crate) fn checkpoints_if_there(&self) -> Option<Box<dyn CheckpointStore>> {
        last_checkpoint::open_to_read(&self.checkpoint_folder())
    }
}

/// Whether a folder holds a ledger's segments itself.
fn holds_segments(folder: &Path) -> bool {
    let mut entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.any(|entry| Path::new(&entry.file_name()).extension().is_some_and(|ending| ending == "segment"))
}

/// A ledger as of a moment.
pub(crate) struct PastPlace {
    past: Past,
    reader: LedgerReader,
    links: Links,
}

impl PastPlace {
    /// Everything that can be asked.
    pub(crate) fn view(&self) -> View<'_> {
        self.past.view(&self.reader, &self.links)
    }

    /// Reads the entries, those after the moment too.
    pub(crate) fn reader(&self) -> &LedgerReader {
        &self.reader
    }
}

/// The position of a moment; one that the ledger does not have is bad usage.
pub(crate) fn position_of(moment: AsOf, reader: &LedgerReader) -> Result<Position, Failure> {
    moment.position(reader).map_err(|error| match error {
        MomentError::Read(error) => Failure::failed(error.into()),
        MomentError::Unreadable
        | MomentError::Unclear(_)
        | MomentError::Zero
        | MomentError::BeyondEnd { .. }
        | MomentError::BeforeFirst { .. }
        | MomentError::Empty => Failure::usage(error.into()),
    })
}

/// Why a ledger was not opened: damage is told apart, as no other try helps.
fn unopened(error: StartError) -> Failure {
    let is_damaged = match &error {
        StartError::Ledger(error) => is_damage(error),
        StartError::Replay(ReplayError::Ledger(error)) => is_damage(error),
        StartError::Replay(ReplayError::Read(error)) => matches!(error, ReadError::Damaged { .. }),
        StartError::Replay(ReplayError::BeyondEnd { .. }) => false,
    };
    if is_damaged { Failure::Damaged(error.into()) } else { Failure::Failed(error.into()) }
}

fn is_damage(error: &LedgerError) -> bool {
    matches!(error, LedgerError::Damaged { .. } | LedgerError::NoFormat | LedgerError::Read(ReadError::Damaged { .. }))
}

/// When the state is kept for a quick start.
pub(crate) fn checkpoint_policy(settings: &Settings) -> CheckpointPolicy {
    CheckpointPolicy {
        events: settings.checkpoint.events,
        interval_micros: i64::try_from(settings.checkpoint.interval.as_micros()).unwrap_or(i64::MAX),
    }
}

/// Which checkpoints are kept along the way.
fn keep_policy(settings: &Settings) -> KeepPolicy {
    KeepPolicy { interval: settings.checkpoint.events, count: settings.checkpoint.keep }
}

/// How many threads replay.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::new())
}

fn links(settings: &Settings) -> Links {
    Links { base: settings.link_base.clone() }
}

fn tell(replayed: &Replayed) {
    match &replayed.checkpoint {
        CheckpointUse::Discarded { why } => {
            tracing::warn!(why, "the checkpoint is not used: everything was replayed")
        }
        CheckpointUse::Absent | CheckpointUse::Used => {}
    }
    tracing::info!(
        from = replayed.from,
        position = replayed.to,
        millis = replayed.micros / 1_000,
        events_per_second = replayed.events_per_second(),
        "replayed"
    );
}

pub(crate) fn replay_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("replay {bar:30} {pos}/{len} entries, {per_sec}, {eta} left");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn show(bar: &ProgressBar, progress: ReplayProgress) {
    bar.set_length(progress.to.saturating_sub(progress.from));
    bar.set_position(progress.position.saturating_sub(progress.from));
}
