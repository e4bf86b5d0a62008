//! While Cassandra is away the ledger goes on; that nothing is published is told, and made up for afterwards.

use crate::daemon_support::cassandra::Cassandra;
use crate::daemon_support::daemon::{Daemon, batch};
use crate::daemon_support::history::{end, hostile};
use crate::daemon_support::wait_for;
use crate::questions::{check, cluster, plain, referrers, wait_for_positions};
use schemas::json::read_event;

#[test]
fn while_the_cluster_is_away_the_ledger_goes_on_and_later_everything_is_there() {
    let Some(node) = Cassandra::alone() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let variables = cluster(&node.address, "tributary");
    let lines: Vec<Vec<u8>> = hostile(17, 4_000).into_iter().filter(|line| read_event(line, end()).is_ok()).collect();
    let (first, second) = lines.split_at(lines.len() / 2);
    let daemon = Daemon::ready(&folder.path().join("ledger"), &[], &variables);
    let serving = Daemon::serve(folder.path(), &[], &variables);
    assert_eq!(daemon.post_events(&batch(first)).expect("an answer").status, 200);
    let published = daemon.position();
    wait_for_positions(&serving, &[published]);

    node.go_away();
    assert_eq!(daemon.post_events(&batch(second)).expect("an answer").status, 200);
    let position = daemon.position();
    assert!(position > published);
    let status = wait_for("it is told that nothing is published", 120, || {
        Some(daemon.status()).filter(|status| status["publishing"]["error"].is_string())
    });
    assert!(status["publishing"]["failing_since"].is_string(), "{status}");
    assert!(status["publishing"]["position"].as_u64() <= Some(published), "{status}");
    let uids = referrers(&daemon);
    plain(daemon.get(&format!("/v1/overview?uid={}", uids[0])));
    let refused = wait_for("a serving node says that it cannot answer", 120, || {
        serving.try_get(&format!("/v1/overview?uid={}", uids[0])).ok().filter(|answer| answer.status == 503)
    });
    assert!(refused.body.contains("/problems/unavailable"), "{}", refused.body);
    assert_eq!(serving.try_get("/healthz").expect("an answer").status, 200);
    assert_eq!(serving.try_get("/readyz").expect("an answer").status, 503);

    node.come_back();
    wait_for_positions(&serving, &[position]);
    check(&serving, &daemon, &uids[..uids.len().min(12)]);
    wait_for("it is told that it goes on", 60, || daemon.status()["publishing"]["error"].is_null().then_some(()));
    let (code, log) = daemon.terminate();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("publishing goes on"), "{log}");
}
