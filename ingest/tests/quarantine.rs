//! What operators do to quarantined events.

mod support;

use std::ops::ControlFlow;

use ingest::files::{ImportProgress, Input, import};
use ingest::{Operator, Pipeline, QuarantineError};
use ledger::{ActKind, Actor, Outcome, QuarantineFilter, QuarantineId, QuarantineState};
use schemas::{Reason, Rejection};
use support::{batch, kept, pipeline, registration, trade};

fn operator(why: &str) -> Operator {
    let actor = Actor { who: Some("7".into()), role: "operator".into(), address: None, request_id: None };
    Operator { by: "operator 7".into(), why: why.into(), actor: Some(actor) }
}

/// Quarantines these bytes, each from a line of its own.
fn reject(pipeline: &Pipeline, lines: &[Vec<u8>]) {
    let handle = pipeline.handle();
    let mut batch = handle.batch();
    for (line, raw) in (1..).zip(lines) {
        batch.push_rejected(Rejection::new(Reason::Malformed, "no event then"), raw.clone(), format!("old:{line}"));
    }
    handle.submit(batch).expect("durable");
}

fn frames(pipeline: &Pipeline) -> usize {
    pipeline.handle().reader().frames(&ledger::FrameCursor::START).count()
}

fn ids(numbers: impl IntoIterator<Item = u64>) -> Vec<QuarantineId> {
    numbers.into_iter().map(QuarantineId).collect()
}

