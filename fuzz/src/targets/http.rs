//! Requests, commands among them: a method, a path, headers and a body. Each is answered, and no answer is a fault of the
//! program. An input is a text: `PUT /v1/referrals/7/note`, lines of headers, an empty line, the body.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use api::{App, Authenticator, HttpOptions};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Request;
use http_body_util::BodyExt;
use ingest::metrics::Metrics;
use ingest::{Pipeline, PipelineOptions};
use ledger::MemoryStorage;
use tokio::runtime::{Builder, Runtime};
use tower_service::Service;

use super::sound::{filled, lines, options};
use super::{Target, corpus};

/// A ledger takes so many requests, and then a new one takes its place: what was written would grow without an end.
const REQUESTS: u64 = 5_000;
/// A body that comes for longer is one that never ends, as a live feed's is.
const WAIT: Duration = Duration::from_secs(20);

pub(super) struct Requests {
    inputs: Vec<Vec<u8>>,
    runtime: Runtime,
    served: RefCell<Served>,
}

struct Served {
    router: Router,
    _pipeline: Pipeline,
    requests: u64,
}

impl Served {
    fn new(runtime: &Runtime) -> Served {
        let started = filled(options(&MemoryStorage::new(), u64::MAX), &lines(8, 200), 20);
        let pipeline = Pipeline::start(started, PipelineOptions::default()).expect("threads");
        let app = App::with(Authenticator::open(), Arc::new(Metrics::new()), HttpOptions::default());
        app.open(pipeline.handle());
        let _inside = runtime.enter();
        Served { router: app.service(app.router()), _pipeline: pipeline, requests: 0 }
    }
}

impl Requests {
    pub(super) fn new() -> Requests {
        let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(4).build().expect("a runtime");
        let served = RefCell::new(Served::new(&runtime));
        Requests { inputs: corpus("http"), runtime, served }
    }
}

const WORDS: &[&[u8]] = &[
    b"GET ",
    b"PUT ",
    b"POST ",
    b"PATCH ",
    b"DELETE ",
    b"/v1/",
    b"/v1/codes",
    b"/v1/events?dry_run=true",
    b"/v1/what-if",
    b"/v1/quarantine/1/redrive",
    b"?uid=7",
    b"\nidempotency-key: ",
    b"\ncontent-type: application/json\n",
    b"\ncontent-type: application/x-ndjson\n",
    b"\ncontent-encoding: gzip\n",
    b"\naccept: text/event-stream\n",
    b"\nauthorization: Bearer ",
    b"\naccept-encoding: zstd\n",
    b"\nrange: bytes=0-\n",
    b"\nlast-event-id: ",
    b"\n\n",
    b"{\"note\":\"",
    b"{\"code\":\"",
    b"\"spot_rebate_rate\":\"0.05\"",
    b"\"is_default\":true",
    b"%00",
    b"%F0%9F",
    b"..",
    b"null",
];

/// The request of a text; none where no request can be so.
fn request(input: &[u8]) -> Option<Request<Body>> {
    let (head, body) = match input.windows(2).position(|two| two == b"\n\n") {
        Some(at) => (&input[..at], &input[at + 2..]),
        None => (input, &[][..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let mut words = lines.next()?.splitn(2, |byte| *byte == b' ');
    let mut request = Request::builder().method(words.next()?).uri(words.next()?);
    for line in lines {
        let at = line.iter().position(|byte| *byte == b':')?;
        request = request.header(&line[..at], line[at + 1..].trim_ascii());
    }
    request.body(Body::from(Bytes::copy_from_slice(body))).ok()
}

impl Target for Requests {
    fn inputs(&self) -> &[Vec<u8>] {
        &self.inputs
    }

    fn words(&self) -> &[&[u8]] {
        WORDS
    }

    fn check(&self, input: &[u8]) -> Result<(), String> {
        let Some(request) = request(input) else { return Ok(()) };
        let served = &mut *self.served.borrow_mut();
        served.requests += 1;
        if served.requests > REQUESTS {
            *served = Served::new(&self.runtime);
        }
        let mut router = served.router.clone();
        self.runtime.block_on(async move {
            let Ok(response) = router.call(request).await;
            let status = response.status().as_u16();
            let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            let is_live = kind.starts_with("text/event-stream");
            if is_live {
                return Ok(());
            }
            let body = tokio::time::timeout(WAIT, response.into_body().collect()).await;
            let body = body.map_err(|_| "the answer does not end".to_owned())?;
            let body = body.map_err(|error| format!("the answer breaks off: {error}"))?.to_bytes();
            if status >= 500 && status != 503 {
                return Err(format!("{status}: {}", String::from_utf8_lossy(&body)));
            }
            Ok(())
        })
    }
}
