//! The threads around the engine: order, bounds, the API beside sources, and the end.

mod support;

use std::sync::Arc;
use std::thread;

use ingest::{CheckpointUse, CommandError, DoneDecision, FrameLimits, Pipeline, PipelineOptions, StartOptions, start};
use ledger::{Faults, FaultyStorage, MemoryStorage, Outcome};
use projections::commands::Command;
use schemas::{Rate, Uid};
use support::*;

fn create(code: &str) -> Command {
    Command::CreateCode {
        code: Some(code.to_owned()),
        spot_rebate_rate: Rate::ZERO,
        futures_rebate_rate: Rate::ZERO,
        note: String::new(),
        is_default: false,
    }
}

#[test]
fn events_of_one_source_are_appended_in_the_order_in_which_they_stand() {
    let pipeline = Pipeline::start(
        started(&MemoryStorage::new()),
        PipelineOptions {
            decoders: 8,
            frame: FrameLimits { events: 50, ..FrameLimits::default() },
            ..PipelineOptions::default()
        },
    )
    .expect("threads");
    let mut feed = pipeline.feed();
    let name: Arc<str> = "source".into();
    // Pieces of very different sizes, so that later ones are decoded before earlier ones.
    let mut written = Vec::new();
    for piece in 0..400 {
        let lines = if piece % 50 == 0 { 2_000 } else { 1 };
        let ids: Vec<_> = (0..lines).map(|line| format!("{piece}-{line}")).collect();
        let text: String = ids.iter().map(|id| trade(70, id, "1") + "\n").collect();
        feed.push_lines(&name, 1, text.into_bytes()).expect("taken");
        written.extend(ids);
    }
    let tally = feed.finish().expect("durable");
    assert_eq!(tally.accepted as usize, written.len());
    let reader = pipeline.handle().reader();
    let found = (1..=tally.accepted)
        .map(|position| ledger::EventReader::event(&reader, position).expect("held").id.into_owned());
    assert_eq!(found.collect::<Vec<_>>(), written);
    pipeline.stop().expect("stopped");
}

#[test]
fn what_is_on_its_way_is_bounded_whatever_the_source_offers() {
    const CHANNEL_BYTES: usize = 1 << 20;
    let pipeline = Pipeline::start(
        started(&MemoryStorage::new()),
        PipelineOptions { channel_bytes: CHANNEL_BYTES, decoders: 4, ..PipelineOptions::default() },
    )
    .expect("threads");
    // Short broken lines take the most memory for their size.
    let broken = b"x\n".repeat(30_000);
    let mut feed = pipeline.feed();
    let handle = pipeline.handle();
    for _ in 0..3 {
        for piece in broken.chunks(2_000) {
            feed.push_lines(&"broken".into(), 1, piece.to_vec()).expect("taken");
        }
        let text = handle.metrics_text();
        let held = text.lines().find_map(|line| line.strip_prefix("tributary_channel_bytes{channel=\"sources\"} "));
        let held: usize = held.map_or(0, |held| held.parse().expect("a number"));
        assert!(held <= CHANNEL_BYTES, "{held} bytes");
    }
    assert_eq!(feed.finish().expect("durable").events(), 90_000);
    pipeline.stop().expect("stopped");
}

#[test]
fn a_source_waits_while_the_ledger_is_behind_and_is_sent_away_when_it_fails() {
    let storage = FaultyStorage::new(MemoryStorage::new(), Faults::default());
    let pipeline =
        Pipeline::start(started(&storage), PipelineOptions { channel_bytes: 64 << 10, ..PipelineOptions::default() })
            .expect("threads");
    let mut feed = pipeline.feed();
    feed.push_lines(&"f".into(), 1, code("AAA", 7).into_bytes()).expect("taken");
    feed.flush().expect("durable");
    let handle = pipeline.handle();
    assert_eq!(handle.position(), 1);
    storage.set_faults(Faults { power_fails_at: Some(0), ..Faults::default() });
    // Without an end to it, a source that was not sent away would feed for ever.
    let fed = (0..).find(|number| {
        let line = trade(70, &number.to_string(), "1");
        feed.push_lines(&"f".into(), 1, line.into_bytes()).is_err()
    });
    assert!(fed.is_some());
    assert!(feed.flush().is_err() && feed.finish().is_err());
    assert_eq!(handle.command(Uid(7), create("BBB"), None, None), Err(CommandError::Stopped));
    assert!(handle.submit(batch(&handle, &[code("CCC", 7)])).is_err());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    assert_eq!(runtime.block_on(handle.subscribe().beyond(1)), None, "nothing will come");
    assert!(pipeline.stop().is_err());
}

