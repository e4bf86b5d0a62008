//! The engine as a state machine: given a ledger in memory, when it makes steps, then answers, state and ledger say
//! the same.

mod support;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use ingest::traces::Way;
use ingest::{
    AcceptedBefore, CheckpointPolicy, CommandError, Done, DoneDecision, EngineError, StartOptions, Started, Work, start,
};
use ledger::{Faults, FaultyStorage, LedgerError, MemoryStorage, Outcome};
use projections::commands::{Command, Refusal};
use schemas::{Rate, Reason, Timestamp, Uid};
use support::*;

/// What became of a command, once the engine says so.
type CommandAnswer = Receiver<Result<Done, CommandError>>;

fn command(uid: u64, command: Command, key: Option<&str>) -> (Work, CommandAnswer) {
    let (sender, receiver) = channel();
    let reply = Box::new(move |answer| sender.send(answer).expect("the test waits"));
    (
        Work::Command { uid: Uid(uid), command, key: key.map(str::to_owned), actor: None, way: Way::default(), reply },
        receiver,
    )
}

fn posted(started: &Started, lines: &[String]) -> (Work, Receiver<Vec<Outcome>>) {
    let (sender, receiver) = channel();
    let reply = Box::new(move |answer| sender.send(answer).expect("the test waits"));
    (Work::Batch { batch: batch(&started.handle, lines), reply: Some(reply), way: Way::default() }, receiver)
}

fn create(code: &str) -> Command {
    Command::CreateCode {
        code: Some(code.to_owned()),
        spot_rebate_rate: Rate::ZERO,
        futures_rebate_rate: Rate::ZERO,
        note: String::new(),
        is_default: false,
    }
}

fn note(invitee: u64, note: &str) -> Command {
    Command::SetNote { invitee: Uid(invitee), note: note.to_owned() }
}

fn appended(answer: &CommandAnswer) -> u64 {
    match answer.recv().expect("answered").expect("done").decision {
        DoneDecision::Appended { position } => position,
        DoneDecision::DoneBefore { position } => panic!("done before by {position:?}"),
    }
}

fn frames(started: &Started) -> usize {
    started.handle.reader().frames(&ledger::FrameCursor::START).count()
}

#[test]
fn each_is_told_what_became_of_its_events_in_the_order_pushed() {
    let mut started = started(&MemoryStorage::new());
    let (first, first_answer) = posted(&started, &[code("AAA", 7), registration(70, "AAA"), "nonsense".into()]);
    let (second, second_answer) = posted(&started, &[registration(70, "AAA"), code("AAA", 8), trade(70, "t1", "10")]);
    started.engine.step(vec![first, second]).expect("committed");

    let outcomes = first_answer.recv().expect("answered");
    assert_eq!(outcomes[..2], [Outcome::Accepted { position: 1 }, Outcome::Accepted { position: 2 }]);
    assert!(matches!(&outcomes[2], Outcome::Quarantined { rejection, .. } if rejection.reason == Reason::Malformed));
    let outcomes = second_answer.recv().expect("answered");
    assert_eq!(outcomes[0], Outcome::Duplicate { of: 2 });
    assert!(matches!(&outcomes[1], Outcome::Duplicate { of: 1 }), "the same identity: {:?}", outcomes[1]);
    assert_eq!(outcomes[2], Outcome::Accepted { position: 3 });
    assert_eq!((started.handle.position(), started.engine.position(), frames(&started)), (3, 3, 1));
    assert_eq!(started.handle.read(|view| view.state.position()), 3);
    let kept = kept(&started.handle);
    assert_eq!((kept.len(), &kept[0].raw[..], &*kept[0].origin), (1, &b"nonsense"[..], "a request"));
}

#[test]
fn a_step_without_work_writes_nothing() {
    let mut started = started(&MemoryStorage::new());
    started.engine.step(Vec::new()).expect("nothing to do");
    let (empty, answer) = posted(&started, &[]);
    started.engine.step(vec![empty]).expect("nothing to do");
    assert_eq!(answer.recv(), Ok(Vec::new()));
    assert_eq!(frames(&started), 0);
}

#[test]
fn commands_of_many_referrers_share_a_frame_and_see_all_that_came_before() {
    let mut started = started(&MemoryStorage::new());
    let (posted, _answer) = posted(&started, &[code("AAA", 7), registration(70, "AAA")]);
    // The note is on an invitee that came in the same step.
    let (noted, noted_answer) = command(7, note(70, "hello"), None);
    let (eight, eight_answer) = command(8, create("EIGHT"), None);
    let (nine, nine_answer) = command(9, create("NINE"), None);
    started.engine.step(vec![posted, noted, eight, nine]).expect("committed");
    assert_eq!([&noted_answer, &eight_answer, &nine_answer].map(appended), [3, 4, 5]);
    assert_eq!(frames(&started), 2, "the events that the commands are decided on, then the commands");
}

