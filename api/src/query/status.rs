//! How the ledger and what feeds it are: for operators.

use axum::extract::State;
use ingest::{AppliedApart, SourceStatus};
use projections::views;
use schemas::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Answer, Asked};
use crate::app::{App, blocking};
use crate::asking::Asking;
use crate::caller::Privilege;
use crate::missing::MissingPart;
use crate::openapi::Refusals;
use crate::parameters::{Given, parameters};
use crate::problem::Problem;
use crate::publishing::PublishingStatus;
use crate::replication::Replication;
use crate::shipping::ShippingStatus;
use crate::views::{Shown, Status};

parameters! { StatusParameters: }

/// A partition of a topic, as the daemon reads it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartitionStatus {
    /// The topic.
    topic: String,
    /// The partition.
    partition: i32,
    /// Whether it is read here.
    assigned: bool,
    /// The offset that the ledger reads next; null if nothing of it was read yet.
    next_offset: Option<i64>,
    /// The offset after the last message that can be read, as the broker last said.
    high_watermark: Option<i64>,
    /// How many offsets lie between the two; null where it is not read, or no end is known.
    lag: Option<u64>,
    /// Why it is not read; null if it is.
    unread: Option<String>,
}

impl From<SourceStatus> for PartitionStatus {
    fn from(source: SourceStatus) -> PartitionStatus {
        PartitionStatus {
            topic: source.topic,
            partition: source.partition,
            assigned: source.assigned,
            next_offset: source.next_offset,
            high_watermark: source.high_watermark,
            lag: source.lag,
            unread: source.unread.map(|why| why.to_string()),
        }
    }
}

/// `GET /v1/status`: what the ledger tells, and what the daemon knows besides.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DaemonStatus {
    #[serde(flatten)]
    ledger: Status,
    /// The partitions of Kafka that the daemon knows, with their lag.
    partitions: Vec<PartitionStatus>,
    /// What is missing to take in all that is to be taken in, as `GET /readyz?ingest=true` tells it.
    missing: Vec<MissingPart>,
    /// Whether nothing is missing.
    ready: bool,
    /// Why the ledger takes nothing more; null if it does.
    failure: Option<String>,
    /// Whether the ledger is only read here.
    read_only: bool,
    /// The entry that reaches far and is being applied apart, while every answer is of the position before it; null if
    /// none is.
    applied_apart: Option<AppliedApartStatus>,
    /// Where the daemon ships the ledger to, and how far; null where it does not.
    backup: Option<ShippingStatus>,
    /// To which keyspace of Cassandra the daemon publishes its projections, and how far; null where it does not.
    publishing: Option<PublishingStatus>,
    /// How the ledger is held by more than one machine.
    replication: Replication,
}

/// An entry that reaches far while it is applied.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppliedApartStatus {
    /// The entry.
    position: u64,
    /// Its type.
    #[schema(value_type = String)]
    r#type: &'static str,
    /// When it was begun.
    since: Timestamp,
    /// About how many accounts and entries are looked at for it.
    reach: u64,
    /// So many families (a major account with its sub-accounts) are done.
    families_done: u64,
    /// Of so many; 0 where that is not known yet.
    families: u64,
}

impl From<AppliedApart> for AppliedApartStatus {
    fn from(apart: AppliedApart) -> AppliedApartStatus {
        let AppliedApart { position, event_type, since, reach, families_done, families } = apart;
        AppliedApartStatus { position, r#type: event_type.name(), since, reach, families_done, families }
    }
}

/// As far as the ledger tells it.
pub(crate) fn status(asked: &Asked<'_>) -> Result<views::Status, Problem> {
    asked.caller.require(Privilege::SeeOperation)?;
    Given::of(asked.parameters, StatusParameters::ALL)?;
    Ok(asked.view.status())
}

/// Positions, lag, and what became of every event read.
#[utoipa::path(
    get, path = "/v1/status", tag = "operation", params(StatusParameters),
    responses((status = 200, body = DaemonStatus), Refusals)
)]
pub(crate) async fn get_status(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    let (daemon, shipping, publishing) = (app.ledger()?.clone(), app.shipping(), app.publishing());
    let asked = app.ask(move |view, ledger| {
        let Asking { caller, parameters, .. } = &asking;
        status(&Asked { view, ledger, who: ledger, caller, parameters, present: view.now })
    });
    let ledger = asked.await?;
    blocking(move || {
        let readiness = daemon.readiness();
        Answer::json(&DaemonStatus {
            ledger: ledger.shown(),
            partitions: daemon.sources().into_iter().map(PartitionStatus::from).collect(),
            ready: readiness.is_ready_to_ingest(),
            missing: readiness.missing_to_ingest().into_iter().map(MissingPart::from).collect(),
            failure: readiness.failure,
            read_only: daemon.is_read_only(),
            applied_apart: daemon.applied_apart().map(AppliedApartStatus::from),
            replication: Replication::of(&daemon),
            backup: shipping.map(|board| board.status(daemon.now())),
            publishing: publishing.map(|board| board.status(daemon.now())),
        })
    })
    .await?
}
