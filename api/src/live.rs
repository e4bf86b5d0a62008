//! A stream that goes on live: more is sent as the ledger grows, until the server ends or the client goes. The next
//! part is made only when the last one is on its way, so a client that stops reading holds nothing but its place; and
//! that it loses after a while.

use std::future::Future;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use ingest::{Handle, PositionWatch};
use ledger::Position;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::app::{App, blocking};
use crate::live_places::LivePlace;
use crate::problem::{Problem, ProblemKind};

/// The media type of server-sent events.
pub const EVENT_STREAM: &str = "text/event-stream";
/// Something is sent where nothing else was for so long, so that nobody between takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A ledger that another process writes is looked at so often.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Whether the token that opened it still holds is looked at where something is sent, at most this often.
const JUDGE_EVERY: Duration = Duration::from_secs(1);

/// What a live stream sends.
pub trait LiveParts: Send + 'static {
    /// What is sent first, if anything is.
    fn beginning(&self) -> Option<Bytes>;

    /// The position up to which everything was sent, or passed over.
    fn reached(&self) -> Position;

    /// What is sent now that the ledger has grown beyond what was reached; none if nothing of it is to be sent. What was
    /// reached grows.
    ///
    /// # Errors
    /// Why nothing more can be sent: the stream breaks off.
    fn grown(&mut self) -> impl Future<Output = Result<Option<Bytes>, Problem>> + Send;

    /// Whether what was sent last breaks off in the midst of something, which goes on at once: nothing may come between.
    fn is_within(&self) -> bool {
        false
    }

    /// What is sent where there is nothing to tell.
    fn keep_alive(&self) -> Bytes;

    /// Whether all was sent that was asked for.
    fn is_over(&self) -> bool {
        false
    }
}

/// Answers with a live stream that holds a place, and has at least a pause between two of its parts if one is given. It ends
/// when the token that opened it no longer holds.
///
/// # Errors
/// While there is no ledger.
pub fn answer_live(
    app: &App,
    (place, token): (LivePlace, Option<String>),
    media_type: &'static str,
    pause: Option<Duration>,
    parts: impl LiveParts,
) -> Result<Response, Problem> {
    let ledger = app.ledger()?.clone();
    let live = Live {
        watch: ledger.subscribe(),
        stopping: app.stopping(),
        ledger,
        pause,
        has_begun: false,
        app: app.clone(),
        token,
        judged: Instant::now(),
        parts,
        _place: place,
    };
    let parts = stream::unfold(live, |mut live| async {
        let part = live.next().await?;
        Some((part, live))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        // A proxy that gathers an answer before it passes it on would never pass this one on.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

struct Live<P> {
    ledger: Handle,
    watch: PositionWatch,
    stopping: watch::Receiver<bool>,
    pause: Option<Duration>,
    has_begun: bool,
    app: App,
    /// The token that opened it; none where none was needed.
    token: Option<String>,
    /// When it was looked at last.
    judged: Instant,
    parts: P,
    _place: LivePlace,
}

/// What happens next in a live stream.
enum Next {
    Grown,
    KeepAlive,
    Look,
    End,
    CutOff,
}

impl<P: LiveParts> Live<P> {
    /// Whether the token that opened it still holds, as far as that was looked at. What breaks off within something goes on.
    fn may_go_on(&mut self) -> bool {
        let Some(token) = &self.token else { return true };
        if self.parts.is_within() || self.judged.elapsed() < JUDGE_EVERY {
            return true;
        }
        self.judged = Instant::now();
        self.app.still_takes(token)
    }

    /// The next part; none when the server ends, all was sent, or the token that opened it holds no more.
    async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        if !std::mem::replace(&mut self.has_begun, true)
            && let Some(beginning) = self.parts.beginning()
        {
            return Some(Ok(beginning));
        }
        if self.parts.is_over() {
            return None;
        }
        let earliest = self.pause.map(|pause| Instant::now() + pause);
        let keep_alive = tokio::time::sleep(KEEP_ALIVE);
        tokio::pin!(keep_alive);
        loop {
            let reached = self.parts.reached();
            let grown = async {
                if let Some(earliest) = earliest {
                    tokio::time::sleep_until(earliest).await;
                }
                self.watch.beyond(reached).await
            };
            // Nothing may come between, and whoever ends there is cut off, so that it is seen not to be whole.
            let within = if *self.stopping.borrow() { Next::CutOff } else { Next::Grown };
            let next = tokio::select! {
                biased;
                next = std::future::ready(within), if self.parts.is_within() => next,
                _ = self.stopping.wait_for(|stopping| *stopping) => Next::End,
                // Before what has grown: a filter may take none of very many.
                () = &mut keep_alive => Next::KeepAlive,
                beyond = grown => beyond.map_or(Next::End, |_| Next::Grown),
                () = tokio::time::sleep(LOOK_EVERY), if self.ledger.is_read_only() => Next::Look,
            };
            match next {
                Next::Grown | Next::KeepAlive if !self.may_go_on() => return None,
                Next::Grown => match self.parts.grown().await {
                    Ok(None) => {}
                    Ok(Some(part)) => return Some(Ok(part)),
                    Err(problem) => return Some(Err(problem)),
                },
                Next::KeepAlive => return Some(Ok(self.parts.keep_alive())),
                Next::Look => {
                    let ledger = self.ledger.clone();
                    if let Err(problem) = blocking(move || ledger.refresh()).await {
                        return Some(Err(problem));
                    }
                }
                Next::End => return None,
                Next::CutOff => {
                    let detail = "the server ends in the midst of an entry";
                    return Some(Err(Problem::new(ProblemKind::Unavailable, detail)));
                }
            }
        }
    }
}
