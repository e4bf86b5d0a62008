//! Rounds: a daemon is killed and stopped at random moments while it reads a topic whose producer also aborts; after each
//! round the ledger is held against everything, as it was found and once all is read.
//!
//! `TEST_ROUNDS` says how many (10), `TEST_SEED` draws the same again, as far as the machine's own pace lets it.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use crate::daemon_support::broker::{self, Broker};
use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::{ledger, seed, tributary, wait_for};
use crate::trial::{Settings, Trial, Whereabouts, plain, start};

/// A ledger and its topic serve for so many rounds; then others are made, with other settings.
const ROUNDS_A_LEDGER: u64 = 5;
const EVENTS_A_ROUND: usize = 1_500;

/// What is done to the daemon.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// SIGKILL while it works.
    Killed,
    /// SIGSTOP, a while, SIGCONT.
    Stopped,
    /// SIGSTOP, a while, SIGKILL.
    KilledWhileStopped,
    /// SIGKILL before it is ready.
    KilledAtStart,
    /// SIGTERM, a moment, SIGKILL.
    KilledAtEnd,
    /// Another daemon is started on its directory, and refused; half of the times while this one is stopped.
    Rivalled,
}

const FAULTS: [Fault; 7] = [
    Fault::Killed,
    Fault::Killed,
    Fault::Stopped,
    Fault::KilledWhileStopped,
    Fault::KilledAtStart,
    Fault::KilledAtEnd,
    Fault::Rivalled,
];

/// How many rounds are asked for.
fn wanted() -> u64 {
    std::env::var("TEST_ROUNDS").map_or(10, |text| text.parse().expect("TEST_ROUNDS is a number"))
}

#[test]
fn whatever_is_killed_and_stopped_the_ledger_holds_what_was_committed_and_acknowledged_once() {
    let Some(broker) = broker::plain() else { return };
    let (rounds, seed) = (wanted(), seed());
    let (mut round, mut faults_done, mut broken_off, mut again) = (0, 0, 0, 0);
    while round < rounds {
        let number = round / ROUNDS_A_LEDGER;
        let (mut trial, kind) = ledger_of(&broker, number, seed.wrapping_add(number));
        for _ in 0..ROUNDS_A_LEDGER.min(rounds - round) {
            round += 1;
            let faults: Vec<Fault> = (0..trial.dice.random_range(1..=3))
                .map(|_| *FAULTS.choose(&mut trial.dice).expect("there are some"))
                .collect();
            faults_done += faults.len();
            let (found, position) = play(&mut trial, &faults);
            println!("round {round} of {rounds}: {kind}; {faults:?}; found at {found}, read to {position}");
        }
        broken_off += trial.broken_off();
        again += trial.given.again;
        if let Some(backup) = Some(trial.folder().join("backup")).filter(|backup| backup.exists()) {
            ledger::digest(&backup);
        }
    }
    println!(
        "{rounds} rounds, {faults_done} faults, {broken_off} transactions broken off, {again} commands sent again"
    );
    assert!(rounds < 10 || broken_off > 0, "transactions are broken off");
}

/// A trial whose settings are drawn, and in words what they are.
fn ledger_of(broker: &Broker, number: u64, seed: u64) -> (Trial, String) {
    let partitions = 1 + i32::try_from(seed % 5).expect("few");
    let mut trial = Trial::new(broker, &format!("rounds-{number}"), partitions, seed);
    // One by one, so that ten rounds have both.
    let is_group = number % 2 == 1;
    if is_group {
        trial.argue(&["--mode", "group", "--group", &format!("rounds-{number}")]);
        // With a name of its own a member that comes again has its partitions again, and does not wait for a session to end.
        for property in ["group.instance.id=one", "session.timeout.ms=6000", "heartbeat.interval.ms=500"] {
            trial.argue(&["--kafka-property", property]);
        }
    }
    let checkpoints = *["1", "3600"].choose(&mut trial.dice).expect("two");
    let batch = *["1", "40", "10000"].choose(&mut trial.dice).expect("three");
    trial.argue(&["--checkpoint-seconds", checkpoints]);
    trial.set("TRIBUTARY_LIMITS_BATCH_EVENTS", batch);
    trial.set("TRIBUTARY_INDEX_RUN_EVENTS", "10000");
    let is_shipped = trial.dice.random_ratio(1, 2);
    if is_shipped {
        let backup = trial.folder().join("backup");
        trial.set("TRIBUTARY_BACKUP_TO", backup.to_str().expect("a path"));
        trial.set("TRIBUTARY_BACKUP_INTERVAL_SECONDS", "1");
    }
    let kind = format!(
        "{partitions} partitions{}, {batch} events a frame, a checkpoint every {checkpoints} s{}",
        if is_group { " by a group" } else { "" },
        if is_shipped { ", shipped" } else { "" }
    );
    (trial, kind)
}

