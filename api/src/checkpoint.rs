//! The last checkpoint along the way, file by file, with the runs of the index that it stands on, for a standby that is new:
//! `GET /v1/ledger/checkpoint` tells which files it has, `GET /v1/ledger/checkpoint/{file}` gives one. It is not the truth: who
//! takes it holds it against the ledger (`docs/decisions/0027-standby.md`). Nothing is locked meanwhile, and a file may be gone by
//! the time it is asked for: 409, and the files are to be asked for again.

use std::io;
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use checkpoints::{CheckpointFile, KeptCheckpoints};
use futures_util::stream;
use ledger::{Position, RunFile, Storage, StorageError, StorageFile};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{App, blocking};
use crate::asking::Asking;
use crate::caller::Privilege;
use crate::openapi::Refusals;
use crate::parameters::{CHECKPOINT_UPTO, Given as Parameters, SNAPSHOT_STANDBY, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::query::Answer;

parameters! { CheckpointParameters: CHECKPOINT_UPTO, SNAPSHOT_STANDBY }
parameters! { CheckpointFileParameters: SNAPSHOT_STANDBY }

/// So much of a file is in memory while it is sent.
const PIECE: u64 = 256 * 1024;

/// `GET /v1/ledger/checkpoint`: the last checkpoint along the way of which everything is there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckpointFiles {
    /// Up to where it is the state; null where there is none.
    position: Option<Position>,
    /// Its files: runs of the ledger's index, those with its parts, and last the list of them.
    files: Vec<FileOfCheckpoint>,
}

/// A file of a checkpoint.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileOfCheckpoint {
    /// Its name: of a run in the folder `ledger`, else in `past`.
    file: String,
    /// Its length.
    bytes: u64,
    /// BLAKE3, 64 hexadecimal digits: of a file of parts that of its table, which has the BLAKE3 of each; of a list that of what
    /// it says. Null of a run, whose name tells what it holds.
    checksum: Option<String>,
}

impl From<CheckpointFile> for FileOfCheckpoint {
    fn from(file: CheckpointFile) -> FileOfCheckpoint {
        let CheckpointFile { name, bytes, checksum } = file;
        let checksum = blake3::Hash::from_bytes(checksum).to_hex().to_string();
        FileOfCheckpoint { file: name, bytes, checksum: Some(checksum) }
    }
}

/// What is given of.
struct Given {
    kept: Arc<KeptCheckpoints>,
    /// Where the segments are, and runs of the index.
    ledger: Arc<dyn Storage>,
}

impl Given {
    /// The position of the last checkpoint at or before a position, and its files.
    fn files(&self, upto: Position) -> Result<Option<(Position, Vec<FileOfCheckpoint>)>, Problem> {
        let found = self.kept.files(upto).map_err(|error| Problem::internal(&error))?;
        let Some((position, files)) = found else { return Ok(None) };
        let runs = self.runs(position).map_err(|error| Problem::internal(&error))?;
        Ok(Some((position, runs.into_iter().chain(files.into_iter().map(FileOfCheckpoint::from)).collect())))
    }

    fn runs(&self, position: Position) -> Result<Vec<FileOfCheckpoint>, StorageError> {
        let mut files = Vec::new();
        for run in RunFile::upto(&*self.ledger, position)? {
            // One that was merged into another since its name was read is missing, and so the rest is.
            let Some(file) = run.open(&*self.ledger)? else { break };
            files.push(FileOfCheckpoint { file: run.name, bytes: file.len(), checksum: None });
        }
        Ok(files)
    }

    fn open(&self, name: &str) -> Result<Option<Arc<dyn StorageFile>>, StorageError> {
        match RunFile::named(name) {
            Some(run) => run.open(&*self.ledger),
            None => self.kept.open_file(name),
        }
    }
}

impl App {
    /// Gives checkpoints kept along the way to who asks for them, with the runs that lie beside the segments in a storage. The
    /// first ones given stay.
    pub fn gives_checkpoints(&self, kept: Arc<KeptCheckpoints>, ledger: Arc<dyn Storage>) {
        // Others of the same process are none.
        let _ = self.given_checkpoints().set(Given { kept, ledger });
    }

    fn given_checkpoints(&self) -> Arc<OnceLock<Given>> {
        self.kept(Arc::<OnceLock<Given>>::default)
    }
}

/// The files of the last checkpoint along the way, for a standby that begins with it.
#[utoipa::path(
    get, path = "/v1/ledger/checkpoint", tag = "operation", params(CheckpointParameters),
    responses((status = 200, body = CheckpointFiles), Refusals)
)]
pub(crate) async fn get_checkpoint(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    asking.caller.require(Privilege::SeeOperation)?;
    let given = Parameters::of(&asking.parameters, CheckpointParameters::ALL)?;
    let upto = given.get(&CHECKPOINT_UPTO)?.unwrap_or(Position::MAX);
    app.ledger_to_copy(&asking.caller, given.get(&SNAPSHOT_STANDBY)?)?;
    let checkpoints = app.given_checkpoints();
    let told = app.question(move || {
        let found = checkpoints.get().map(|given| given.files(upto)).transpose()?;
        let (position, files) = found.flatten().unzip();
        Answer::json(&CheckpointFiles { position, files: files.unwrap_or_default() })
    });
    told.await?
}

/// A file of a checkpoint, as it stands on disk.
#[utoipa::path(
    get, path = "/v1/ledger/checkpoint/{file}", tag = "operation",
    params(("file" = String, Path, description = "Its name, as `GET /v1/ledger/checkpoint` tells it."), CheckpointFileParameters),
    responses(
        (status = 200, content_type = "application/octet-stream", body = Vec<u8>, description = "All of its bytes."),
        (
            status = 409, description = "There is no such file any more: the last checkpoint has others.",
            body = crate::problem::ProblemDetails<'static>, content_type = "application/problem+json"
        ),
        Refusals
    )
)]
pub(crate) async fn get_checkpoint_file(State(app): State<App>, asking: Asking) -> Result<Response, Problem> {
    asking.caller.require(Privilege::SeeOperation)?;
    let given = Parameters::of(&asking.parameters, CheckpointFileParameters::ALL)?;
    app.ledger_to_copy(&asking.caller, given.get(&SNAPSHOT_STANDBY)?)?;
    let name = asking.path.first().to_owned();
    let checkpoints = app.given_checkpoints();
    let found = app.question(move || {
        let file = checkpoints.get().map(|given| given.open(&name)).transpose();
        let file = file.map_err(|error| Problem::internal(&error))?;
        let none = || {
            Problem::new(ProblemKind::Conflict, format!("there is no file {name} of a checkpoint, or none any more"))
        };
        file.flatten().ok_or_else(none)
    });
    let file = found.await??;
    let length = file.len();
    let body = stream::try_unfold((file, 0), move |(file, at)| async move {
        if at == length {
            return Ok::<_, io::Error>(None);
        }
        let read = Arc::clone(&file);
        let piece = blocking(move || piece(&*read, at, PIECE.min(length - at))).await;
        let piece = piece.map_err(|problem| io::Error::other(problem.to_string()))??;
        let next = at + piece.len() as u64;
        Ok(Some((piece, (file, next))))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// A file that cannot be read has its body cut off, and so is seen not to be whole.
fn piece(file: &dyn StorageFile, at: u64, length: u64) -> Result<Bytes, io::Error> {
    let read = file.read(at, length as usize).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(Bytes::copy_from_slice(&read))
}
