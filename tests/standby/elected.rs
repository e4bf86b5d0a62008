//! Who leads is elected: rounds in which leaders are killed, stopped and cut off under load, and another one is elected by itself;
//! and what is said where nobody can be.
//!
//! `TEST_ROUNDS` says how many (10), `TEST_SEED` draws the same again, as far as the machine's own pace lets it.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::daemon_support::{seed, wait_for};
use crate::election::{Cluster, SESSION, first_answer, promote};
use crate::load::{Answered, Load, Whereabouts};
use crate::pair::{assert_holds, assert_same_bytes};

/// What becomes of a leader.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// SIGKILL.
    Killed,
    /// SIGSTOP; once another one leads, SIGCONT: it does not know yet.
    Stopped,
    /// It does not reach the broker.
    CutFromBroker,
    /// No other member reaches it.
    CutFromOthers,
    /// Neither.
    CutOff,
}

const FAULTS: [Fault; 5] = [Fault::Killed, Fault::Stopped, Fault::CutFromBroker, Fault::CutFromOthers, Fault::CutOff];

#[test]
fn whatever_becomes_of_leaders_another_is_elected_and_what_was_answered_is_there_once() {
    let rounds: usize = std::env::var("TEST_ROUNDS").map_or(10, |text| text.parse().expect("TEST_ROUNDS is a number"));
    let mut dice = StdRng::seed_from_u64(seed());
    let Some(mut cluster) = Cluster::start("1", SESSION) else { return };
    let (whereabouts, mut all, mut late) = (Whereabouts::default(), Answered::default(), Vec::new());
    cluster.promote(0);
    for round in 1..=rounds {
        let leader = cluster.settled();
        whereabouts.is(cluster.nodes[leader].daemon().address());
        let load = Load::start(&whereabouts, round as u64);
        std::thread::sleep(Duration::from_millis(dice.random_range(200..900)));
        // Each of them first, then as it comes.
        let fault = FAULTS.get(round - 1).or_else(|| FAULTS.choose(&mut dice)).copied().expect("five");

        let struck = Instant::now();
        strike(&mut cluster, leader, fault);
        let (next, answered) = first_answer(&cluster, leader, &format!("round-{round}"));
        whereabouts.is(cluster.nodes[next].daemon().address());
        let after_session = answered.duration_since(struck).as_secs_f64() - SESSION.as_secs_f64();
        late.push(after_session);
        std::thread::sleep(Duration::from_millis(dice.random_range(100..400)));
        mend(&mut cluster, leader, fault);
        let leads = cluster.settled();
        // It may have changed once more.
        whereabouts.is(cluster.nodes[leads].daemon().address());
        std::thread::sleep(Duration::from_millis(dice.random_range(100..400)));
        let answered = load.stop();
        println!(
            "round {round} of {rounds}: {fault:?}; {} events and {} codes answered, {} requests sent again; \
             a new leader answered {after_session:+.1} s after the session",
            answered.events.len(),
            answered.codes.len(),
            answered.again
        );
        assert!(answered.events.len() > 20, "there was a load");
        // Generous: what it takes is printed, and in docs/RELIABILITY.md.
        assert!(after_session < 60.0, "{after_session} s after the session");
        let leads = cluster.settled();
        assert_holds(cluster.nodes[leads].daemon(), &answered);
        all.events.extend(answered.events);
        all.codes.extend(answered.codes);
        let leads = cluster.settled();
        assert_holds(cluster.nodes[leads].daemon(), &Answered { events: some(&all, &mut dice), ..Answered::default() });
        for node in &cluster.nodes[1..] {
            assert_same_bytes(&cluster.nodes[0].data, &node.data);
        }
    }
    let leads = cluster.settled();
    assert_holds(cluster.nodes[leads].daemon(), &all);
    late.sort_by(f64::total_cmp);
    println!(
        "{rounds} rounds were clean; after the session a new leader answered {:+.1} s at the median, {:+.1} s at the latest",
        late[late.len() / 2],
        late[late.len() - 1]
    );
}

