//! A broker that is gone for a minute, ten times as long as a member's session lasts, in the middle of a transaction.

use std::time::Duration;

use crate::daemon_support::broker::Broker;
use crate::daemon_support::{seed, wait_for};
use crate::trial::Trial;

/// A member that was not heard for so long is taken its partitions.
const SESSION: Duration = Duration::from_secs(6);

/// The broker is gone for so long, which is slept beside other tests.
const GONE: Duration = Duration::from_secs(60);

#[test]
fn given_the_broker_is_gone_for_a_minute_then_all_is_read_once_it_is_back() {
    // It goes away for nobody else.
    let Some(broker) = Broker::alone() else { return };
    let mut trial = Trial::new(&broker, "away", 3, seed());
    trial.argue(&["--mode", "group", "--group", "away"]);
    for property in [
        &format!("session.timeout.ms={}", SESSION.as_millis()),
        "heartbeat.interval.ms=500",
        "reconnect.backoff.max.ms=500",
    ] {
        trial.argue(&["--kafka-property", property]);
    }
    let daemon = trial.ready();
    trial.under_load(1_000, Duration::from_millis(20), |_, _, _, _| ());
    trial.begin(300);
    broker.go_away();
    std::thread::sleep(GONE / 2);
    // Commands do not need it; and a daemon that is killed meanwhile starts without it.
    trial.under_load(0, Duration::ZERO, |_, _, _, _| std::thread::sleep(Duration::from_millis(300)));
    assert!(!trial.given.acknowledged.is_empty());
    trial.whereabouts.is(None);
    daemon.kill();
    let daemon = trial.ready();
    let missing = wait_for("it says that it takes in nothing", 60, || {
        let missing = daemon.missing_to_ingest();
        (!missing.is_empty()).then_some(missing)
    });
    println!("while the broker is gone: {missing:?}");
    std::thread::sleep(GONE / 2);
    broker.come_back();
    trial.commit();
    trial.under_load(1_000, Duration::from_millis(20), |_, _, _, _| ());
    wait_for("it takes in again", 120, || daemon.missing_to_ingest().is_empty().then_some(()));
    trial.read_all_and_audit(daemon);
}