/// One round. Where the ledger stood when its last daemon was killed, and once everything was read.
fn play(trial: &mut Trial, faults: &[Fault]) -> (u64, u64) {
    let daemon = trial.ready();
    let pause = Duration::from_millis(trial.dice.random_range(20..250));
    trial.under_load(EVENTS_A_ROUND, pause, |dice, whereabouts, data, settings| {
        let mut daemon = daemon;
        for fault in faults {
            std::thread::sleep(Duration::from_millis(dice.random_range(0..700)));
            daemon = suffer(daemon, *fault, dice, whereabouts, data, settings);
            whereabouts.is(Some(&daemon));
        }
        // The last of them, in the middle of whatever it is: what it had not read yet is read later.
        std::thread::sleep(Duration::from_micros(dice.random_range(0..700_000)));
        whereabouts.is(None);
        daemon.kill();
    });
    let found = trial.audit();
    let daemon = trial.ready();
    (found, trial.read_all_and_audit(daemon))
}

/// Does it. The daemon that is there then.
fn suffer(
    daemon: Daemon,
    fault: Fault,
    dice: &mut StdRng,
    whereabouts: &Whereabouts,
    data: &Path,
    settings: &Settings,
) -> Daemon {
    let moment = Duration::from_micros(dice.random_range(0..400_000));
    match fault {
        Fault::Killed => daemon.kill(),
        Fault::Stopped => {
            daemon.signal("STOP");
            std::thread::sleep(longer(dice, moment));
            daemon.signal("CONT");
            return daemon;
        }
        Fault::KilledWhileStopped => {
            daemon.signal("STOP");
            std::thread::sleep(moment);
            daemon.kill();
        }
        Fault::KilledAtStart => {
            whereabouts.is(None);
            daemon.kill();
            let (arguments, variables) = plain(settings);
            let (mut starting, _log) = Daemon::spawn(data, &arguments, &variables);
            std::thread::sleep(moment / 2);
            starting.kill().expect("killed");
            starting.wait().expect("gone");
        }
        Fault::KilledAtEnd => {
            daemon.signal_to_end();
            std::thread::sleep(moment / 8);
            daemon.kill();
        }
        Fault::Rivalled => {
            let is_stopped = dice.random_ratio(1, 2);
            if is_stopped {
                daemon.signal("STOP");
            }
            refused(data, settings, daemon.id());
            if is_stopped {
                daemon.signal("CONT");
            }
            return daemon;
        }
    }
    whereabouts.is(None);
    start(data, settings)
}

/// One time in eight longer than a member's session.
fn longer(dice: &mut StdRng, moment: Duration) -> Duration {
    if dice.random_ratio(1, 8) { Duration::from_secs(7) } else { moment }
}

/// Starts another daemon on the directory: it ends with 1 and says who has the ledger.
fn refused(data: &Path, settings: &Settings, holder: u32) {
    let (arguments, variables) = plain(settings);
    let (mut rival, log): (Child, PathBuf) = Daemon::spawn(data, &arguments, &variables);
    let ended = wait_for("the rival ends", 60, || rival.try_wait().expect("a process"));
    let told = std::fs::read_to_string(log).expect("the log");
    assert_eq!(ended.code(), Some(1), "{told}");
    assert!(told.contains(&format!("the ledger is in use by process {holder}")), "{told}");
    // What only reads is let in, also beside one that is stopped.
    let beside = tributary().args(["query", "status", "--log-level", "error", "--data"]).arg(data).output();
    assert_eq!(beside.expect("it runs").status.code(), Some(0), "who only reads is let in");
}