/// Some of what was answered before.
fn some(all: &Answered, dice: &mut StdRng) -> std::collections::BTreeMap<String, u64> {
    let one_in = (all.events.len() / 300).max(1);
    let drawn = all.events.iter().filter(|_| dice.random_range(0..one_in) == 0);
    drawn.map(|(event, position)| (event.clone(), *position)).collect()
}

fn strike(cluster: &mut Cluster, leader: usize, fault: Fault) {
    let node = &mut cluster.nodes[leader];
    match fault {
        Fault::Killed => node.daemon.take().expect("it runs").kill(),
        Fault::Stopped => node.daemon().signal("STOP"),
        Fault::CutFromBroker => node.to_broker.cut(),
        Fault::CutFromOthers => node.from_others.cut(),
        Fault::CutOff => {
            node.to_broker.cut();
            node.from_others.cut();
        }
    }
}

fn mend(cluster: &mut Cluster, former: usize, fault: Fault) {
    let node = &mut cluster.nodes[former];
    match fault {
        Fault::Killed => node.start(),
        Fault::Stopped => node.daemon().signal("CONT"),
        Fault::CutFromBroker | Fault::CutFromOthers | Fault::CutOff => {
            node.to_broker.mend();
            node.from_others.mend();
        }
    }
    if fault != Fault::Killed {
        // It leads no more, ends, and is started again.
        let ended = node.ended;
        wait_for("the former leader ends by itself", 60, || {
            cluster.look_after();
            (cluster.nodes[former].ended > ended).then_some(())
        });
    }
}

/// Long enough for nobody to lose it on a busy machine.
const CALM: Duration = Duration::from_secs(20);

#[test]
fn a_leader_that_ends_hands_over_and_where_the_only_one_in_sync_is_gone_nobody_leads_before_a_person_says_so() {
    let Some(mut cluster) = Cluster::start("1", CALM) else { return };
    let missing = wait_for("it says what is missing", 60, || {
        let missing = cluster.nodes[1].missing();
        missing.into_iter().find(|why| why.contains("promote"))
    });
    assert!(missing.contains("nobody has led yet"), "{missing}");
    cluster.promote(0);
    assert_eq!(cluster.settled(), 0);
    // Told to end, it leaves: no session has to run out.
    cluster.nodes[0].daemon.take().expect("it runs").terminate();
    let (first, _) = first_answer(&cluster, 0, "handed-over");
    let second = 3 - first;
    cluster.nodes[second].daemon.take().expect("it runs").kill();
    cluster.nodes[0].start();
    wait_for("the first one is in sync alone", 120, || {
        let status = cluster.nodes[first].replication()?;
        std::thread::sleep(Duration::from_millis(100));
        let in_sync = status["election"]["in_sync"].as_array()?;
        (in_sync.len() == 1 && in_sync[0].as_str()?.starts_with("a.")).then_some(())
    });
    let (_, _) = first_answer(&cluster, 0, "held-by-two");
    cluster.nodes[first].daemon.take().expect("it runs").kill();
    cluster.nodes[0].daemon.take().expect("it runs").kill();
    cluster.nodes[second].start();
    let why = wait_for("it says whom it waits for", 120, || {
        std::thread::sleep(Duration::from_millis(100));
        cluster.nodes[second].missing().into_iter().find(|why| why.contains("does not answer"))
    });
    assert!(why.starts_with("leader: ") && why.contains(" or a."), "{why}");
    std::thread::sleep(2 * CALM);
    assert!(!cluster.nodes[second].leads(), "what was answered may not stand there");
    // A person takes it upon them.
    let url = cluster.nodes[second].daemon().url("/v1/ledger/promote");
    let promoting = std::thread::spawn(move || promote(url));
    wait_for("it says what that loses", 60, || {
        let log = cluster.nodes[second].daemon().log();
        std::thread::sleep(Duration::from_millis(100));
        log.lines().any(|line| line.contains("a person says so") && line.contains("a.")).then_some(())
    });
    cluster.nodes[first].start();
    cluster.nodes[0].start();
    promoting.join().expect("it leads");
    cluster.settled();
    for node in &cluster.nodes[1..] {
        assert_same_bytes(&cluster.nodes[0].data, &node.data);
    }
}