#[test]
fn a_command_sees_those_before_it_that_it_has_to_do_with() {
    let mut started = started(&MemoryStorage::new());
    let (one, one_answer) = command(7, create("SAME"), None);
    let (taken, taken_answer) = command(8, create("SAME"), None);
    let (own, own_answer) = command(7, create("OTHER"), None);
    started.engine.step(vec![one, taken, own]).expect("committed");
    assert_eq!(appended(&one_answer), 1);
    let refusal = taken_answer.recv().expect("answered").expect_err("taken");
    assert_eq!(refusal, CommandError::Refused(Refusal::CodeTaken { code: "SAME".into() }));
    assert_eq!(appended(&own_answer), 2);

    let many: Vec<_> = (2..21).map(|number| command(7, create(&format!("CODE{number}")), None)).collect();
    let (works, answers): (Vec<_>, Vec<_>) = many.into_iter().unzip();
    started.engine.step(works).expect("committed");
    let refused: Vec<_> = answers.iter().filter_map(|answer| answer.recv().expect("answered").err()).collect();
    assert_eq!(refused, [CommandError::Refused(Refusal::TooManyCodes)], "the 21st, and only that");
    assert_eq!(kept(&started.handle), [], "a refusal appends nothing");
}

#[test]
fn a_command_with_a_key_is_done_once_also_within_one_step() {
    let mut started = started(&MemoryStorage::new());
    let (one, one_answer) = command(7, create("KEYED"), Some("k"));
    let (two, two_answer) = command(7, create("KEYED"), Some("k"));
    let (other, other_answer) = command(7, create("ELSE"), Some("k"));
    started.engine.step(vec![one, two, other]).expect("committed");
    assert_eq!(appended(&one_answer), 1);
    let again = two_answer.recv().expect("answered").expect("done");
    assert_eq!(again, Done { decision: DoneDecision::DoneBefore { position: Some(1) }, event: None });
    let reused = other_answer.recv().expect("answered").expect_err("refused");
    assert_eq!(reused, CommandError::Refused(Refusal::KeyReused));
}

