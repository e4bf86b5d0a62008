//! Records the history as it would have been: what arrived within the same hours is appended together, at their end,
//! and the story's events between them at the moments at which they arrived.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ingest::metrics::Metrics;
use ingest::{Feed, Pipeline, Stopped, Tally, WHOLE_FRAME_EVENTS};
use schemas::Timestamp;
use workload::{Lines, Story, Workload};

use super::clock::ToldClock;
use crate::config::Settings;
use crate::daemon::pipeline_options;
use crate::exit::Failure;
use crate::place::Place;

/// What arrives within so long is appended together.
const TOGETHER_MICROS: i64 = 6 * 3_600 * 1_000_000;
/// Bytes of lines that are fed at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// Records the history and its story into a ledger that holds nothing yet, and closes it. What became of the events; less
/// of them if it was ended meanwhile.
///
/// # Errors
/// If the ledger cannot be opened or takes nothing more.
pub(super) fn record(
    place: &Place,
    settings: &Settings,
    workload: &Workload,
    is_ended: &AtomicBool,
) -> Result<Tally, Failure> {
    let mut lines = Timed::new(workload.lines(), workload.end);
    let first = lines.peek().unwrap_or(workload.end);
    let clock = Arc::new(ToldClock::at(first));
    let mut started = place.start_to_record(settings, Arc::new(Metrics::new()), Arc::clone(&clock) as _)?;
    started.engine.apply_whole_frames(WHOLE_FRAME_EVENTS);
    let pipeline = Pipeline::start(started, pipeline_options(&settings.limits)).map_err(anyhow::Error::from)?;
    let mut feed = pipeline.feed();
    let story = workload.story().as_ref().map(Story::events).unwrap_or_default();
    let mut story = story.into_iter().peekable();
    let mut recording = Recording { feed: &mut feed, clock: &clock, name: "demo".into(), line: 1 };
    while let Some(next) = lines.peek() {
        if is_ended.load(Ordering::Relaxed) {
            break;
        }
        // The end of the hours in which the next line arrives, or before it the story's next turn.
        let end = Timestamp((next.0.div_euclid(TOGETHER_MICROS) + 1) * TOGETHER_MICROS - 1).min(workload.end);
        let turn = story.peek().map(|(arrival, _)| *arrival).filter(|turn| *turn <= end);
        recording.append_until(turn.unwrap_or(end), &mut lines)?;
        while let Some((arrival, event)) = story.next_if(|(arrival, _)| Some(*arrival) == turn) {
            let mut text = Vec::new();
            schemas::json::write_event(&event, &mut text);
            text.push(b'\n');
            recording.append(arrival, text, 1)?;
        }
    }
    let tally = feed.finish().map_err(anyhow::Error::from)?;
    pipeline.stop().map_err(anyhow::Error::from)?;
    Ok(tally)
}

/// The way of the history into the ledger.
struct Recording<'a> {
    feed: &'a mut Feed,
    clock: &'a ToldClock,
    name: Arc<str>,
    /// The number of the next line.
    line: u64,
}

impl Recording<'_> {
    /// Appends all lines that arrived by then, as of then.
    fn append_until(&mut self, moment: Timestamp, lines: &mut Timed) -> Result<(), Failure> {
        self.clock.tell(moment);
        loop {
            let mut text = Vec::with_capacity(CHUNK_BYTES + 4_096);
            let mut count = 0;
            while text.len() < CHUNK_BYTES && lines.write_if(moment, &mut text) {
                count += 1;
            }
            if count == 0 {
                return self.flush();
            }
            self.push(text, count)?;
        }
    }

    /// Appends these lines as of this moment.
    fn append(&mut self, moment: Timestamp, text: Vec<u8>, count: u64) -> Result<(), Failure> {
        self.clock.tell(moment);
        self.push(text, count)?;
        self.flush()
    }

    fn push(&mut self, text: Vec<u8>, count: u64) -> Result<(), Failure> {
        let first = self.line;
        self.line += count;
        self.feed.push_lines(&self.name, first, text).map_err(stopped)
    }

    /// Waits until all of it is appended: the clock may go on then.
    fn flush(&mut self) -> Result<(), Failure> {
        self.feed.flush().map_err(stopped)
    }
}

fn stopped(stopped: Stopped) -> Failure {
    anyhow::Error::from(stopped).into()
}

/// Lines with the moments at which they arrive, the next one at hand. What is still under way at the end arrives there.
struct Timed {
    lines: Lines,
    end: Timestamp,
    next: Vec<u8>,
    is_there: bool,
}

impl Timed {
    fn new(lines: Lines, end: Timestamp) -> Timed {
        let mut timed = Timed { lines, end, next: Vec::new(), is_there: false };
        timed.advance();
        timed
    }

    fn advance(&mut self) {
        self.next.clear();
        self.is_there = self.lines.write_next(&mut self.next);
    }

    /// When the next line arrives; none after the last.
    fn peek(&self) -> Option<Timestamp> {
        self.is_there.then(|| self.lines.arrival().min(self.end))
    }

    /// Appends the next line, if it has arrived by then.
    fn write_if(&mut self, moment: Timestamp, out: &mut Vec<u8>) -> bool {
        let has_arrived = self.peek().is_some_and(|arrival| arrival <= moment);
        if has_arrived {
            out.extend_from_slice(&self.next);
            self.advance();
        }
        has_arrived
    }
}