#[test]
fn a_quarantined_event_is_tried_again_under_its_number() {
    let pipeline = pipeline();
    let handle = pipeline.handle();
    let lines = [registration(70, "AAA"), registration(70, "BBB").replace("r70", "other"), "nonsense".into()];
    handle.submit(batch(&handle, &lines)).expect("durable");
    let open = || -> Vec<_> { kept(&handle).iter().map(|kept| kept.id).collect() };
    assert_eq!(open(), ids([1, 2]));
    let acted = handle.redrive(&ids([2, 1]), &operator("after the fix")).expect("tried");
    let told: Vec<_> = acted
        .iter()
        .map(|acted| match &acted.outcome {
            Some(Outcome::Quarantined { id, .. }) => *id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!((told, open()), (ids([2, 1]), ids([1, 2])), "still there, under the same numbers");
    let event = kept(&handle).swap_remove(1);
    assert_eq!((&event.raw[..], &*event.origin), (&b"nonsense"[..], "a request"));
    let row = handle.read(|view| view.quarantine().get(QuarantineId(2))).expect("a row");
    let act = handle.reader().act(row.act.expect("an act")).expect("reads");
    assert_eq!((act.kind, &*act.by, &*act.why, act.position), (ActKind::Redriven, "operator 7", "after the fix", 0));
    for id in [0, 3] {
        let unknown = handle.redrive(&ids([1, id]), &operator(""));
        assert!(matches!(unknown, Err(QuarantineError::NotThere { id: told }) if told.0 == id));
    }
    pipeline.stop().expect("stopped");
}

#[test]
fn a_mended_event_takes_the_place_of_a_quarantined_one_only_if_it_gets_in() {
    let pipeline = pipeline();
    let handle = pipeline.handle();
    reject(&pipeline, &[b"{".to_vec(), b"[".to_vec()]);
    let state = |id| handle.read(|view| view.quarantine().get(QuarantineId(id))).map(|row| row.state);
    let acted = handle.replace(QuarantineId(1), b"still nonsense", &operator("")).expect("judged");
    assert!(matches!(acted.outcome, Some(Outcome::Quarantined { id: QuarantineId(3), .. })), "{acted:?}");
    assert_eq!((state(1), state(3)), (Some(QuarantineState::Open), Some(QuarantineState::Open)));
    // The same slip again is counted, not kept.
    handle.replace(QuarantineId(1), b"still nonsense", &operator("")).expect("judged");
    assert_eq!(handle.read(|view| view.quarantine().get(QuarantineId(3))).map(|row| row.repeated), Some(1));
    let mended = trade(70, "t", "1");
    let acted = handle.replace(QuarantineId(1), mended.as_bytes(), &operator("a bracket")).expect("judged");
    assert_eq!(acted.outcome, Some(Outcome::Accepted { position: 1 }));
    let acted = handle.replace(QuarantineId(2), mended.as_bytes(), &operator("sent since")).expect("judged");
    assert_eq!(acted.outcome, Some(Outcome::Duplicate { of: 1 }));
    assert_eq!((state(1), state(2)), (Some(QuarantineState::Replaced), Some(QuarantineState::Replaced)));
    let again = handle.replace(QuarantineId(1), mended.as_bytes(), &operator(""));
    assert!(matches!(again, Err(QuarantineError::NotThere { id: QuarantineId(1) })), "{again:?}");
    pipeline.stop().expect("stopped");
}

#[test]
fn those_that_are_chosen_are_found_by_state_reason_origin_and_time() {
    let pipeline = pipeline();
    let handle = pipeline.handle();
    handle.submit(batch(&handle, &["nonsense", "{}"])).expect("durable");
    reject(&pipeline, &[b"{".to_vec(), b"[".to_vec()]);
    handle.discard(&ids([2]), &operator("a test")).expect("discarded");
    let found = |filter: &QuarantineFilter| -> Vec<u64> {
        handle.quarantine_rows(filter, None, 10).expect("read").iter().map(|row| row.id.0).collect()
    };
    let all = QuarantineFilter::default();
    let arrived = handle.quarantine_rows(&all, None, 10).expect("read")[2].received_at;
    for (filter, expected) in [
        (all.clone(), vec![1, 2, 3, 4]),
        (QuarantineFilter { state: Some(QuarantineState::Open), ..all.clone() }, vec![1, 3, 4]),
        (QuarantineFilter { state: Some(QuarantineState::Discarded), ..all.clone() }, vec![2]),
        (QuarantineFilter { reason: Some(Reason::Conflict), ..all.clone() }, vec![]),
        (QuarantineFilter { origin: Some("old:".into()), ..all.clone() }, vec![3, 4]),
        (QuarantineFilter { origin: Some("old:2".into()), ..all.clone() }, vec![4]),
        (QuarantineFilter { from: Some(arrived), ..all.clone() }, vec![3, 4]),
        (QuarantineFilter { before: Some(arrived), ..all.clone() }, vec![1, 2]),
    ] {
        assert_eq!(found(&filter), expected, "{filter:?}");
    }
    let after = handle.quarantine_rows(&all, Some(QuarantineId(1)), 2).expect("read");
    assert_eq!(after.iter().map(|row| row.id.0).collect::<Vec<_>>(), [2, 3]);
    pipeline.stop().expect("stopped");
}

#[test]
fn many_large_ones_are_tried_in_frames_that_are_bounded() {
    let pipeline = pipeline();
    let handle = pipeline.handle();
    let large: Vec<Vec<u8>> = (0..5u8).map(|number| vec![b'a' + number; 3 << 20]).collect();
    reject(&pipeline, &large);
    let before = frames(&pipeline);
    let acted = handle.redrive(&ids(1..=5), &operator("")).expect("tried");
    assert_eq!(acted.len(), 5);
    // Two of 3 MiB fit into 8 MiB.
    assert_eq!(frames(&pipeline) - before, 3);
    let small: Vec<Vec<u8>> = (0..2_500).map(|number: u32| number.to_string().into_bytes()).collect();
    let mut batch = handle.batch();
    for raw in small {
        batch.push_rejected(Rejection::new(Reason::Malformed, "a number"), raw, "small".into());
    }
    handle.submit(batch).expect("durable");
    let before = frames(&pipeline);
    handle.discard(&ids(6..=2_505), &operator("numbers")).expect("discarded");
    assert_eq!(frames(&pipeline) - before, 3);
    pipeline.stop().expect("stopped");
}

#[test]
fn the_same_file_imported_twice_does_not_double_the_quarantine() {
    let pipeline = pipeline();
    let handle = pipeline.handle();
    let text = format!("nonsense\n{}\nnonsense\n{{}}\n", trade(70, "t", "1"));
    let folder = tempfile::tempdir().expect("a folder");
    let read = |name: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, &text).expect("written");
        let go_on = &mut |_: &ImportProgress<'_>| ControlFlow::Continue(());
        import(pipeline.feed(), &[Input::File(path)], go_on).expect("imported");
    };
    read("a.ndjson");
    let first: Vec<_> = kept(&handle).iter().map(|kept| (kept.id.0, kept.origin.clone())).collect();
    assert_eq!(first.len(), 3, "the same bytes of another line are another event");
    read("a.ndjson");
    let second: Vec<_> = kept(&handle).iter().map(|kept| (kept.id.0, kept.origin.clone())).collect();
    assert_eq!(second, first);
    let status = handle.read(|view| view.status());
    assert_eq!(status.quarantined.values().sum::<u64>(), 6, "each one that was read counts");
    assert_eq!((status.quarantine.open, status.duplicate.values().sum::<u64>(), status.accepted), (3, 1, 1));
    read("b.ndjson");
    assert_eq!(kept(&handle).len(), 6);
    pipeline.stop().expect("stopped");
}
