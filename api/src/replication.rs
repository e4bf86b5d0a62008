//! A ledger that is held twice: what a standby asks of its leader, how one begins to lead, and how it stands
//! (`docs/STANDBY.md`).

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ingest::{Handle, LeadError, Missing, Superseded};
use ledger::{Head, ShippedAfter};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::app::App;
use crate::asking::Asking;
use crate::caller::{Caller, Privilege};
use crate::feed::POSITION_HEADER;
use crate::openapi::{CommandRefusals, Refusals};
use crate::parameters::{AFTER_PLACE, EPOCH, Given, LATER_EPOCH, STANDBY, WAIT_SECONDS, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::query::Answer;

parameters! { FramesParameters: AFTER_PLACE, STANDBY, EPOCH, WAIT_SECONDS }
parameters! { PromoteParameters: }
parameters! { StepDownParameters: LATER_EPOCH }

/// The epoch of the last frame.
pub const EPOCH_HEADER: HeaderName = HeaderName::from_static("tributary-epoch");
/// The number of the segment that the frames are of.
pub const SEGMENT_HEADER: HeaderName = HeaderName::from_static("tributary-segment");
/// The length of that segment's file.
pub const SEGMENT_BYTES_HEADER: HeaderName = HeaderName::from_static("tributary-segment-bytes");
/// Where in the segment the bytes of the answer begin.
pub const OFFSET_HEADER: HeaderName = HeaderName::from_static("tributary-offset");

/// So many bytes are sent at a time, or one frame that has more.
const PIECE_BYTES: u64 = 8 << 20;

/// How the ledger is held by more than one machine.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Replication {
    /// Whether events and commands are taken here.
    leads: bool,
    /// How often the leader of the ledger has changed.
    epoch: u16,
    /// Whether it goes on alone though a standby should hold what is appended.
    alone: bool,
    /// Those who asked for frames.
    standbys: Vec<Standby>,
    /// Whom it follows; null where it leads.
    follows: Option<Follows>,
    /// How the election of a leader stands; null where none is elected.
    election: Option<Election>,
}

/// How the election of a leader stands, by the topic of the election.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Election {
    /// What this member is called there.
    member: String,
    /// How often somebody has claimed to lead.
    term: u64,
    /// Who leads; null while somebody claims to and does not yet.
    leader: Option<String>,
    /// The standbys that are in sync with who leads, or led last: of which each may be the one that holds what was answered.
    in_sync: Vec<String>,
    /// What is waited for; null if nothing is.
    waits_for: Option<String>,
    /// A member that is not heard for so many seconds is gone.
    session_seconds: u64,
    /// For so many seconds what Kafka said last still holds; null where it does not give this member the partition.
    session_left_seconds: Option<u64>,
}

/// A standby.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Standby {
    /// What it calls itself.
    name: String,
    /// The last position that it holds durably.
    position: u64,
    /// So many seconds ago it asked last.
    asked_seconds_ago: u64,
}

/// A leader, as its standby knows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Follows {
    /// Where it is asked.
    url: String,
    /// Its last position, as it said last; null before it answered.
    position: Option<u64>,
    /// So many seconds ago it answered last; null before the first time.
    answered_seconds_ago: Option<u64>,
    /// Why it is not followed just now; null if it is.
    error: Option<String>,
}

impl Replication {
    pub(crate) fn of(ledger: &Handle) -> Replication {
        let status = ledger.replication_status();
        let standbys = status.standbys.into_iter().map(|standby| Standby {
            name: standby.name,
            position: standby.position,
            asked_seconds_ago: standby.asked_ago.as_secs(),
        });
        let follows = status.leader.map(|leader| Follows {
            url: leader.url,
            position: leader.position,
            answered_seconds_ago: leader.answered_ago.map(|ago| ago.as_secs()),
            error: leader.trouble,
        });
        let election = status.election.map(|(election, left)| Election {
            member: election.member,
            term: election.term,
            leader: election.leader,
            in_sync: election.in_sync,
            waits_for: election.waits_for,
            session_seconds: election.session.as_secs(),
            session_left_seconds: left.map(|left| left.as_secs()),
        });
        Replication {
            leads: status.leads,
            epoch: status.epoch,
            alone: status.is_alone,
            standbys: standbys.collect(),
            follows,
            election,
        }
    }
}

/// What a process that began to lead says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Leads {
    /// The epoch that has begun.
    epoch: u16,
    /// The last position of the ledger.
    position: u64,
    /// The hash of the frame that says so, 64 hexadecimal digits.
    head: String,
}