#[test]
fn a_command_done_by_version_0_1_answers_as_done_before() {
    let apply = || Command::Apply { message: "please".into() };
    let mut first = started(&MemoryStorage::new());
    let (work, answer) = command(7, apply(), Some("k"));
    first.engine.step(vec![work]).expect("committed");
    let id = answer.recv().expect("answered").expect("done").event.expect("appended").id.into_owned();
    // The id that version 0.1 gave: the same digest of the key, and its own of the command.
    let (key, _) = id.rsplit_once('-').expect("two digests");
    let former =
        event("application", &format!("{key}-1bc7ecf44a217a65aea5ca77b2060db4"), r#"{"uid":7,"message":"please"}"#);
    let mut second = started(&MemoryStorage::new());
    let (old, _answer) = posted(&second, &[former.replace("\"/test\"", "\"/tributary/api\"")]);
    let (again, again_answer) = command(7, apply(), Some("k"));
    let (other, other_answer) = command(7, Command::Apply { message: "other".into() }, Some("k"));
    second.engine.step(vec![old, again, other]).expect("committed");
    let done = again_answer.recv().expect("answered").expect("done");
    assert_eq!(done, Done { decision: DoneDecision::DoneBefore { position: Some(1) }, event: None });
    assert_eq!(other_answer.recv().expect("answered"), Err(CommandError::Refused(Refusal::KeyReused)));
}

#[test]
fn the_later_of_two_commands_has_the_later_time_even_if_the_clock_went_back() {
    let (storage, clock) = (MemoryStorage::new(), Told::new());
    let with_clock = |clock: &Arc<Told>| StartOptions { clock: Arc::clone(clock) as _, ..options(&storage) };
    let mut first = start(with_clock(&clock), &mut |_| {}).expect("started");
    let set = |started: &mut Started, text: &str| {
        let (work, answer) = command(7, note(70, text), None);
        started.engine.step(vec![work]).expect("committed");
        answer.recv().expect("answered").expect("done").event.expect("appended").time
    };
    let (posted, _answer) = posted(&first, &[code("AAA", 7), registration(70, "AAA")]);
    first.engine.step(vec![posted]).expect("committed");
    let one = set(&mut first, "one");
    clock.set(NOW - 3_600_000_000);
    let two = set(&mut first, "two");
    assert!(two > one, "{one} {two}");
    drop(first);
    // After a restart with a clock that is nearly a day behind, too.
    clock.set(NOW - 80_000_000_000);
    let mut second = start(with_clock(&clock), &mut |_| {}).expect("started");
    let three = set(&mut second, "three");
    assert!(three > two, "{two} {three}");
    let row = second.handle.read(|view| view.referral(Uid(7), Uid(70)).expect("an invitee"));
    assert_eq!(row.referral.note, "three", "what a command set is seen by the next question");
}

#[test]
fn when_the_disk_fails_nobody_is_told_that_it_is_done_and_nothing_more_is_taken() {
    let storage = FaultyStorage::new(MemoryStorage::new(), Faults::default());
    let mut started = started(&storage);
    let (good, good_answer) = posted(&started, &[code("AAA", 7)]);
    started.engine.step(vec![good]).expect("committed");
    assert_eq!(good_answer.recv().map(|outcomes| outcomes.len()), Ok(1));

    storage.set_faults(Faults { power_fails_at: Some(0), ..Faults::default() });
    let (lost, lost_answer) = posted(&started, &[registration(70, "AAA")]);
    let (behind, behind_answer) = command(8, create("BBB"), None);
    let error = started.engine.step(vec![lost, behind]).expect_err("the disk fails");
    let expected = AcceptedBefore { events: 1, position: 1 };
    assert!(
        matches!(&error, EngineError::Ledger { cause: LedgerError::Storage(_), before } if *before == expected),
        "{error}"
    );
    assert!(lost_answer.recv().is_err() && behind_answer.recv().is_err());
    assert_eq!(started.handle.position(), 1, "what is not durable is not seen");
    let readiness = started.handle.readiness();
    assert!(!readiness.is_ready_to_answer() && readiness.failure.expect("told").contains("the power has failed"));

    // The disk is back, but what it holds is known only after a new start.
    storage.set_faults(Faults::default());
    let (later, later_answer) = posted(&started, &[registration(71, "AAA")]);
    assert!(matches!(started.engine.step(vec![later]), Err(EngineError::Failed { .. })));
    assert!(later_answer.recv().is_err());
}

#[test]
fn the_state_is_kept_after_so_many_events_and_so_long_and_not_twice_as_it_stands() {
    let (kept, clock) = (Kept::default(), Told::new());
    let policy = CheckpointPolicy { events: 3, interval_micros: 1_000_000 };
    let mut started = start(
        StartOptions {
            checkpoints: opened(kept.clone()),
            checkpoint_policy: policy,
            clock: Arc::clone(&clock) as _,
            ..options(&MemoryStorage::new())
        },
        &mut |_| {},
    )
    .expect("started");
    let mut post = |lines: &[String]| {
        let (work, _answer) = posted(&started, lines);
        started.engine.step(vec![work]).expect("committed");
        kept.0.lock().take().is_some()
    };
    assert!(!post(&[code("AAA", 7), code("BBB", 7)]), "two events");
    assert!(post(&[code("CCC", 7)]), "three");
    assert!(!post(&[code("DDD", 7)]), "one since");
    clock.set(NOW + 2_000_000);
    assert!(post(&[]), "time has passed");
    clock.set(NOW + 4_000_000);
    assert!(!post(&[]), "kept as it stands");
    started.engine.step(vec![Work::Checkpoint]).expect("nothing to do");
    started.engine.finish();
    assert!(kept.0.lock().is_none());
}

#[test]
fn events_are_judged_by_the_moment_they_arrive() {
    let clock = Told::new();
    let started = start(StartOptions { clock: Arc::clone(&clock) as _, ..options(&MemoryStorage::new()) }, &mut |_| {});
    let started = started.expect("started");
    clock.set(Timestamp::parse("2026-02-27T23:59:59Z").expect("a time").0);
    let early = batch(&started.handle, &[trade(70, "t", "1")]);
    clock.set(Timestamp::parse("2026-02-28T00:00:00Z").expect("a time").0);
    let in_time = batch(&started.handle, &[trade(70, "t", "1")]);
    let mut engine = started.engine;
    let works = [early, in_time].map(|batch| Work::Batch { batch, reply: None, way: Way::default() });
    engine.step(works.into()).expect("committed");
    assert_eq!(engine.position(), 1);
    assert_eq!(kept(&started.handle)[0].rejection.field.as_deref(), Some("time"));
}

#[test]
fn whose_work_still_waits_when_the_engine_is_gone_is_told_so() {
    let Started { engine, inbox, handle, .. } = started(&MemoryStorage::new());
    let callers = [1, 2].map(|uid| {
        let handle = handle.clone();
        std::thread::spawn(move || handle.command(Uid(uid), create("AAA"), None, None))
    });
    wait_until("both wait", || inbox.len() == callers.len());
    drop(inbox);
    drop(engine);
    for caller in callers {
        assert_eq!(caller.join().expect("no panic"), Err(CommandError::Stopped));
    }
    assert_eq!(handle.position(), 0);
}
