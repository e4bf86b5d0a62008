//! The ledger of a daemon elsewhere, over HTTP: its segments as `GET /v1/ledger/segments` tells them.

use std::io::{self, Read};
use std::time::Duration;

use anyhow::{Context, anyhow};
use ledger::{DurableSegment, FrameCursor, LedgerSource, StorageError};
use serde::Deserialize;

use crate::exit::Failure;

/// So often something is asked for, since a connection may be cut and a daemon be busy or started again.
const TRIES: u32 = 6;
/// What is told of so many segments at a time.
const SEGMENTS: usize = 1_000;
/// What failed that was asked of elsewhere, among what may fail while it is written here.
const GET: &str = "get";

/// A daemon that can be asked.
pub(crate) trait AskDaemon {
    /// The body of what a GET of a path, with what is asked, is answered with.
    ///
    /// # Errors
    /// If it is not answered with 200.
    fn get(&self, target: &str) -> Result<Box<dyn Read>, NotGiven>;
}

/// Why a daemon did not give something.
#[derive(Debug)]
pub(crate) struct NotGiven {
    /// The status of its answer; none without one.
    pub(crate) status: Option<u16>,
    pub(crate) failure: Failure,
}

impl NotGiven {
    /// Whether it may be given soon.
    fn may_help_to_ask_again(&self) -> bool {
        self.status.is_none_or(|status| status >= 500 || status == 429)
    }
}

/// A daemon's ledger, as it was when it was asked.
pub(crate) struct Elsewhere<A> {
    daemon: A,
    url: String,
    /// What stands behind each question, to say who asks.
    who: String,
    format: u32,
    end: FrameCursor,
    segments: Vec<DurableSegment>,
}

#[derive(Deserialize)]
struct Page {
    format: u32,
    end: String,
    last: u64,
    segments: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    number: u64,
    first_position: u64,
    file_bytes: u64,
    bytes: u64,
    start: String,
}

impl<A: AskDaemon> Elsewhere<A> {
    /// Asks which segments there are, from a number on.
    pub(crate) fn ask(daemon: A, url: &str, first: u64) -> Result<Elsewhere<A>, NotGiven> {
        Elsewhere::ask_as(daemon, url, "", first)
    }

    /// The same with parameters that say who asks.
    pub(crate) fn ask_as(daemon: A, url: &str, who: &str, first: u64) -> Result<Elsewhere<A>, NotGiven> {
        let (url, who) = (url.to_owned(), if who.is_empty() { String::new() } else { format!("&{who}") });
        let mut elsewhere = Elsewhere { daemon, url, who, format: 0, end: FrameCursor::START, segments: Vec::new() };
        loop {
            let from = elsewhere.segments.last().map_or(first, |last| last.number + 1);
            let page = elsewhere.page(from)?;
            let is_whole = page.segments.len() < SEGMENTS;
            elsewhere.format = page.format;
            elsewhere.end = elsewhere.place(&page.end)?;
            for Row { number, first_position, file_bytes, bytes, start } in page.segments {
                let start = elsewhere.place(&start)?;
                elsewhere.segments.push(DurableSegment { number, first_position, file_bytes, bytes, start });
            }
            if is_whole || elsewhere.segments.last().is_some_and(|last| last.number >= page.last) {
                return Ok(elsewhere);
            }
        }
    }

    fn place(&self, digits: &str) -> Result<FrameCursor, NotGiven> {
        FrameCursor::from_hex(digits).map_err(|_| {
            let url = &self.url;
            NotGiven::of_another_form(anyhow!("{url} tells of segments in another form: it may be of another version"))
        })
    }

    fn page(&self, first: u64) -> Result<Page, NotGiven> {
        /// Rows of a page have some 500 bytes each.
        const PAGE_BYTES_MAX: u64 = 4 << 20;
        let target = format!("/v1/ledger/segments?first={first}&segments={SEGMENTS}{}", self.who);
        let mut text = Vec::new();
        let read = self.daemon.get(&target)?.take(PAGE_BYTES_MAX).read_to_end(&mut text);
        let read = read.context("the answer ends too early");
        read.map_err(|error| NotGiven { status: None, failure: Failure::failed(error) })?;
        let page = serde_json::from_slice(&text);
        page.with_context(|| format!("{} tells of segments in another form", self.url))
            .map_err(NotGiven::of_another_form)
    }

    fn range(&self, segment: &DurableSegment, offset: u64, length: usize) -> Result<Vec<u8>, NotGiven> {
        let target = format!("/v1/ledger/segments/{}?offset={offset}&bytes={length}{}", segment.number, self.who);
        let body = self.daemon.get(&target)?;
        let mut bytes = Vec::with_capacity(length);
        let cut = |error| NotGiven { status: None, failure: Failure::failed(error) };
        body.take(length as u64).read_to_end(&mut bytes).map_err(|error| cut(error.into()))?;
        if bytes.len() == length { Ok(bytes) } else { Err(cut(anyhow!("the answer ends too early"))) }
    }
}

impl NotGiven {
    /// An answer with 200 that is of no use.
    fn of_another_form(error: anyhow::Error) -> NotGiven {
        NotGiven { status: Some(200), failure: Failure::failed(error) }
    }
}

/// Asks again where it may help, after ever longer pauses.
///
/// # Errors
/// Why it was not given the last time.
pub(crate) fn patiently<T>(mut ask: impl FnMut() -> Result<T, NotGiven>) -> Result<T, NotGiven> {
    let mut pause = Duration::from_millis(200);
    for _ in 1..TRIES {
        match ask() {
            Err(not_given) if not_given.may_help_to_ask_again() => {
                std::thread::sleep(pause);
                pause *= 2;
            }
            given => return given,
        }
    }
    ask()
}

/// Whether it was the daemon elsewhere that did not give something.
pub(crate) fn is_of_elsewhere(error: &StorageError) -> bool {
    error.operation == GET
}

impl<A: AskDaemon> LedgerSource for Elsewhere<A> {
    fn format(&self) -> u32 {
        self.format
    }

    fn end(&self) -> FrameCursor {
        self.end
    }

    fn segments(&self) -> &[DurableSegment] {
        &self.segments
    }

    fn read(&self, segment: &DurableSegment, offset: u64, length: usize) -> Result<Vec<u8>, StorageError> {
        patiently(|| self.range(segment, offset, length)).map_err(|NotGiven { failure, .. }| {
            let name = format!("segment {} of {}", segment.number, self.url);
            StorageError::new(GET, &name, io::Error::other(failure.in_words()))
        })
    }
}
