//! Rounds: under load a leader is killed, stopped or cut off, its standby is promoted, and the former leader follows it. Nothing
//! that was answered is lost or there twice, and both have the same bytes in the end.
//!
//! `TEST_ROUNDS` says how many (4), `TEST_SEED` draws the same again, as far as the machine's own pace lets it.

use std::path::Path;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::{ledger, seed, wait_for};
use crate::load::{Answered, Load, Whereabouts};
use crate::pair::{HELD_TWICE, assert_holds, assert_same_bytes, follow, promote, wait_until_level};
use crate::proxy::Proxy;

/// What becomes of a leader.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// SIGKILL.
    Killed,
    /// SIGSTOP; once another one leads, SIGCONT: it does not know yet.
    Stopped,
    /// Nothing gets through to its standby; callers still reach it.
    CutOff,
}

#[test]
fn whatever_becomes_of_leaders_what_was_answered_is_there_once_and_both_have_the_same_bytes() {
    let rounds: u64 = std::env::var("TEST_ROUNDS").map_or(4, |text| text.parse().expect("TEST_ROUNDS is a number"));
    let mut dice = StdRng::seed_from_u64(seed());
    let folder = tempfile::tempdir().expect("a folder");
    let data = [folder.path().join("a"), folder.path().join("b")];
    let (mut leads, whereabouts, mut all) = (0, Whereabouts::default(), Answered::default());

    let mut leader = Daemon::start(&data[leads], &["--checkpoint-seconds", "1"], HELD_TWICE);
    let mut proxy = Proxy::to(leader.address());
    let mut standby = follow(&data[1 - leads], &proxy.url());
    for round in 1..=rounds {
        leader.wait_until_ready();
        standby.wait_until_ready();
        whereabouts.is(leader.address());
        let load = Load::start(&whereabouts, round);
        std::thread::sleep(Duration::from_millis(dice.random_range(200..900)));
        let fault = *[Fault::Killed, Fault::Stopped, Fault::CutOff].choose(&mut dice).expect("three");

        let former = strike(fault, leader, &proxy, &mut dice);
        promote(&standby);
        whereabouts.is(standby.address());
        if let Some(former) = former {
            come_to(fault, &former, &proxy);
            let (code, log) = former.ended();
            assert_eq!(code, Some(2), "it leads no more, and ends: {log}");
        }
        leads = 1 - leads;
        leader = standby;
        proxy = Proxy::to(leader.address());
        standby = follow(&data[1 - leads], &proxy.url());
        standby.wait_until_ready();
        std::thread::sleep(Duration::from_millis(dice.random_range(100..400)));
        let answered = load.stop();
        println!(
            "round {round} of {rounds}: {fault:?}; {} events and {} codes answered, {} requests sent again",
            answered.events.len(),
            answered.codes.len(),
            answered.again
        );
        assert!(answered.events.len() > 20, "there was a load");
        assert_holds(&leader, &answered);
        all.events.extend(answered.events);
        all.codes.extend(answered.codes);
        wait_until_level(&leader, &standby);
        assert_same_bytes(&data[0], &data[1]);
    }
    assert_eq!(leader.status()["replication"]["epoch"], rounds);
    assert_holds(&leader, &all);
    standby.terminate();
    leader.kill();
    let digests = data.each_ref().map(|data: &std::path::PathBuf| ledger::digest(Path::new(data)));
    assert_eq!(digests[0], digests[1]);
}

/// Does it. The former leader, unless it is gone.
fn strike(fault: Fault, leader: Daemon, proxy: &Proxy, dice: &mut StdRng) -> Option<Daemon> {
    match fault {
        Fault::Killed => {
            leader.kill();
            None
        }
        Fault::Stopped => {
            leader.signal("STOP");
            std::thread::sleep(Duration::from_millis(dice.random_range(0..300)));
            Some(leader)
        }
        Fault::CutOff => {
            proxy.cut();
            // What it appends now is held by nobody else, and so is answered to nobody.
            std::thread::sleep(Duration::from_millis(dice.random_range(100..600)));
            Some(leader)
        }
    }
}

