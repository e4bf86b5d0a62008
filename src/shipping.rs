//! Ships the ledger to a backup at an interval, on a thread of its own, while it is written: what is durable is read beside
//! the writer, which waits for nothing here. A place that is not there harms nothing: it is said once, and when it is over.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::Context;
use api::{App, ShippingBoard};
use backups::{ObjectPlace, ship};
use ingest::Handle;
use ingest::metrics::Metrics;
use ledger::{BackedUp, DiskStorage, back_up};

use crate::backup_place::{BackupPlace, check_folder, lock, objects};
use crate::config::Backup;
use crate::exit::{Failure, in_words};
use crate::place::Place;

/// Ends with the process, or when this is dropped: what is under way then is cut short, which leaves the backup before.
pub(crate) struct Shipping {
    _ends: Sender<()>,
}

/// Where it goes.
enum Target {
    Folder(PathBuf),
    Objects(ObjectPlace),
}

impl Shipping {
    /// Begins to ship the ledger of a place, if the settings say where to.
    ///
    /// # Errors
    /// If they name a place that none can be; one that does not answer is no error.
    pub(crate) fn start(
        backup: &Backup,
        place: &Place,
        handle: &Handle,
        app: &App,
        metrics: &Metrics,
    ) -> Result<Option<Shipping>, Failure> {
        let Some(to) = &backup.to else { return Ok(None) };
        let target = match BackupPlace::named("backup.to", to)? {
            BackupPlace::Folder(folder) => {
                check_folder("backup.to", &folder)?;
                Target::Folder(folder)
            }
            BackupPlace::Objects(url) => Target::Objects(objects(&url, &backup.objects)?),
        };
        let board = ShippingBoard::new(to.clone(), metrics, handle.now());
        app.ships(Arc::clone(&board));
        let (ends, ended) = channel();
        let (handle, storage, interval) = (handle.clone(), Arc::new(place.existing_storage()?), backup.interval);
        let ships = move || {
            let mut pause = Duration::ZERO;
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(pause) {
                once(&target, &handle, &storage, &board);
                pause = interval;
            }
        };
        std::thread::Builder::new().name("backup".to_owned()).spawn(ships).context("no thread for backups")?;
        Ok(Some(Shipping { _ends: ends }))
    }
}

fn once(target: &Target, handle: &Handle, storage: &Arc<DiskStorage>, board: &ShippingBoard) {
    let begun = Instant::now();
    match shipped(target, handle, storage) {
        Ok(done) => {
            let (position, seconds) = (done.end.position(), begun.elapsed().as_secs_f64());
            if let Some(since) = board.succeeded(handle.now(), position, done.bytes_copied, seconds) {
                tracing::info!(position, %since, "the backup goes on, which had failed since then");
            }
        }
        Err(error) => {
            let why = in_words(&error);
            if board.failed(handle.now(), why.clone()) {
                tracing::warn!(error = why, "no backup: it is tried again at each interval, and said when it goes on");
            }
        }
    }
}

fn shipped(target: &Target, handle: &Handle, storage: &Arc<DiskStorage>) -> Result<BackedUp, anyhow::Error> {
    match target {
        Target::Folder(folder) => into_folder(folder, storage),
        Target::Objects(place) => Ok(ship(&handle.reader(), &**storage, place, &mut |_, _| {})?),
    }
}

fn into_folder(folder: &Path, storage: &Arc<DiskStorage>) -> Result<BackedUp, anyhow::Error> {
    let lock = lock(folder).map_err(|failure| match failure {
        Failure::Usage(error) | Failure::Failed(error) | Failure::Damaged(error) => error,
        Failure::Damage | Failure::ReaderGone => anyhow::anyhow!("the folder cannot be locked"),
    })?;
    Ok(back_up(Arc::<DiskStorage>::clone(storage), &lock, &mut |_, _| {})?)
}
