//! What is refused, with what to do: of publishers, and of what rows do not answer.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::daemon_support::cassandra;
use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::history::{hostile, text};
use crate::daemon_support::{tributary, wait_for};
use crate::questions::{cluster, wait_for_positions};
use scylla_session::alter;

/// A ledger with a history of its own.
pub fn ledger(folder: &Path, name: &str, seed: u64) -> PathBuf {
    let data = folder.join(name);
    import(&data, &folder.join(format!("{name}.ndjson")), seed);
    data
}

/// Puts a history into a ledger, by way of a file.
fn import(data: &Path, file: &Path, seed: u64) {
    std::fs::write(file, text(&hostile(seed, 600))).expect("written");
    let imported = tributary().args(["import", "--data"]).args([data, file]).output().expect("the binary can be run");
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
}

/// The exit code of a command, and what it says.
fn told(arguments: &[&str]) -> (Option<i32>, String) {
    let output = tributary().args(arguments).output().expect("the binary can be run");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn publish(data: &Path, address: &str, keyspace: &str) -> (Option<i32>, String) {
    let data = data.to_str().expect("a path");
    let factor = ["--replication-factor", "1"];
    told(
        &[&["publish", "--from-ledger", "--data", data, "--cassandra", address, "--keyspace", keyspace], &factor[..]]
            .concat(),
    )
}

fn label(data: &Path, number: u32, of: u32) {
    let label = format!("prefix = \"referral\"\nnumber = {number}\nof = {of}\npartitions = 4\n");
    std::fs::write(data.join("shard.toml"), label).expect("written");
}

/// A statement given to the cluster, as an operator would.
mod scylla_session {
    use scylla::client::session_builder::SessionBuilder;

    pub fn alter(address: &str, statement: &str) {
        let runtime = tokio::runtime::Runtime::new().expect("threads");
        runtime.block_on(async {
            let session = SessionBuilder::new().known_node(address).build().await.expect("a session");
            session.query_unpaged(statement, ()).await.expect("done");
        });
    }
}

#[test]
fn a_publisher_that_does_not_fit_its_keyspace_is_refused_with_what_to_do() {
    let Some(node) = cassandra::shared() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (one, other) = (ledger(folder.path(), "one", 1), ledger(folder.path(), "other", 2));
    let refused = |(code, said): (Option<i32>, String), expected: i32, part: &str| {
        assert_eq!(code, Some(expected), "{said}");
        assert!(said.contains(part), "{said}");
    };
    refused(told(&["publish", "--from-ledger", "--data", "nowhere"]), 2, "no cluster: set cassandra.hosts");
    refused(publish(&one, &node.address, "Tributary"), 2, "\"cassandra.keyspace\" has to be the name of a keyspace");
    refused(publish(&one, "127.0.0.1:9", "refused"), 1, "no node of Cassandra at 127.0.0.1:9 can be spoken with");

    // The first shard makes the tables.
    label(&other, 1, 2);
    refused(publish(&other, &node.address, "refused"), 1, "there is no keyspace refused");
    std::fs::remove_file(other.join("shard.toml")).expect("removed");
    let (code, said) = publish(&one, &node.address, "refused");
    assert_eq!(code, Some(0), "{said}");
    refused(
        publish(&other, &node.address, "refused"),
        1,
        "shard 0 of keyspace refused is published from another ledger",
    );
    label(&one, 0, 2);
    refused(publish(&one, &node.address, "refused"), 1, "keyspace refused is of 1 shards, and this ledger one of 2");
    std::fs::remove_file(one.join("shard.toml")).expect("removed");

    // What is published goes further than a copy of the ledger that was left behind.
    let behind = folder.path().join("behind");
    let copied = Command::new("cp").arg("-r").args([&one, &behind]).status().expect("cp runs");
    assert!(copied.success());
    import(&one, &folder.path().join("more.ndjson"), 4);
    let (code, said) = publish(&one, &node.address, "refused");
    assert_eq!(code, Some(0), "{said}");
    refused(publish(&behind, &node.address, "refused"), 1, "is no beginning of this ledger");
    // It has gone another way, and further.
    import(&behind, &folder.path().join("otherwise.ndjson"), 5);
    import(&behind, &folder.path().join("further.ndjson"), 6);
    refused(publish(&behind, &node.address, "refused"), 1, "is no beginning of this ledger");

    alter(&node.address, "UPDATE refused.keyspace_version SET version = 2 WHERE name = 'tributary'");
    refused(
        publish(&one, &node.address, "refused"),
        1,
        "keyspace refused is of version 2, and this program writes and reads",
    );
    let serve = told(&["serve", "--cassandra", &node.address, "--keyspace", "refused", "--listen", "127.0.0.1:0"]);
    refused(serve, 1, "keyspace refused is of version 2");
}

#[test]
fn what_rows_do_not_answer_is_refused_with_where_to_ask() {
    let Some(node) = cassandra::shared() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let data = ledger(folder.path(), "ledger", 3);
    let variables = cluster(&node.address, "elsewhere");
    let serving = Daemon::serve(folder.path(), &[], &variables);
    let nothing = serving.try_get("/readyz").expect("an answer");
    assert_eq!(nothing.status, 503, "{}", nothing.body);
    assert!(nothing.body.contains("there is no keyspace elsewhere"), "{}", nothing.body);
    let daemon = Daemon::ready(&data, &[], &variables);
    wait_for_positions(&serving, &[daemon.position()]);
    let questions = [
        "/v1/overview",
        "/v1/overview?uid=7&as_of=3",
        "/v1/rewards?uid=7",
        "/v1/referrals/70012?uid=7",
        "/v1/referrals?uid=7&as_of=3",
        "/v1/trades/explain?invitee=7&source=a&id=b",
        "/v1/status",
        "/operator/quarantine",
    ];
    // Nobody has said where the ledger is.
    for question in questions {
        let refused = serving.try_get(question).expect("an answer");
        assert_eq!(refused.status, 421, "{question}: {}", refused.body);
        assert!(refused.body.contains("ask the daemons that publish"), "{question}: {}", refused.body);
    }
    // More than one answer is made of.
    let many = "UPDATE elsewhere.codes USING TIMESTAMP 1 SET position = 1, since = 0, \
                now = {created_at: 0, invitees: 100001, terms: []}, before = {invitees: 0, terms: []} \
                WHERE owner = 4503599627370495 AND code = 'MANY' AND shard = 0 AND part = 0";
    alter(&node.address, many);
    for question in ["/v1/referrals", "/v1/codes", "/v1/codes/MANY", "/v1/codes/MANY/referrals"] {
        let refused = serving.try_get(&format!("{question}?uid=4503599627370495")).expect("an answer");
        assert_eq!(refused.status, 421, "{question}: {}", refused.body);
        assert!(refused.body.contains("more than 100000 codes or invitees"), "{question}: {}", refused.body);
    }
    assert_eq!(serving.try_get("/v1/account?uid=4503599627370495").expect("an answer").status, 200);
    assert_eq!(daemon.terminate().0, Some(0));
    // Somebody has, and nobody is there.
    let with_address = [&variables[..], &[("TRIBUTARY_PUBLISH_ADDRESS", "http://127.0.0.1:9/")]].concat();
    let _daemon = Daemon::ready(&data, &[], &with_address);
    wait_for("the address is published", 60, || {
        let answer = serving.try_get("/operator/quarantine").expect("an answer");
        (answer.status == 421 && answer.body.contains("ask shard 0 at http://127.0.0.1:9")).then_some(())
    });
    for question in &questions[..5] {
        let away = serving.try_get(question).expect("an answer");
        assert_eq!(away.status, 503, "{question}: {}", away.body);
        assert!(away.body.contains("shard 0 at http://127.0.0.1:9 gives no answer"), "{question}: {}", away.body);
    }
    let wrong = serving.try_get("/v1/overview?uid=7&form=2026-01-01").expect("an answer");
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    let metrics = serving.try_get("/metrics").expect("an answer");
    assert_eq!(metrics.status, 200, "{}", metrics.body);
}
