//! One life of a daemon: it starts on what is there, takes steps, and ends in order or by a fault.

use std::sync::Arc;

use ingest::{CheckpointUse, CommandError, Done, DoneDecision, Handle, Started, Work, start};
use ledger::{FaultyStorage, Storage};
use parking_lot::Mutex;
use projections::commands::{Command, Refusal};
use rand::Rng;
use schemas::{Reason, Uid};

use crate::auditor::{audit, audit_start};
use crate::disk::{Harm, forget_durable, is_simulated, next_disk, sound_disk};
use crate::drawing::draw;
use crate::failure::Failure;
use crate::following::Following;
use crate::given::{Answers, Given};
use crate::index_runs::{harm_a_run, look_for_unfinished};
use crate::model::Fate;
use crate::showing::show;
use crate::situations::Situation;
use crate::standby::Standby;
use crate::world::World;

/// How a life ended.
pub(crate) enum LifeEnd {
    /// In order. The handle still answers.
    Stopped(Handle),
    /// By a fault.
    Failed,
    /// The standby leads.
    TookOver {
        /// The daemon that goes on.
        started: Box<Started>,
        /// Whether the leader's life ended by a fault.
        by_fault: bool,
    },
}

/// Starts, lives and ends; or goes on as a standby that began to lead. Without faults it reads all there is.
pub(crate) fn live(world: &mut World, with_faults: bool, promoted: Option<Box<Started>>) -> Result<LifeEnd, Failure> {
    // The last life is on a sound disk.
    let started = match promoted.filter(|_| with_faults) {
        Some(promoted) => {
            audit_opened(world, &promoted.handle)?;
            Some(*promoted)
        }
        None => begin(world, with_faults)?,
    };
    let Some(mut started) = started else {
        world.met.note(Situation::CrashAtStart);
        after_failure(world);
        return Ok(LifeEnd::Failed);
    };
    let again = world.shown.len().min(2);
    for _ in 0..again {
        let at = world.rng.random_range(0..world.shown.len());
        world.shown[at].check(&started.handle)?;
        world.met.note(Situation::ShownAfterRestart);
    }
    let standby = if world.plan.standby { Some(Standby::begin(world, &started.handle, with_faults)?) } else { None };
    let (failures, segments) = (world.here.checkpoints.failures(), segments_of(world)?);
    let steps = if with_faults { world.rng.random_range(0..40) } else { usize::MAX };
    let begun_at = world.model.end();
    for _ in 0..steps {
        if world.is_read() && (!with_faults || world.rng.random_ratio(1, 4)) {
            break;
        }
        let goes_on = step(world, &mut started, with_faults, begun_at);
        // What the standby found is the cause of what the step says.
        let is_led = standby.as_ref().map_or(Ok(false), Standby::leads)?;
        if !goes_on? {
            return fail(world, started, standby, is_led);
        }
        if let Some(standby) = &standby
            && !world.shown.is_empty()
            && world.rng.random_ratio(1, 12)
        {
            standby.show_again(world)?;
        }
    }
    started.engine.finish();
    world.met.note_if(world.here.checkpoints.failures() > failures, Situation::CheckpointFailed);
    world.met.note_if(segments_of(world)? > segments, Situation::NewSegment);
    audit(world, &started.handle)?;
    world.met.note(Situation::StoppedInOrder);
    let handle = started.handle.clone();
    if let Some(standby) = standby {
        standby.audit(world)?;
        if with_faults && world.rng.random_ratio(1, 3) {
            drop(started);
            let started = Box::new(standby.take_over(world)?);
            world.met.note(Situation::HandedOver);
            return Ok(LifeEnd::TookOver { started, by_fault: false });
        }
        standby.end(world)?;
    }
    drop(started);
    if with_faults {
        harm(world, &handle)?;
    }
    Ok(LifeEnd::Stopped(handle))
}

/// Starts a daemon on what there is; `None` if a fault kept it from opening.
fn begin(world: &mut World, with_faults: bool) -> Result<Option<Started>, Failure> {
    between_lives(world, with_faults)?;
    look_for_unfinished(&world.here.disk, &mut world.met)?;
    if with_faults {
        harm_a_run((&world.here.disk, &mut world.here.runs), &world.plan.faults, &mut world.rng)?;
    }
    let disk = if with_faults { next_disk(world) } else { sound_disk(world) };
    open(world, &disk)
}

