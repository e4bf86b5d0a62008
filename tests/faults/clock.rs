//! A clock that is set back under a daemon, by an hour and by days, and forward again. Events come by HTTP, so that what waits
//! is the daemon's own.

use std::time::Duration;

use crate::daemon_support::{broker, clock, seed, wait_for};
use crate::machine::missing;
use crate::trial::Trial;

#[test]
fn given_the_clock_is_set_back_and_forward_then_commands_and_events_are_there_once_and_the_numbers_the_same() {
    let Some(broker) = broker::plain() else { return };
    let mut trial = Trial::new(&broker, "clock", 1, seed());
    let library = match clock::library(trial.folder()) {
        Ok(library) => library,
        Err(why) => return missing(&why),
    };
    trial.settings.arguments = vec!["--checkpoint-seconds".to_owned(), "1".to_owned()];
    let file = trial.folder().join("clock");
    std::fs::write(&file, "0").expect("written");
    trial.set("LD_PRELOAD", library.to_str().expect("a path"));
    trial.set("CLOCK_OFF", file.to_str().expect("a path"));
    let mut daemon = trial.ready();
    for (offset, behind) in
        [("-3600", 3_000..3_700), ("-259200", 200_000..260_000), ("0", 0..1), ("-7200", 7_000..7_300)]
    {
        // Something is recorded at this hour before the next.
        trial.post(&daemon, 400);
        commanded(&mut trial);
        std::fs::write(&file, offset).expect("written");
        wait_for(&format!("the clock is at {offset}"), 60, || {
            let metrics = daemon.try_get("/metrics").ok()?.body;
            let line = metrics.lines().find_map(|line| line.strip_prefix("tributary_clock_behind_ledger_seconds "))?;
            let seconds: f64 = line.trim().parse().ok()?;
            // The ledger's last entry may be some seconds old.
            (behind.contains(&(seconds as i64)) || (offset == "0" && seconds < 1.0)).then_some(())
        });
        // Killed, and started again by a clock that is behind the ledger.
        trial.whereabouts.is(None);
        daemon.kill();
        trial.audit();
        daemon = trial.ready();
        println!("the clock stood at {offset}, {} commands were given", trial.given.tried.len());
    }
    trial.post(&daemon, 400);
    commanded(&mut trial);
    trial.whereabouts.is(None);
    assert_eq!(daemon.terminate().0, Some(0));
    trial.audit();
}

/// Commands are given and questions asked for a moment.
fn commanded(trial: &mut Trial) {
    let before = trial.given.acknowledged.len();
    trial.under_load(0, Duration::ZERO, |_, _, _, _| std::thread::sleep(Duration::from_millis(700)));
    assert!(trial.given.acknowledged.len() > before, "some are acknowledged");
}
