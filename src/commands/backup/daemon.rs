//! The ledger of a daemon elsewhere, over HTTP: its segments as `GET /v1/ledger/segments` tells them.

use std::io::{self, Read};
use std::time::Duration;

use anyhow::{Context, anyhow};
use ledger::{DurableSegment, FrameCursor, LedgerSource, StorageError};
use serde::Deserialize;

use crate::commands::query::{Daemon, refusal};
use crate::exit::Failure;

/// So often a range is asked for, since a connection may be cut and a daemon be busy or started again.
const TRIES: u32 = 6;
/// What is told of so many segments at a time.
const SEGMENTS: usize = 1_000;

/// A daemon's ledger, as it was when it was asked.
pub(super) struct Elsewhere {
    daemon: Daemon,
    url: String,
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

impl Elsewhere {
    /// Asks which segments there are, from a number on.
    pub(super) fn ask(daemon: Daemon, url: &str, first: u64) -> Result<Elsewhere, Failure> {
        let mut elsewhere =
            Elsewhere { daemon, url: url.to_owned(), format: 0, end: FrameCursor::START, segments: Vec::new() };
        loop {
            let from = elsewhere.segments.last().map_or(first, |last| last.number + 1);
            let page = elsewhere.page(from)?;
            let is_whole = page.segments.len() < SEGMENTS;
            let wrong = || anyhow!("{url} tells of segments in another form: it may be of another version");
            elsewhere.format = page.format;
            elsewhere.end = FrameCursor::from_hex(&page.end).map_err(|_| wrong())?;
            for Row { number, first_position, file_bytes, bytes, start } in page.segments {
                let start = FrameCursor::from_hex(&start).map_err(|_| wrong())?;
                elsewhere.segments.push(DurableSegment { number, first_position, file_bytes, bytes, start });
            }
            if is_whole || elsewhere.segments.last().is_some_and(|last| last.number >= page.last) {
                return Ok(elsewhere);
            }
        }
    }

    fn page(&self, first: u64) -> Result<Page, Failure> {
        /// Rows of a page have some 500 bytes each.
        const PAGE_BYTES_MAX: u64 = 4 << 20;
        let target = format!("/v1/ledger/segments?first={first}&segments={SEGMENTS}");
        let mut answer = self.daemon.send(&target, None)?;
        if answer.status != 200 {
            return Err(refusal(&mut answer));
        }
        let mut text = Vec::new();
        answer.body.take(PAGE_BYTES_MAX).read_to_end(&mut text).context("the answer ends too early")?;
        let url = &self.url;
        Ok(serde_json::from_slice(&text).with_context(|| format!("{url} tells of segments in another form"))?)
    }

    /// One try; whether another one may help is told beside what failed.
    fn range(&self, segment: &DurableSegment, offset: u64, length: usize) -> Result<Vec<u8>, (bool, String)> {
        let target = format!("/v1/ledger/segments/{}?offset={offset}&bytes={length}", segment.number);
        let answer = self.daemon.send(&target, None);
        let mut answer = answer.map_err(|failure| (true, failure.in_words()))?;
        if answer.status != 200 {
            let may_help = answer.status >= 500 || answer.status == 429;
            return Err((may_help, refusal(&mut answer).in_words()));
        }
        let mut bytes = Vec::with_capacity(length);
        let read = answer.body.take(length as u64).read_to_end(&mut bytes);
        read.map_err(|error| (true, error.to_string()))?;
        if bytes.len() == length { Ok(bytes) } else { Err((true, "the answer ends too early".to_owned())) }
    }
}

impl LedgerSource for Elsewhere {
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
        let mut pause = Duration::from_millis(200);
        let mut tries = 1;
        loop {
            match self.range(segment, offset, length) {
                Ok(bytes) => return Ok(bytes),
                Err((true, _)) if tries < TRIES => {
                    tries += 1;
                    std::thread::sleep(pause);
                    pause *= 2;
                }
                Err((_, why)) => {
                    let name = format!("segment {} of {}", segment.number, self.url);
                    return Err(StorageError::new("get", &name, io::Error::other(why)));
                }
            }
        }
    }
}
