//! The quarantine of a ledger in a directory. To act on it, nobody else may write it.

use anyhow::anyhow;
use api::quarantine::acted_row;
use api::{Caller, Role, answer};
use ingest::{Handle, Operator, Pipeline, PipelineOptions};
use ledger::{Actor, QuarantineId};
use serde_json::Value as Json;

use super::{Act, Quarantine};
use crate::config::Settings;
use crate::exit::Failure;
use crate::place::Place;
use crate::who::who;

/// A ledger in a directory, open to be read, or to be written as well.
pub(super) struct InDirectory {
    handle: Handle,
    writing: Option<Pipeline>,
}

impl InDirectory {
    pub(super) fn to_read(place: &Place, settings: &Settings) -> Result<InDirectory, Failure> {
        Ok(InDirectory { handle: place.read(settings)?.0, writing: None })
    }

    pub(super) fn to_write(place: &Place, settings: &Settings) -> Result<InDirectory, Failure> {
        let started = place.start(settings)?;
        let pipeline = Pipeline::start(started, PipelineOptions::default()).map_err(anyhow::Error::from)?;
        Ok(InDirectory { handle: pipeline.handle(), writing: Some(pipeline) })
    }
}

impl Quarantine for InDirectory {
    /// Who can read the directory is an operator.
    fn get(&self, path: &str, parameters: Vec<(String, String)>) -> Result<Json, Failure> {
        let reader = self.handle.reader();
        let path: Vec<&str> = path.split('/').collect();
        let answered =
            self.handle.read(|view| answer(view, &reader, &Caller::operator(), &path, &parameters, view.now));
        match answered {
            Ok(answer) => Ok(serde_json::from_slice(&answer.body).map_err(anyhow::Error::from)?),
            Err(problem) if problem.status() == 400 => Err(Failure::usage(anyhow!("{problem}"))),
            Err(problem) => Err(Failure::failed(anyhow!("{problem}"))),
        }
    }

    fn act(&self, act: &Act, ids: &[u64]) -> Result<Vec<Json>, Failure> {
        let ids: Vec<QuarantineId> = ids.iter().copied().map(QuarantineId).collect();
        let (why, acted) = match act {
            Act::Redrive { why } => (why, self.handle.redrive(&ids, &operator(why))),
            Act::Discard { why } => (why, self.handle.discard(&ids, &operator(why))),
            Act::Replace { mended, why } => {
                let replaced =
                    ids.iter().zip(mended).map(|(id, mended)| self.handle.replace(*id, mended, &operator(why)));
                (why, replaced.collect())
            }
        };
        let acted = acted.map_err(anyhow::Error::from)?;
        let rows = acted.into_iter().map(|acted| {
            let row = acted_row(&self.handle, &operator(why), acted).map_err(|problem| anyhow!("{problem}"))?;
            Ok(serde_json::to_value(row).map_err(anyhow::Error::from)?)
        });
        rows.collect()
    }

    fn finish(self: Box<Self>) -> Result<(), Failure> {
        Ok(self.writing.map_or(Ok(()), Pipeline::stop).map_err(anyhow::Error::from)?)
    }
}

fn operator(why: &str) -> Operator {
    let role = Role::Operator.as_str().to_owned();
    let actor = Actor { who: Some(who()), role, address: None, request_id: None };
    Operator { by: who(), why: why.to_owned(), actor: Some(actor) }
}
