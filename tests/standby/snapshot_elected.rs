//! A member of an election that is new takes files of whoever leads.

use crate::daemon_support::wait_for;
use crate::election::{Cluster, SESSION, first_answer};
use crate::pair::assert_same_bytes;

#[test]
fn a_new_member_whose_leader_is_lost_takes_the_files_of_the_next_one_and_is_in_sync() {
    let Some(mut cluster) = Cluster::start("1", SESSION) else { return };
    cluster.promote(0);
    let leader = cluster.settled();
    first_answer(&cluster, usize::MAX, "before");
    let new = (leader + 1) % 3;
    cluster.nodes[new].daemon.take().expect("it runs").kill();
    std::fs::remove_dir_all(&cluster.nodes[new].data).expect("removed");
    cluster.nodes[leader].from_others.holds("ledger/segments/1?");
    cluster.nodes[new].start();
    wait_for("it asks for the first segment", 120, || {
        let targets = cluster.nodes[leader].from_others.targets();
        std::thread::sleep(std::time::Duration::from_millis(50));
        targets.iter().any(|target| target.contains("ledger/segments/1?")).then_some(())
    });
    // The directory that was removed was in sync, and no more a session later: from then on the third one may lead alone.
    wait_for("the third one is in sync alone", 120, || {
        std::thread::sleep(std::time::Duration::from_millis(50));
        let in_sync = cluster.nodes[leader].replication()?["election"]["in_sync"].as_array()?.len();
        (in_sync == 1).then_some(())
    });
    cluster.nodes[leader].daemon.take().expect("it runs").kill();
    let log = wait_for("it has the files of the next leader", 180, || {
        cluster.look_after();
        std::thread::sleep(std::time::Duration::from_millis(50));
        let log = cluster.nodes[new].daemon().log();
        log.contains("the snapshot is taken").then_some(log)
    });
    assert!(log.contains("a snapshot is begun"), "{log}");
    first_answer(&cluster, leader, "after");
    cluster.nodes[leader].start();
    cluster.settled();
    for node in &cluster.nodes[1..] {
        assert_same_bytes(&cluster.nodes[0].data, &node.data);
    }
}