/// A fault ended a life: the same daemon will be started again, or its standby leads.
fn fail(world: &mut World, started: Started, standby: Option<Standby>, is_led: bool) -> Result<LifeEnd, Failure> {
    let is_told = started.handle.readiness().failure.is_some();
    drop(started);
    if !is_told {
        return Err(Failure::of("the engine failed and the readiness does not say so".to_owned()));
    }
    after_failure(world);
    let Some(standby) = standby else { return Ok(LifeEnd::Failed) };
    if is_led || world.rng.random_ratio(1, 2) {
        let started = Box::new(standby.take_over(world)?);
        world.met.note(Situation::TookOver);
        return Ok(LifeEnd::TookOver { started, by_fault: true });
    }
    standby.end(world)?;
    Ok(LifeEnd::Failed)
}

fn segments_of(world: &World) -> Result<usize, Failure> {
    Ok(world.here.disk.list()?.iter().filter(|name| name.ends_with(".segment")).count())
}

/// What happens while nobody runs, except to the ledger.
fn between_lives(world: &mut World, with_faults: bool) -> Result<(), Failure> {
    let kept = world.here.checkpoints.count();
    world.here.checkpoints.set_failing(false);
    let seed = world.rng.random();
    world.here.parts.set_failing(None, seed);
    if !with_faults {
        return Ok(());
    }
    if world.plan.faults.checkpoints {
        if kept > 0 && world.rng.random_ratio(1, 3) {
            let left = world.rng.random_range(0..=kept);
            world.here.checkpoints.go_back_to(left);
            world.met.note_if(left == 0, Situation::NoCheckpoint);
            world.met.note_if(left > 0 && left < kept, Situation::OldCheckpoint);
        }
        if world.rng.random_ratio(1, 6) {
            world.here.checkpoints.cut_last();
        }
        let is_failing = world.rng.random_ratio(1, 4);
        world.here.checkpoints.set_failing(is_failing);
        if world.rng.random_ratio(1, 5) {
            let is_damaged = world.here.parts.damage(&mut world.rng)?;
            world.met.note_if(is_damaged, Situation::DamagedPart);
        }
        if world.rng.random_ratio(1, 8) {
            let is_lost = world.here.parts.lose(&mut world.rng)?;
            world.met.note_if(is_lost, Situation::LostPart);
        }
        let fails_at = world.rng.random_ratio(1, 4).then(|| world.rng.random_range(1..60));
        world.here.parts.set_failing(fails_at, seed);
    }
    if world.plan.faults.clock {
        const DAY: i64 = 86_400_000_000;
        let days = world.rng.random_range(-2..=3);
        world.clock.move_by(days * DAY);
        world.met.note_if(days > 1, Situation::ClockAhead);
        world.met.note_if(days < 0 && world.model.end() > 0, Situation::ClockBack);
    }
    Ok(())
}

/// Whether a checkpoint of this run may be in doubt: one that is harmed itself, or the runs of the index that it stands on.
fn harms_checkpoints(world: &World) -> bool {
    let faults = world.plan.faults;
    faults.checkpoints || faults.bit_flips || faults.lost_files || world.plan.lies
}

/// Opens the ledger and audits it; `None` if a fault of the disk kept it from opening.
fn open(world: &mut World, disk: &FaultyStorage) -> Result<Option<Started>, Failure> {
    let mut started = match start(world.options(disk.clone()), &mut |_| {}) {
        Ok(started) => started,
        Err(error) => {
            let error = error.to_string();
            return if is_simulated(&error) { Ok(None) } else { Err(Failure::of(format!("cannot start: {error}"))) };
        }
    };
    world.met.note_if(started.recovery.torn_bytes > 0, Situation::TornEnd);
    world.met.note_if(matches!(started.replayed.checkpoint, CheckpointUse::Used), Situation::CheckpointUsed);
    let is_discarded = matches!(started.replayed.checkpoint, CheckpointUse::Discarded { .. });
    world.met.note_if(is_discarded, Situation::CheckpointDiscarded);
    world.here.runs.look_at_start(&world.here.disk, &started, &mut world.met)?;
    if let CheckpointUse::Discarded { why } = &started.replayed.checkpoint
        && !harms_checkpoints(world)
        && !world.here.was_cut_back
    {
        return Err(Failure::of(format!("nobody harmed the checkpoint, and a start threw it away: {why}")));
    }
    audit_opened(world, &started.handle)?;
    if let Some(from) = world.plan.whole_frames {
        started.engine.apply_whole_frames(from);
    }
    Ok(Some(started))
}

