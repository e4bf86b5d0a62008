//! A serving node: it keeps nothing, and answers questions about a referrer from its published rows. What they do not
//! answer is asked of the shard that does, where one alone can; else it is refused, with where the shards are.

mod answering;
mod as_of;
mod described;
mod forwarding;
mod measured;
mod whereabouts;

use std::sync::Arc;
use std::time::Duration;

use api::{App, Asking, MissingPart, Problem, ProblemKind};
use axum::extract::{OriginalUri, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use ingest::metrics::Metrics;
use ledger::{Ledger, LedgerOptions, LedgerReader, MemoryStorage};
use projections::query::Links;
use serde_json::json;
use tokio::sync::RwLock;

use self::forwarding::ShardClient;
use self::measured::{Measured, Reads};
use crate::cluster::ClusterOptions;
use crate::error::ServingError;
use crate::progress::ShardRow;
use crate::reading::{AsOf, Reading};

/// How long the cluster may take to say how far the shards are.
const PROBE: Duration = Duration::from_secs(5);

/// What rows answer.
const FROM_ROWS: &[&str] = &[
    "/v1/overview",
    "/v1/overview/series",
    "/v1/countries",
    "/v1/referrals",
    "/v1/codes",
    "/v1/codes/{code}",
    "/v1/codes/{code}/referrals",
    "/v1/account",
    "/v1/account/codes",
    "/v1/campaigns",
    "/v1/offers",
];

/// A serving node of one keyspace.
pub struct Node {
    options: ClusterOptions,
    reading: RwLock<Option<Arc<Reading>>>,
    metrics: Arc<Metrics>,
    measured: Arc<Measured>,
    /// Of no entries: what would have to be read in a ledger is not answered here.
    nothing: LedgerReader,
    links: Links,
    client: ShardClient,
}

impl Node {
    /// Nothing is asked of the cluster yet.
    ///
    /// # Errors
    /// If memory cannot be had, or TLS.
    pub fn new(options: ClusterOptions, links: Links, metrics: Arc<Metrics>) -> Result<Arc<Node>, ServingError> {
        options.check()?;
        let (empty, _) = Ledger::open(Arc::new(MemoryStorage::new()), LedgerOptions::default())?;
        let nothing = empty.reader();
        let measured = Arc::new(Measured::new(&metrics));
        let client = ShardClient::new(Arc::clone(&measured))?;
        Ok(Arc::new(Node { options, reading: RwLock::default(), metrics, measured, nothing, links, client }))
    }

    /// Connects, and checks that the keyspace is one.
    ///
    /// # Errors
    /// If the cluster does not answer, or the keyspace is none of this version.
    pub async fn connect(&self) -> Result<(), ServingError> {
        self.reading().await.map(drop)
    }

    /// What is served: the questions that rows answer, the probes, what one shard answers, and for all else where to ask. No
    /// page: these ask it.
    pub fn router(self: &Arc<Node>, app: &App) -> Router {
        let from_rows =
            |router: Router<App>, path: &&str| router.route(path, get(answering::answer).fallback(elsewhere));
        FROM_ROWS
            .iter()
            .fold(Router::new(), from_rows)
            .route("/healthz", get(health))
            .route("/readyz", get(readiness))
            .route("/metrics", get(metrics_text))
            .route("/openapi.json", get(openapi))
            .fallback(elsewhere)
            .layer(from_fn_with_state((Arc::clone(self), app.clone()), forwarding::ask_the_shards))
            .layer(Extension(Arc::clone(self)))
            .with_state(app.clone())
    }

    /// What reads the rows: connected when it is first asked for, and from then on by itself.
    async fn reading(&self) -> Result<Arc<Reading>, ServingError> {
        if let Some(reading) = &*self.reading.read().await {
            return Ok(Arc::clone(reading));
        }
        let mut held = self.reading.write().await;
        if let Some(reading) = &*held {
            return Ok(Arc::clone(reading));
        }
        let reading = Arc::new(Reading::open(&self.options).await?);
        *held = Some(Arc::clone(&reading));
        Ok(reading)
    }

    /// How far all shards have published.
    async fn as_of(&self, reading: &Reading) -> Result<AsOf, ServingError> {
        let as_of = self.measured.read(Reads::Progress, reading.as_of()).await?;
        self.measured.reached(&as_of);
        Ok(as_of)
    }

    /// The shards that there are, as of a moment ago.
    async fn shard_rows(&self) -> Result<Arc<[ShardRow]>, ServingError> {
        let read = async {
            let reading = self.reading().await?;
            self.measured.read(Reads::Shards, reading.shards()).await
        };
        self.client.whereabouts().rows(read).await
    }

    /// The refusal of what rows do not answer.
    async fn misdirected(&self, what: &str) -> Problem {
        let shards = self.shard_rows().await;
        let told = shards.iter().flat_map(|rows| rows.iter()).filter(|row| !row.address.is_empty());
        let mut told: Vec<String> = told.map(|row| format!("shard {} at {}", row.shard, row.address)).collect();
        if told.is_empty() {
            told.push("the daemons that publish (publish.address tells readers where they are)".to_owned());
        }
        let is_page = what.starts_with('/') && !what.starts_with("/v1/");
        let here =
            if told.len() > 1 && !is_page { "; or here one of them, with shard=0 or another number" } else { "" };
        let detail = format!("{what} is not answered from rows: ask {}{here}", told.join(", "));
        Problem::new(ProblemKind::Misdirected, detail)
    }
}

impl From<ServingError> for Problem {
    fn from(error: ServingError) -> Problem {
        match error {
            ServingError::TooManyRows { .. } => {
                Problem::of_field(ProblemKind::InvalidParameter, "from", error.to_string())
            }
            ServingError::Row { .. } => Problem::internal(&error),
            ServingError::Unreachable { .. }
            | ServingError::Tls(_)
            | ServingError::Refused { .. }
            | ServingError::NoKeyspace { .. }
            | ServingError::Version { .. }
            | ServingError::Incomplete { .. }
            | ServingError::Overtaken
            | ServingError::TooMany { .. }
            | ServingError::Name(_)
            | ServingError::OtherLedger { .. }
            | ServingError::OtherCount { .. }
            | ServingError::Diverged { .. }
            | ServingError::Taken { .. }
            | ServingError::Ledger(_)
            | ServingError::Past(_)
            | ServingError::Ended
            | ServingError::Process(_) => {
                tracing::warn!(%error, "the rows cannot be read");
                Problem::new(ProblemKind::Unavailable, error.to_string())
            }
        }
    }
}

async fn elsewhere(OriginalUri(uri): OriginalUri, Extension(node): Extension<Arc<Node>>, _asking: Asking) -> Problem {
    node.misdirected(uri.path()).await
}

async fn health() -> Json<serde_json::Value> {
    Json(json!({ "status": "alive" }))
}

async fn openapi(State(app): State<App>) -> Json<serde_json::Value> {
    Json(described::document(&app))
}

/// Ready while all shards' rows can be read.
async fn readiness(Extension(node): Extension<Arc<Node>>) -> Response {
    let asked = async {
        let reading = node.reading().await?;
        node.as_of(&reading).await
    };
    let answered = tokio::time::timeout(PROBE, asked).await;
    match answered {
        Ok(Ok(as_of)) => Json(json!({ "ready": true, "missing": [], "positions": as_of.positions })).into_response(),
        Ok(Err(error)) => not_ready(error.to_string()).into_response(),
        Err(_) => not_ready(format!("Cassandra has not answered for {} s", PROBE.as_secs())).into_response(),
    }
}

fn not_ready(why: String) -> Problem {
    let mut problem = Problem::new(ProblemKind::Unavailable, format!("not ready: {why}"));
    problem.missing = vec![MissingPart::new("cassandra", why)];
    problem
}

async fn metrics_text(State(_): State<App>, Extension(node): Extension<Arc<Node>>) -> Response {
    ([("content-type", "text/plain; version=0.0.4; charset=utf-8")], node.metrics.text()).into_response()
}
