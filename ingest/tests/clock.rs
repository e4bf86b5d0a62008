//! A clock that is behind the ledger: the request's clock bounds arrivals and ranges, not the highest ever recorded.

mod support;

use std::sync::Arc;

use ingest::traces::Way;
use ingest::{Clock, StartOptions, Started, Work, start};
use ledger::{EventReader, MemoryStorage};
use projections::query::RangeRequest;
use schemas::{Timestamp, Uid};
use support::*;

const DAY: i64 = 86_400_000_000;

fn on(storage: &MemoryStorage, clock: &Arc<Told>) -> Started {
    start(StartOptions { clock: Arc::clone(clock) as Arc<dyn Clock>, ..options(storage) }, &mut |_| {})
        .expect("started")
}

fn take(started: &mut Started, lines: &[String]) {
    let batch = batch(&started.handle, lines);
    started.engine.step(vec![Work::Batch { batch, reply: None, way: Way::default() }]).expect("committed");
}

/// A ledger whose last entry was recorded a year after `NOW`, by a clock that was wrong.
fn recorded_a_year_ahead() -> MemoryStorage {
    let (storage, clock) = (MemoryStorage::new(), Told::new());
    clock.set(NOW + 365 * DAY);
    let mut started = on(&storage, &clock);
    take(&mut started, &[code("AAA", 7), registration(70, "AAA")]);
    storage
}

#[test]
fn given_an_entry_recorded_a_year_ahead_then_arrivals_and_default_ranges_are_of_the_requests_clock() {
    let (storage, clock) = (recorded_a_year_ahead(), Told::new());
    let mut started = on(&storage, &clock);
    let (position, recorded) =
        (started.handle.position(), |started: &Started, at| started.handle.reader().recorded_at(at).expect("an entry"));
    let ahead = recorded(&started, position);
    let early = trade(70, "early", "1").replace("2026-03-01T00:00:00Z", "2026-04-03T00:00:00Z");
    take(&mut started, &[trade(70, "in-time", "1"), early]);
    let kept = kept(&started.handle);
    assert_eq!(kept.len(), 1, "more than a day after its arrival");
    assert_eq!(kept[0].rejection.field.as_deref(), Some("time"));
    let range = RangeRequest { from: None, to: None };
    let overview = started.handle.read(|view| view.overview(Uid(7), range, None)).expect("a referrer");
    assert_eq!(overview.to, Timestamp(NOW).day(), "the range ends today");
    assert!(recorded(&started, position + 1) >= ahead, "what is recorded never goes back");
}

#[test]
fn a_clock_behind_the_ledger_is_measured_until_it_is_right_again() {
    let (storage, clock) = (recorded_a_year_ahead(), Told::new());
    let started = on(&storage, &clock);
    let handle = started.handle.clone();
    let pipeline = ingest::Pipeline::start(started, ingest::PipelineOptions::default()).expect("threads");
    let behind = || -> u64 {
        let text = handle.metrics_text();
        let line = text.lines().find_map(|line| line.strip_prefix("tributary_clock_behind_ledger_seconds "));
        line.expect("the metric").parse().expect("whole seconds")
    };
    wait_until("the clock is known to be behind", || behind() > 364 * 86_400);
    clock.set(NOW + 366 * DAY);
    wait_until("it is no longer", || behind() == 0);
    pipeline.stop().expect("it ends");
}