/// Holds a ledger of which somebody begins to be told against the model, and against what was told.
fn audit_opened(world: &mut World, handle: &Handle) -> Result<(), Failure> {
    audit_start(world, handle)?;
    let (told, held) = (world.told, handle.reader().durable_position());
    if held < told {
        return Err(Failure::of(format!("readers saw position {told}, and the ledger holds {held}")));
    }
    Ok(())
}

/// After a fault the machine may have lost its power, or only the process has ended.
fn after_failure(world: &mut World) {
    if world.rng.random_ratio(2, 3) {
        let seed = world.rng.random();
        world.here.crash(seed);
        world.met.note(Situation::Crash);
        if world.plan.lies {
            forget_durable(world);
        }
    }
}

/// A step of one or several works; false if a fault ended it.
fn step(world: &mut World, started: &mut Started, with_faults: bool, begun_at: u64) -> Result<bool, Failure> {
    if world.plan.faults.clock && world.rng.random_ratio(1, 10) {
        let hours = world.rng.random_range(-30..60);
        world.clock.move_by(hours * 3_600_000_000);
    } else {
        let micros = world.rng.random_range(0..5_000_000);
        world.clock.move_by(micros);
    }
    let works = if world.rng.random_ratio(1, 3) { world.rng.random_range(2..5) } else { 1 };
    let mut given = Vec::new();
    for _ in 0..works {
        given.extend(draw(world, &started.handle, &given));
        if given.last().is_some_and(Given::is_alone) {
            break;
        }
    }
    world.met.note_if(given.len() > 1, Situation::ManyWorks);
    let hangs_up = with_faults && world.plan.faults.hang_ups && world.rng.random_ratio(1, 4);
    world.met.note_if(hangs_up, Situation::HangUp);
    let answers: Vec<Arc<Mutex<Answers>>> = given.iter().map(|_| Arc::default()).collect();
    let works = given.iter().zip(&answers).map(|(given, answers)| given.work(&started.handle, answers, hangs_up));
    let works: Vec<Work> = works.collect();
    let stepped = started.engine.step(works);
    world.told = started.handle.reader().durable_position();
    if let Err(error) = stepped {
        let error = error.to_string();
        if !is_simulated(&error) {
            return Err(Failure::of(format!("a step failed: {error}")));
        }
        world.met.note_if(error.contains("cannot write"), Situation::WriteError);
        world.met.note_if(error.contains("device reports"), Situation::SyncError);
        world.met.note_if(error.contains("disk is full"), Situation::FullDisk);
        if started.engine.step(vec![Work::Checkpoint]).is_ok() {
            return Err(Failure::of("a failed engine took a further step".to_owned()));
        }
        world.in_flight = given;
        return Ok(false);
    }
    take_answers(world, started, given, &answers, begun_at)?;
    world.here.runs.look(&world.here.disk, &mut world.met)?;
    if world.rng.random_ratio(1, 6) {
        show(world, &started.handle)?;
    }
    if !world.shown.is_empty() && world.rng.random_ratio(1, 12) {
        let at = world.rng.random_range(0..world.shown.len());
        world.shown[at].check(&started.handle)?;
        world.met.note(Situation::ShownAgain);
    }
    Ok(true)
}

/// Takes what was done into the model, and holds what was answered against it.
fn take_answers(
    world: &mut World,
    started: &Started,
    given: Vec<Given>,
    answers: &[Arc<Mutex<Answers>>],
    begun_at: u64,
) -> Result<(), Failure> {
    let mut following = std::mem::replace(&mut world.following, Following::nothing());
    following.read_on(&started.handle)?;
    let entries = following.events();
    for (given, answers) in given.iter().zip(answers) {
        let before = world.model.end();
        let Answers { outcomes, done } = std::mem::take(&mut *answers.lock());
        let did_append = |done: &Result<Done, CommandError>| {
            matches!(done, Ok(Done { decision: DoneDecision::Appended { .. }, .. }))
        };
        let fates = world.model.take(given, entries, done.as_ref().map(did_append));
        if let Some(outcomes) = outcomes {
            let told: Vec<Fate> = outcomes.iter().map(Fate::of).collect();
            if told != fates {
                return Err(Failure::of(format!("{given:?} was answered {told:?}, expected was {fates:?}")));
            }
        }
        if let (Some(done), Given::Command { uid, command, key }) = (done, given) {
            take_done(world, before, (*uid, command, key.as_deref()), &done)?;
        }
        note_fates(world, given, &fates, begun_at);
    }
    if world.model.end() != entries.len() as u64 {
        let (expected, found) = (world.model.end(), entries.len());
        return Err(Failure::of(format!("after a step {expected} entries were expected, {found} are there")));
    }
    world.following = following;
    Ok(())
}