/// What a process says that leads no more.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SteppedDown {
    /// The epoch in which another process leads.
    epoch: u16,
}

impl App {
    /// Gives standbys what the ledger holds before anybody else may ask: where nothing may be told that no standby holds.
    pub fn ship_before_open(&self, ledger: Handle) {
        // It is given once.
        let _ = self.shipped().set(ledger);
    }

    fn shipped(&self) -> Arc<OnceLock<Handle>> {
        self.kept(Arc::<OnceLock<Handle>>::default)
    }

    /// Why nobody may ask yet though the ledger is replayed, if so.
    pub(crate) fn waits(&self) -> Option<Missing> {
        let ledger = self.waiting()?;
        if ledger.is_elected() {
            let detail = ledger.readiness().no_leader.unwrap_or_else(|| {
                "who leads has not been heard yet, so it is not known what may be told of what stands here".to_owned()
            });
            return Some(Missing { what: "leader".to_owned(), detail });
        }
        let detail =
            "a standby is waited for, which is to hold the ledger before anybody is told of it (replication.acks = 1)";
        Some(Missing { what: "ledger".to_owned(), detail: detail.to_owned() })
    }

    /// A ledger of which nobody is told anything yet but those that are to hold it.
    pub(crate) fn waiting(&self) -> Option<Handle> {
        self.shipped().get().filter(|_| self.ledger_if_open().is_none()).cloned()
    }

    /// The ledger for who copies it: for a standby that names itself, which only an operator's does, also before anybody else is
    /// told of it.
    pub(crate) fn ledger_to_copy(&self, caller: &Caller, standby: Option<String>) -> Result<Handle, Problem> {
        if standby.is_none() {
            return self.ledger().cloned();
        }
        caller.require(Privilege::Operate)?;
        self.ledger_to_ship()
    }

    fn ledger_to_ship(&self) -> Result<Handle, Problem> {
        match self.shipped().get() {
            Some(ledger) => Ok(ledger.clone()),
            None => self.ledger().cloned(),
        }
    }
}