/// It can be reached again, and is told that it leads no more.
fn come_to(fault: Fault, former: &Daemon, proxy: &Proxy) {
    match fault {
        Fault::Killed => {}
        Fault::Stopped => former.signal("CONT"),
        Fault::CutOff => proxy.mend(),
    }
}

#[test]
fn a_standby_answers_as_its_leader_and_takes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    let leader = Daemon::ready(&a, &[], &[]);
    let whereabouts = Whereabouts::default();
    whereabouts.is(leader.address());
    let load = Load::start(&whereabouts, 1);
    std::thread::sleep(Duration::from_millis(300));
    // It comes while there is much already, and follows what goes on.
    let standby = follow(&b, &format!("http://{}", leader.address()));
    standby.wait_until_ready();
    std::thread::sleep(Duration::from_millis(300));
    let answered = load.stop();
    wait_until_level(&leader, &standby);
    assert_same_bytes(&a, &b);
    let position = leader.position();
    for path in ["/v1/status", "/v1/overview?from=2026-03-01&to=2026-03-31", "/v1/feed?limit=50", "/v1/referrers"] {
        let answers = [&leader, &standby].map(|daemon| daemon.try_get(path).expect("an answer"));
        assert_eq!(answers[1].status, 200, "{path}: {}", answers[1].body);
        if path != "/v1/status" {
            assert_eq!(answers[0].body, answers[1].body, "{path}");
        }
    }
    let page = standby.try_get("/").expect("an answer");
    assert!(page.status == 200 && page.body.contains("A standby answers here"), "{}", page.body);
    let refused = standby.post_events(br#"[]"#).expect("an answer");
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert_eq!((standby.position(), answered.events.is_empty()), (position, false));
    let told = &leader.status()["replication"];
    assert_eq!(told["standbys"][0]["position"], position, "{told}");
    // One that is started again goes on where it was.
    assert_eq!(standby.terminate().0, Some(0));
    let standby = follow(&b, &format!("http://{}", leader.address()));
    standby.wait_until_ready();
    assert!(standby.log().contains(&format!("replayed from={position} ")), "{}", standby.log());
}

#[test]
fn what_a_former_leader_alone_has_is_laid_aside_and_can_be_sent_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    let former = Daemon::ready(&a, &[], &[]);
    let proxy = Proxy::to(former.address());
    let standby = follow(&b, &proxy.url());
    standby.wait_until_ready();
    let event = |id: &str| {
        format!(
            "{{\"specversion\":\"1.0\",\"type\":\"referral.kyc.v1\",\"source\":\"/x\",\"id\":\"{id}\",\
             \"time\":\"2026-03-05T10:00:00Z\",\"data\":{{\"uid\":7,\"status\":\"verified\"}}}}"
        )
    };
    assert_eq!(former.post_events(event("both").as_bytes()).expect("an answer").status, 200);
    wait_until_level(&former, &standby);
    // Whoever needs no standby answers what it alone has.
    proxy.cut();
    // What was on its way gets there or not.
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(former.post_events(event("one").as_bytes()).expect("an answer").status, 200);
    former.kill();
    promote(&standby);
    let leader = standby;

    let former = follow(&a, &format!("http://{}", leader.address()));
    former.wait_until_ready();
    wait_until_level(&leader, &former);
    assert_same_bytes(&a, &b);
    let aside = std::fs::read_dir(a.join("diverged")).expect("a folder").next().expect("one").expect("read").path();
    let listed = aside.join("events.ndjson");
    let text = std::fs::read_to_string(&listed).expect("the list");
    assert!(text.lines().count() == 1 && text.contains("\"one\""), "{text}");
    let about: serde_json::Value =
        serde_json::from_slice(&std::fs::read(aside.join("about.json")).expect("read")).expect("JSON");
    assert_eq!((&about["events"], &about["commands"]), (&1.into(), &0.into()), "{about}");
    let again = leader.post_events(text.trim_end().as_bytes()).expect("an answer").json();
    assert_eq!(again["results"][0]["outcome"], "accepted", "{again}");
    wait_for("the former leader has it again", 60, || (former.position() == 2).then_some(()));
}