/// What a command was answered: appended where the ledger holds it, or done before under its key.
fn take_done(
    world: &mut World,
    before: u64,
    (uid, command, key): (Uid, &Command, Option<&str>),
    done: &Result<Done, CommandError>,
) -> Result<(), Failure> {
    let earlier = world.answered.iter().find(|(of, _, used, _)| *of == uid && Some(used.as_str()) == key);
    let expected = earlier.map(|(_, earlier, _, position)| (earlier == command, *position));
    match done {
        Ok(Done { decision: DoneDecision::Appended { position }, .. }) => {
            if *position != before + 1 || world.model.end() != *position || expected.is_some() {
                return Err(Failure::of(format!("{command:?} was answered {position} at {before}; {expected:?}")));
            }
            world.met.note(Situation::CommandAppended);
            if let Some(key) = key {
                world.answered.push((uid, command.clone(), key.to_owned(), *position));
            }
        }
        Ok(Done { decision: DoneDecision::DoneBefore { position }, .. }) => {
            if expected.is_some_and(|expected| expected != (true, position.unwrap_or(0))) {
                return Err(Failure::of(format!("{command:?} was done before at {position:?}; {expected:?}")));
            }
            world.met.note_if(expected.is_some(), Situation::CommandRepeated);
        }
        Err(CommandError::Refused(refusal)) => {
            if expected.is_some_and(|(same, _)| same) || expected.is_some() && *refusal != Refusal::KeyReused {
                return Err(Failure::of(format!("{command:?} was refused: {refusal}; {expected:?}")));
            }
            world.met.note(Situation::CommandRefused);
        }
        Err(error) => return Err(Failure::of(format!("{command:?}: {error}"))),
    }
    Ok(())
}

fn note_fates(world: &mut World, given: &Given, fates: &[Fate], begun_at: u64) {
    let is_again = matches!(given, Given::Redrive { .. });
    world.met.note_if(matches!(given, Given::Discard { .. }), Situation::Discarded);
    let is_instead = matches!(given, Given::Replace { .. });
    for fate in fates {
        let situation = match fate {
            Fate::Accepted(_) | Fate::Duplicate(_) if is_instead => Situation::Replaced,
            Fate::Accepted(_) if is_again => Situation::Redriven,
            Fate::Accepted(_) => continue,
            Fate::Duplicate(of) if *of <= begun_at => Situation::DuplicateAfterRestart,
            Fate::Duplicate(_) => Situation::Duplicate,
            Fate::Quarantined(..) if is_again => Situation::RedriveFailed,
            Fate::Quarantined(_, Reason::Conflict) => Situation::Conflict,
            Fate::Quarantined(..) => Situation::Poison,
        };
        world.met.note(situation);
    }
}

/// Harms the disk after a life that ended in order, and sees that it is told; then undoes it.
fn harm(world: &mut World, handle: &Handle) -> Result<(), Failure> {
    let end = handle.reader().end();
    let harm = if world.plan.faults.bit_flips && world.rng.random_ratio(1, 3) {
        Harm::flip(world, &end)
    } else if world.plan.faults.lost_files && world.rng.random_ratio(1, 3) {
        Harm::take_away(world, &end)
    } else {
        None
    };
    let Some(harm) = harm else { return Ok(()) };
    let is_flip = matches!(harm, Harm::Bit { .. });
    let noticed = match start(world.options(sound_disk(world)), &mut |_| {}) {
        Err(_) => true,
        // From a checkpoint on, what lies before is not read; the whole check reads it.
        Ok(started) => ledger::verify(&started.handle.reader(), |_| {}).is_err(),
    };
    if !noticed {
        return Err(Failure::of(format!("neither a start nor a whole check noticed {}", harm.tell())));
    }
    world.met.note(if is_flip { Situation::FlippedBit } else { Situation::LostSegment });
    harm.undo(&world.here.disk)
}
