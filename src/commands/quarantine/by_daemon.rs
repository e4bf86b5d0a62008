//! The quarantine of a ledger that a daemon writes, through its API.

use std::io::Read;

use anyhow::{Context, anyhow};
use serde_json::{Value as Json, json};

use super::{Act, Quarantine};
use crate::commands::query::{ApiResponse, Daemon, Request, refusal};
use crate::exit::{self, Failure};

const JSON: &str = "application/json";
const CLOUD_EVENT: &str = "application/cloudevents+json";

/// A daemon's API.
pub(super) struct ByDaemon {
    pub(super) daemon: Daemon,
}

impl ByDaemon {
    fn send(&self, target: &str, body: Option<(&str, &[u8])>) -> Result<Json, Failure> {
        let mut answer: ApiResponse = self.daemon.send(target, body)?;
        if !(200..300).contains(&answer.status) {
            return Err(refusal(&mut answer));
        }
        let mut text = Vec::new();
        answer.body.read_to_end(&mut text).context("the answer ends too early")?;
        Ok(serde_json::from_slice(&text).context("the answer is no JSON")?)
    }
}

impl Quarantine for ByDaemon {
    fn get(&self, path: &str, parameters: Vec<(String, String)>) -> Result<Json, Failure> {
        self.send(&Request::new(path, parameters).target, None)
    }

    fn act(&self, act: &Act, ids: &[u64]) -> Result<Vec<Json>, Failure> {
        let mut rows = Vec::with_capacity(ids.len());
        for (at, id) in ids.iter().enumerate() {
            let target = |verb: &str, given| Request::new(&format!("quarantine/{id}/{verb}"), given).target;
            let body = |why: &str| if why.is_empty() { json!({}) } else { json!({ "reason": why }) }.to_string();
            let row = match act {
                Act::Redrive { why } => self.send(&target("redrive", vec![]), Some((JSON, body(why).as_bytes()))),
                Act::Discard { why } => self.send(&target("discard", vec![]), Some((JSON, body(why).as_bytes()))),
                Act::Replace { mended, why } => {
                    let why = (!why.is_empty()).then(|| ("reason".to_owned(), why.clone()));
                    self.send(&target("replace", why.into_iter().collect()), Some((CLOUD_EVENT, &mended[at])))
                }
            };
            rows.push(row.map_err(|failure| done_so_far(failure, &ids[..at]))?);
        }
        Ok(rows)
    }

    fn finish(self: Box<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

/// Where one of many is refused, those before it are done.
fn done_so_far(failure: Failure, done: &[u64]) -> Failure {
    let (Some(first), Some(last)) = (done.first(), done.last()) else { return failure };
    let Failure::Failed(error) = failure else { return failure };
    let (told, count) = (exit::in_words(&error), done.len());
    Failure::failed(anyhow!("{told}; before that it was done to {count} of them, {first} to {last}"))
}
