//! The leader as its standby asks it: `GET /v1/ledger/frames`, and for the files of a snapshot.

use std::io::Read;
use std::time::Duration;

use anyhow::{Context, anyhow};
use api::replication::{EPOCH_HEADER, OFFSET_HEADER, SEGMENT_BYTES_HEADER, SEGMENT_HEADER};
use ledger::{Epoch, FrameCursor, ShippedPiece};
use serde::Deserialize;
use ureq::Agent;
use ureq::http::Response;
use ureq::http::header::{AUTHORIZATION, HeaderName};

use crate::agent::{Patience, agent};
use crate::config::{Key, LeaderAddress};
use crate::elsewhere::{AskDaemon, NotGiven};
use crate::exit::Failure;
use crate::proxy::NamedProxy;
use crate::trust::Trust;

/// So long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// So long an answer may take beyond what the leader is asked to wait.
const PATIENCE: Duration = Duration::from_secs(10);
/// A frame has 1 GiB at most, and before it stands a segment's header.
const PIECE_BYTES_MAX: u64 = (1 << 30) + (16 << 20);

/// A daemon that is followed.
pub(crate) struct Leader {
    address: LeaderAddress,
    agent: Agent,
}

/// What the leader says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LeaderEnd {
    /// The epoch of its last frame.
    pub(crate) epoch: Epoch,
    /// Its last position.
    pub(crate) position: u64,
}

/// What a leader answers.
pub(crate) enum Asked {
    /// The next frames.
    Frames(ShippedPiece, LeaderEnd),
    /// It has no more.
    Nothing(LeaderEnd),
    /// It has no such place.
    Elsewhere,
    /// What was asked from is of a later leader than it is.
    Older,
}

/// Why a leader does not answer.
pub(crate) enum LeaderError {
    /// It may later.
    Silent(String),
    /// It will not as things are: bad usage.
    Refused(Failure),
}

#[derive(Deserialize)]
struct Problem {
    title: Option<String>,
    detail: Option<String>,
    field: Option<String>,
}

impl Leader {
    /// The daemon that the settings name.
    ///
    /// # Errors
    /// If what is shown to it, or trusted, cannot be used.
    pub(crate) fn new(address: LeaderAddress) -> Result<Leader, Failure> {
        let trust = Trust {
            ca: address.ca_file.clone(),
            ca_name: Key::ReplicationCaFile.name(),
            cert: address.certificate_file.clone(),
            key: address.key_file.clone(),
        };
        let proxy = NamedProxy::of_surroundings(&address.url)?;
        let agent = agent(&address.url, &trust, proxy.as_ref(), Patience::ToConnect(CONNECT))?;
        let leader = Leader { address, agent };
        leader.token()?;
        Ok(leader)
    }

    pub(crate) fn url(&self) -> &str {
        &self.address.url
    }

    /// Asks for what lies behind a place that is durable here, and waits so many seconds for it.
    pub(crate) fn ask(&self, after: &FrameCursor, epoch: Epoch, wait: u64) -> Result<Asked, LeaderError> {
        let name = &self.address.name;
        self.ask_with(&format!("after={}&standby={name}&epoch={epoch}&wait={wait}", after.hex()), wait)
    }

    /// Asks whether it has a place, and is not taken for one that holds it.
    pub(crate) fn ask_nameless(&self, after: &FrameCursor) -> Result<Asked, LeaderError> {
        self.ask_with(&format!("after={}", after.hex()), 0)
    }

