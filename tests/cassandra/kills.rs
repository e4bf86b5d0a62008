//! SIGKILL of each kind of process in turn while events come and questions are asked, then of a whole machine's: nothing is
//! lost, nothing counts twice, no answer goes back, and answers go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use ureq::Agent;

use crate::daemon_support::broker::Broker;
use crate::daemon_support::cassandra::Cassandra;
use crate::daemon_support::topic::Sender;
use crate::daemon_support::{seed, wait_for};
use crate::questions::{check, positions};
use crate::shards::{check_families, chosen, history, says_the_same};
use crate::world::{World, families, one_ledger};

/// Who asks a serving node all the time: the positions of its answers never go back.
struct Reader {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Reader {
    fn start(url: String) -> Reader {
        let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (ends, counts) = (Arc::clone(&stop), Arc::clone(&answered));
        let thread = std::thread::spawn(move || {
            let config =
                Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(20)));
            let agent: Agent = config.build().into();
            let mut seen = vec![0, 0];
            while !ends.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(50));
                // It may be away.
                let Ok(mut answer) = agent.get(&url).call() else { continue };
                let status = answer.status().as_u16();
                let body = answer.body_mut().read_to_string().unwrap_or_default();
                assert!(status == 200 || status == 503, "{status}: {body}");
                if status == 503 {
                    continue;
                }
                let answer: serde_json::Value = serde_json::from_str(&body).expect("JSON");
                let now: Vec<u64> = serde_json::from_value(answer["as_of"]["positions"].clone()).expect("positions");
                assert!(now.iter().zip(&seen).all(|(now, seen)| now >= seen), "{now:?} after {seen:?}");
                seen = now;
                counts.fetch_add(1, Ordering::Relaxed);
            }
        });
        Reader { stop, answered, thread: Some(thread) }
    }

    /// Waits for answers that begin from now on.
    fn wait_for_answers(&self) {
        let before = self.answered.load(Ordering::Relaxed);
        wait_for("answers go on", 120, || (self.answered.load(Ordering::Relaxed) > before + 2).then_some(()));
    }

    fn end(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().expect("it runs").join().expect("no answer was wrong");
    }
}

#[test]
fn whatever_is_killed_nothing_is_lost_nothing_counts_twice_and_answers_go_on() {
    let (Some(node), Some(broker)) = (Cassandra::alone(), Broker::alone()) else { return };
    let lines = history(seed(), 5_000);
    let mut world = World::start("kills", 2, Arc::new(broker), Arc::new(node));
    let mut sender = Sender::new(&world.broker.address, &world.topic());
    let mut parts = lines.chunks(lines.len() / 7 + 1);
    let mut send = |sender: &mut Sender| parts.next().into_iter().flatten().for_each(|line| sender.send(line));
    send(&mut sender);
    sender.flush();
    wait_for("something is published of both shards", 180, || {
        positions(&world.serving).filter(|positions| positions.iter().all(|position| *position > 50))
    });
    let question = "/v1/overview?uid=880000000&from=2025-01-01&to=2025-12-31";
    let reader = Reader::start(world.serving.url(question));
    for what in ["router", "shard", "broker", "node"] {
        send(&mut sender);
        println!("kill -9: {what}");
        match what {
            "router" => {
                world.kill_router();
                reader.wait_for_answers();
                world.start_router();
            }
            "shard" => {
                world.kill_shard(1);
                reader.wait_for_answers();
                world.start_shard(1);
            }
            "broker" => {
                world.broker.kill();
                reader.wait_for_answers();
                world.broker.come_back();
            }
            _ => {
                world.node.kill();
                std::thread::sleep(Duration::from_millis(500));
                world.node.come_back();
            }
        }
        reader.wait_for_answers();
    }
    reader.end();
    // A serving node keeps nothing: another one goes on from where it was.
    let before = positions(&world.serving).expect("it is ready");
    send(&mut sender);
    world.serving.signal("KILL");
    world.start_serving();
    let now = wait_for("the other one is ready", 60, || positions(&world.serving));
    assert!(now.iter().zip(&before).all(|(now, before)| now >= before), "{now:?} after {before:?}");
    // A machine with a shard, the router and a serving node on it.
    send(&mut sender);
    world.kill_router();
    world.kill_shard(0);
    world.serving.signal("KILL");
    send(&mut sender);
    sender.flush();
    world.start_serving();
    wait_for("answers go on", 60, || positions(&world.serving));
    world.start_shard(0);
    world.start_router();

    let folder = tempfile::tempdir().expect("a folder");
    let (one, data) = one_ledger(folder.path(), &lines);
    let uids = chosen(&one);
    world.settle(|| says_the_same(&world.serving, &one, &uids));
    check(&world.serving, &one, &uids);
    check_families(&world, &families(&data));
    world.end();
}