#[test]
fn the_api_is_served_while_a_source_is_read() {
    let pipeline = pipeline();
    let handle = pipeline.handle();
    let mut feed = pipeline.feed();
    let text = text(&hostile(11, 30_000));
    let reading = thread::spawn(move || {
        feed.push_lines(&"f".into(), 1, text).expect("taken");
        feed.finish().expect("durable")
    });
    let clients: Vec<_> = (0..8)
        .map(|client| {
            let handle = handle.clone();
            thread::spawn(move || {
                for number in 0..10 {
                    let name = format!("C{client}_{number}");
                    let done = handle.command(Uid(9_000_000 + client), create(&name), None, None).expect("done");
                    let DoneDecision::Appended { position } = done.decision else { panic!("{done:?}") };
                    let owner = handle.read(|view| view.state.index().code_owner(&name));
                    assert_eq!(owner, Some(Uid(9_000_000 + client)), "seen by the next question");
                    assert!(handle.position() >= position);
                    let line = trade(9_000_000 + client, &name, "1");
                    let outcomes = handle.submit(batch(&handle, &[line.clone(), line])).expect("durable");
                    let [Outcome::Accepted { position }, Outcome::Duplicate { of }] = outcomes[..] else {
                        panic!("{outcomes:?}")
                    };
                    assert_eq!(position, of);
                }
            })
        })
        .collect();
    for client in clients {
        client.join().expect("no panic");
    }
    let tally = reading.join().expect("no panic");
    assert_eq!(handle.position(), tally.accepted + 160);
    pipeline.stop().expect("stopped");
}

#[test]
fn at_the_end_all_that_was_fed_is_durable_and_the_state_is_kept() {
    let (storage, kept) = (MemoryStorage::new(), Kept::default());
    let with_checkpoints = || StartOptions { checkpoints: opened(kept.clone()), ..options(&storage) };
    let pipeline =
        Pipeline::start(start(with_checkpoints(), &mut |_| {}).expect("started"), PipelineOptions::default())
            .expect("threads");
    let handle = pipeline.handle();
    let mut feed = pipeline.feed();
    let lines = hostile(12, 5_000);
    for piece in lines.chunks(100) {
        feed.push_lines(&"f".into(), 1, text(piece)).expect("taken");
    }
    // Not waited for: the end does.
    drop(feed);
    pipeline.stop().expect("stopped");
    let position = handle.position();
    let expected = numbers(&handle);
    assert_eq!(handle.command(Uid(7), create("LATE"), None, None), Err(CommandError::Stopped));
    drop(handle);

    let again = start(with_checkpoints(), &mut |_| {}).expect("started");
    assert_eq!(again.replayed.checkpoint, CheckpointUse::Used);
    assert_eq!((again.replayed.from, again.engine.position()), (position, position), "there is no tail");
    assert_eq!(numbers(&again.handle), expected);
    let reference = support::pipeline();
    import_text(&reference, "f", &text(&lines));
    assert_eq!(numbers(&reference.handle()), expected);
    reference.stop().expect("stopped");
}

#[test]
fn a_watch_wakes_when_the_ledger_grows_and_when_it_ends() {
    let pipeline = pipeline();
    let handle = pipeline.handle();
    let mut watch = handle.subscribe();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let waiting = thread::spawn(move || (runtime().block_on(watch.beyond(0)), watch));
    handle.submit(batch(&handle, &[code("AAA", 7), code("BBB", 7)])).expect("durable");
    let (reached, mut watch) = waiting.join().expect("no panic");
    assert_eq!(reached, Some(2));
    assert_eq!(runtime().block_on(watch.beyond(1)), Some(2), "it is there already");
    let ended = thread::spawn(move || runtime().block_on(watch.beyond(2)));
    pipeline.stop().expect("stopped");
    assert_eq!(ended.join().expect("no panic"), None);
}