    /// Tells it that this process leads in a later epoch.
    ///
    /// # Errors
    /// Why it has not heard it, in words.
    pub(crate) fn tell_to_step_down(&self, epoch: Epoch) -> Result<(), String> {
        let target = format!("{}/v1/ledger/step-down?epoch={epoch}", self.address.url);
        let mut request = self.agent.post(&target);
        if let Some(token) = self.token().map_err(|failure| failure.in_words())? {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.config().timeout_recv_response(Some(PATIENCE)).build();
        match request.send_empty().map_err(|error| error.to_string())?.status().as_u16() {
            // 409: it is a standby by now, or leads in a later epoch itself.
            200 | 409 => Ok(()),
            status => Err(format!("it answers with {status}")),
        }
    }

    fn ask_with(&self, query: &str, wait: u64) -> Result<Asked, LeaderError> {
        let target = format!("{}/v1/ledger/frames?{query}", self.address.url);
        let mut request = self.agent.get(&target);
        if let Some(token) = self.token().map_err(|failure| LeaderError::Silent(failure.in_words()))? {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.config().timeout_recv_response(Some(Duration::from_secs(wait) + PATIENCE));
        let answer = request.timeout_recv_body(Some(Duration::from_secs(600))).build().call();
        let mut answer = answer.map_err(|error| LeaderError::Silent(error.to_string()))?;
        match answer.status().as_u16() {
            200 => {
                let end = self.end(&answer)?;
                let number = |name| self.number(&answer, name);
                let (segment, file_bytes, offset) =
                    (number(SEGMENT_HEADER)?, number(SEGMENT_BYTES_HEADER)?, number(OFFSET_HEADER)?);
                let mut bytes = Vec::new();
                let read = answer.body_mut().with_config().limit(PIECE_BYTES_MAX).reader().read_to_end(&mut bytes);
                read.map_err(|error| LeaderError::Silent(format!("the answer ends too early: {error}")))?;
                Ok(Asked::Frames(ShippedPiece { segment, file_bytes, offset, bytes }, end))
            }
            204 => Ok(Asked::Nothing(self.end(&answer)?)),
            status => self.refusal(status, answer),
        }
    }

    fn refusal(&self, status: u16, answer: Response<ureq::Body>) -> Result<Asked, LeaderError> {
        let problem = problem(answer);
        match (status, &problem) {
            (409, Some(Problem { field: Some(_), .. })) => return Ok(Asked::Elsewhere),
            (409, Some(_)) => return Ok(Asked::Older),
            _ => {}
        }
        let words = format!("{} does not give its frames ({status}): {}", self.url(), said(problem, status));
        Err(match status {
            401 | 403 | 404 | 400 => LeaderError::Refused(Failure::usage(anyhow!("{words}"))),
            _ => LeaderError::Silent(words),
        })
    }

    /// The parameter by which it is asked for a snapshot.
    pub(crate) fn who(&self) -> String {
        format!("standby={}", self.address.name)
    }

    fn end(&self, answer: &Response<ureq::Body>) -> Result<LeaderEnd, LeaderError> {
        let epoch = self.number(answer, EPOCH_HEADER)?;
        let position = self.number(answer, api::feed::POSITION_HEADER)?;
        Ok(LeaderEnd { epoch: Epoch::try_from(epoch).unwrap_or(Epoch::MAX), position })
    }

    fn number(&self, answer: &Response<ureq::Body>, name: HeaderName) -> Result<u64, LeaderError> {
        let value = answer.headers().get(&name).and_then(|value| value.to_str().ok()?.parse().ok());
        value.ok_or_else(|| {
            LeaderError::Silent(format!("{} answers without {name}: is it of another version?", self.url()))
        })
    }

    /// The token, read anew each time: it may be exchanged before it expires.
    fn token(&self) -> Result<Option<String>, Failure> {
        let Some(path) = &self.address.token_file else { return Ok(None) };
        let read = std::fs::read_to_string(path);
        let text = read.with_context(|| format!("{}: {}", Key::ReplicationTokenFile.name(), path.display()));
        Ok(Some(text.map_err(Failure::usage)?.trim().to_owned()))
    }
}

/// What a refusal says.
fn problem(mut answer: Response<ureq::Body>) -> Option<Problem> {
    let text = answer.body_mut().with_config().limit(1 << 16).read_to_string().unwrap_or_default();
    serde_json::from_str(&text).ok()
}

fn said(problem: Option<Problem>, status: u16) -> String {
    let said = problem.and_then(|problem| problem.detail.or(problem.title));
    said.unwrap_or_else(|| format!("it answers with {status}, and not as a daemon does"))
}

impl AskDaemon for &Leader {
    /// For files of a snapshot: it has some time to list them, and long to send one.
    fn get(&self, target: &str) -> Result<Box<dyn Read>, NotGiven> {
        let mut request = self.agent.get(format!("{}{target}", self.address.url));
        if let Some(token) = self.token().map_err(|failure| NotGiven { status: None, failure })? {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.config().timeout_recv_response(Some(6 * PATIENCE));
        let answer = request.timeout_recv_body(Some(Duration::from_secs(600))).build().call();
        let no_answer = |error| NotGiven { status: None, failure: Failure::failed(anyhow::Error::from(error)) };
        let answer = answer.map_err(no_answer)?;
        match answer.status().as_u16() {
            200 => Ok(Box::new(answer.into_body().into_with_config().limit(u64::MAX).reader())),
            status => {
                let said = said(problem(answer), status);
                let error = anyhow!("{} does not give its files ({status}): {said}", self.url());
                Err(NotGiven { status: Some(status), failure: Failure::usage(error) })
            }
        }
    }
}