/// The frames behind a place, byte for byte. A standby, which is an operator's and names itself, says by asking that it holds
/// everything before the place durably. Where there is nothing yet, it is waited for.
#[utoipa::path(
    get, path = "/v1/ledger/frames", tag = "operation", params(FramesParameters),
    responses(
        (
            status = 200, content_type = "application/octet-stream", body = Vec<u8>,
            description = "Whole frames of one segment, before its first one the segment's header (`docs/FORMAT.md`).",
            headers(
                ("Tributary-Segment" = u64, description = "The number of the segment."),
                ("Tributary-Segment-Bytes" = u64, description = "The length of its file."),
                ("Tributary-Offset" = u64, description = "Where in it the bytes begin."),
                ("Tributary-Epoch" = u16, description = "How often the leader of the ledger has changed."),
                ("Tributary-Position" = u64, description = "The last position that is durable here.")
            )
        ),
        (
            status = 204, description = "There is nothing behind the place, and nothing came while it was waited.",
            headers(
                ("Tributary-Epoch" = u16, description = "How often the leader of the ledger has changed."),
                ("Tributary-Position" = u64, description = "The last position that is durable here.")
            )
        ),
        (
            status = 409, description = "The ledger has no such place, or whoever asks has frames of a later leader.",
            body = crate::problem::ProblemDetails<'static>, content_type = "application/problem+json"
        ),
        Refusals
    )
)]
pub(crate) async fn get_frames(State(app): State<App>, asking: Asking) -> Result<Response, Problem> {
    asking.caller.require(Privilege::SeeOperation)?;
    let given = Given::of(&asking.parameters, FramesParameters::ALL)?;
    let after = given.require(&AFTER_PLACE)?;
    let (name, epoch) = (given.get(&STANDBY)?, given.get(&EPOCH)?);
    if name.is_some() || epoch.is_some() {
        // What is held elsewhere decides what is told here.
        asking.caller.require(Privilege::Operate)?;
    }
    let until = Instant::now() + Duration::from_secs(given.get(&WAIT_SECONDS)?.unwrap_or(0) as u64);
    let ledger = app.ledger_to_ship()?;
    let (mut written, mut stopping) = (ledger.written(), app.stopping());
    if let Some(epoch) = epoch.filter(|epoch| *epoch > ledger.reader().epoch()) {
        let detail =
            format!("whoever asks has frames of epoch {epoch}: this process is of an earlier one, and leads no more");
        return Err(Problem::new(ProblemKind::Conflict, detail));
    }
    loop {
        let durable = *written.borrow_and_update();
        // What may not be told of yet is for who is to hold it alone.
        let end = if name.is_some() { durable } else { ledger.reader().end() };
        let reader = ledger.reader();
        let found = app.question(move || reader.shipped_after(&after, &end, PIECE_BYTES)).await?;
        let found = found.map_err(|error| Problem::internal(&error))?;
        let headers = [
            (EPOCH_HEADER, HeaderValue::from(ledger.reader().epoch())),
            (POSITION_HEADER, HeaderValue::from(end.position())),
        ];
        // The end of the ledger may be told in more than one way: as the end of a segment, and as the beginning of the next.
        let held = match found {
            ShippedAfter::Nothing => Some(end),
            ShippedAfter::Piece(_) => Some(after),
            ShippedAfter::Elsewhere => None,
        };
        if let (Some(name), Some(held)) = (&name, held) {
            let reached = ledger.standby_reached(name, held);
            reached.map_err(|full| Problem::new(ProblemKind::TooMany, full.to_string()))?;
        }
        match found {
            ShippedAfter::Elsewhere => {
                let detail = "this ledger has no frame that ends there: whoever asks has others, of another ledger or of \
                    a former leader";
                return Err(Problem::of_field(ProblemKind::Conflict, AFTER_PLACE.name, detail));
            }
            ShippedAfter::Piece(piece) => {
                let of_piece = [
                    (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
                    (SEGMENT_HEADER, HeaderValue::from(piece.segment)),
                    (SEGMENT_BYTES_HEADER, HeaderValue::from(piece.file_bytes)),
                    (OFFSET_HEADER, HeaderValue::from(piece.offset)),
                ];
                return Ok((headers, of_piece, Body::from(piece.bytes)).into_response());
            }
            ShippedAfter::Nothing => {
                let is_over = tokio::select! {
                    changed = written.changed() => changed.is_err(),
                    () = tokio::time::sleep_until(until) => true,
                    _ = stopping.wait_for(|stopping| *stopping) => true,
                };
                if is_over {
                    return Ok((StatusCode::NO_CONTENT, headers).into_response());
                }
            }
        }
    }
}

/// Has a standby lead: it begins the next epoch, durably, and takes events and commands from then on. Whoever led before
/// has to have ended, or is told so as soon as it can be reached.
#[utoipa::path(
    post, path = "/v1/ledger/promote", tag = "operation", params(PromoteParameters),
    responses((status = 200, body = Leads), CommandRefusals)
)]
pub(crate) async fn post_promote(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    asking.caller.require(Privilege::Operate)?;
    Given::of(&asking.parameters, PromoteParameters::ALL)?;
    let ledger = app.ledger_to_ship()?;
    let by = asking.caller.with_name();
    let led = ledger.clone();
    let place = app.write(move || led.lead()).await?.map_err(|error| {
        let kind = match error {
            LeadError::Leads => ProblemKind::Conflict,
            LeadError::ReadOnly => ProblemKind::ReadOnly,
            LeadError::Refused(_) => ProblemKind::Full,
            LeadError::NotElected { .. } | LeadError::Stopped(_) => ProblemKind::Unavailable,
        };
        Problem::new(kind, error.to_string())
    })?;
    let head = Head::at(&place);
    let epoch = ledger.reader().epoch();
    tracing::warn!(by, epoch, position = head.position, "this process leads the ledger from now on");
    Answer::json(&Leads { epoch, position: head.position, head: head.hex() })
}

/// Tells a process that another one leads in a later epoch: it takes nothing more, and ends. A standby that was promoted says so
/// to whom it followed before.
#[utoipa::path(
    post, path = "/v1/ledger/step-down", tag = "operation", params(StepDownParameters),
    responses((status = 200, body = SteppedDown), CommandRefusals)
)]
pub(crate) async fn post_step_down(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    asking.caller.require(Privilege::Operate)?;
    let epoch = Given::of(&asking.parameters, StepDownParameters::ALL)?.require(&LATER_EPOCH)?;
    let ledger = app.ledger_to_ship()?;
    let own = ledger.reader().epoch();
    if !ledger.replication_status().leads {
        return Err(Problem::new(ProblemKind::Conflict, "this process is a standby: it does not lead"));
    }
    if epoch <= own {
        let detail = format!("this process leads in epoch {own}, which is no earlier one");
        return Err(Problem::new(ProblemKind::Conflict, detail));
    }
    let superseded = Superseded { epoch };
    tracing::error!(by = asking.caller.with_name(), "{superseded}");
    ledger.supersede(superseded);
    Answer::json(&SteppedDown { epoch })
}
