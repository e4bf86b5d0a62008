//! What rows do not answer and a shard does: asked of it through a serving node, with who asks and what, and given back as it
//! is; and what is said where it cannot be.

use std::path::Path;

use serde_json::Value;
use ureq::Agent;

use crate::daemon_support::broker::ports;
use crate::daemon_support::cassandra;
use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::history::{hostile, text};
use crate::daemon_support::tributary;
use crate::questions::{cluster, referrers, wait_for_positions};

const SECRET: &str = "a secret of thirty-two bytes or more";

fn import(data: &Path, folder: &Path) {
    let file = folder.join("all.ndjson");
    std::fs::write(&file, text(&hostile(3, 1_500))).expect("written");
    let imported = tributary().args(["import", "--data"]).args([data, &file]).output().expect("the binary can be run");
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
}

/// A token of a role, for an affiliate of somebody's.
fn token(secret: &Path, role: &str, uid: Option<u64>) -> String {
    let mut command = tributary();
    command.args(["token", "--role", role, "--hs256-secret-file"]).arg(secret);
    if let Some(uid) = uid {
        command.args(["--uid", &uid.to_string()]);
    }
    let output = command.output().expect("the binary can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    format!("Bearer {}", String::from_utf8(output.stdout).expect("a text").trim())
}

/// Status, media type, shard and body of an answer.
fn ask(daemon: &Daemon, path: &str, token: &str) -> (u16, String, Option<String>, String) {
    let config = Agent::config_builder().http_status_as_error(false);
    let agent: Agent = config.build().into();
    let mut answer = agent.get(daemon.url(path)).header("Authorization", token).call().expect("an answer");
    let told = |name: &str| answer.headers().get(name).map(|value| value.to_str().expect("a text").to_owned());
    let (media_type, shard) = (told("content-type").unwrap_or_default(), told("tributary-shard"));
    (answer.status().as_u16(), media_type, shard, answer.body_mut().read_to_string().expect("a body"))
}

/// Status and text of a page, as a browser is shown it that is signed in with a token.
fn page(daemon: &Daemon, path: &str, token: &str) -> (u16, String) {
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let session = format!("tributary_session={}", token.trim_start_matches("Bearer "));
    let asked = agent.get(daemon.url(path)).header("Accept", "text/html").header("Cookie", session);
    let mut answer = asked.call().expect("an answer");
    (answer.status().as_u16(), answer.body_mut().read_to_string().expect("a body"))
}

#[test]
fn what_one_ledger_answers_is_answered_through_a_serving_node_to_who_may_ask_it() {
    let Some(node) = cassandra::shared() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (data, secret) = (folder.path().join("ledger"), folder.path().join("secret"));
    std::fs::write(&secret, SECRET).expect("written");
    import(&data, folder.path());
    let listen = format!("127.0.0.1:{}", ports::<1>()[0]);
    let address = format!("http://{listen}");
    let keys = [("TRIBUTARY_AUTH_HS256_SECRET", SECRET)];
    let variables = [&cluster(&node.address, "passed_on")[..], &keys].concat();
    let with_address = [&variables[..], &[("TRIBUTARY_PUBLISH_ADDRESS", address.as_str())]].concat();
    let unkeyed = Daemon::ready(&data, &[], &[]);
    let uid = referrers(&unkeyed)[0];
    assert_eq!(unkeyed.terminate().0, Some(0));
    let daemon = Daemon::ready_at(&listen, &data, &[], &with_address);
    let serving = Daemon::serve(folder.path(), &[], &variables);
    let operator = token(&secret, "operator", None);
    let own = token(&secret, "affiliate", Some(uid));
    let position: u64 = {
        let status = ask(&daemon, "/v1/status", &operator).3;
        serde_json::from_str::<Value>(&status).expect("JSON")["position"].as_u64().expect("a position")
    };
    wait_for_positions(&serving, &[position]);

    let mut passed_on = 0;
    for (path, token) in [
        ("/v1/rewards?limit=3", &own),
        ("/v1/rewards?limit=3&shard=0", &own),
        ("/v1/overview?as_of=300", &own),
        ("/v1/overview?from=2025-01-01&to=2025-12-31", &operator),
        ("/v1/referrers?from=2025-01-01&to=2025-12-31&limit=5", &operator),
        ("/v1/feed?after=0&limit=20", &operator),
        ("/v1/entries/7", &operator),
        ("/v1/offers", &own),
        ("/v1/restatement?since=300", &own),
        ("/v1/rewards/export?format=csv", &own),
        ("/v1/referrals/1", &own),
        ("/v1/withheld", &own),
        ("/v1/quarantine?limit=2", &operator),
        ("/v1/rewards?limmit=3", &own),
        ("/v1/entries/0", &operator),
    ] {
        let ours = ask(&serving, path, token);
        let theirs = ask(&daemon, path.trim_end_matches("&shard=0"), token);
        assert_eq!((ours.0, &ours.1, &ours.3), (theirs.0, &theirs.1, &theirs.3), "{path}");
        passed_on += usize::from(ours.2.as_deref() == Some("0"));
    }
    assert_eq!(passed_on, 15);

    // Its document is its own, and what stands there is answered by somebody.
    let document: Value = serde_json::from_str(&ask(&serving, "/openapi.json", "").3).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    assert!(paths.contains_key("/v1/rewards") && !paths.contains_key("/v1/events"));
    for (path, operations) in paths {
        if operations["get"].is_object() {
            let path = path
                .replace("{position}", "1")
                .replace("{invitee}", "1")
                .replace("{code}", "NONE")
                .replace("{id}", "1");
            assert_ne!(ask(&serving, &path, &operator).0, 421, "{path}");
        }
    }
    assert_eq!(ask(&serving, "/v1/overview", &own).0, 200);
    let told = ask(&serving, "/metrics", "").3;
    for series in [
        "tributary_serving_requests_total{by=\"rows\",status=\"2xx\"}",
        "tributary_serving_shard_requests_total{outcome=\"answered\",shard=\"0\"}",
        "tributary_serving_read_duration_seconds_count{what=\"rows\"}",
        "tributary_serving_position{shard=\"0\"}",
    ] {
        assert!(told.contains(series), "{series} in\n{told}");
    }

    // A command, and its repetition.
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let command = |url: String, token: &str| {
        let post = agent.post(url).header("Authorization", token).header("Idempotency-Key", "one");
        let body = r#"{"code":"PASSED_ON","spot_rebate_rate":"0.05","futures_rebate_rate":"0.02"}"#;
        let mut answer = post.header("Content-Type", "application/json").send(body).expect("an answer");
        (answer.status().as_u16(), answer.body_mut().read_to_string().expect("a body"))
    };
    let given = command(serving.url(&format!("/v1/codes?uid={uid}")), &operator);
    assert_eq!(given.0, 201, "{}", given.1);
    let again = command(daemon.url(&format!("/v1/codes?uid={uid}")), &operator);
    assert!(again.0 == 200 || again.0 == 201, "{again:?}");
    let audit = ask(&serving, "/v1/audit?limit=1", &operator);
    assert_eq!(audit.0, 200, "{}", audit.3);
    assert_eq!(command(serving.url("/v1/codes?uid=1"), "").0, 401);

    // Who may not ask is told so by the node itself, and nothing of a process or a page is passed on.
    for (path, token, status) in [
        ("/v1/rewards", "", 401),
        ("/v1/rewards?shard=0", "", 401),
        ("/v1/rewards?shard=1", own.as_str(), 400),
        ("/v1/rewards?shard=first", own.as_str(), 400),
        ("/v1/ledger/frames", &operator, 421),
        ("/v1/ledger/segments", &operator, 421),
        ("/v1/tokens/revoked", &operator, 421),
        ("/operator/quarantine", &operator, 421),
        // Pages know who signed in to them alone.
        ("/", &operator, 401),
    ] {
        let answer = ask(&serving, path, token);
        assert_eq!((answer.0, answer.2), (status, None), "{path}: {}", answer.3);
    }
    assert_eq!(command(serving.url("/v1/ledger/step-down"), &operator).0, 421);

    // A page is asked with its visitor's token, of rows and of the shard.
    let records = "/rewards?from=2025-01-01&to=2030-12-31";
    for path in ["/", "/codes", records, "/account", "/cohorts?from=2025-01-01&to=2025-12-31"] {
        let shown = page(&serving, path, &own);
        assert_eq!(shown.0, 200, "{path}: {}", shown.1);
    }
    assert_eq!(page(&serving, "/codes", "Bearer none").0, 401);
    assert_eq!(page(&serving, &format!("/codes?uid={}", uid + 1), &own).0, 403);
    let of_one_ledger = page(&serving, "/operator/quarantine", &operator);
    assert!(of_one_ledger.0 == 421 && of_one_ledger.1.contains(&format!("shard 0 at {address}")), "{of_one_ledger:?}");

    // The shard is away: rows are answered as before, and of all else it is said which shard that is.
    daemon.kill();
    let away = ask(&serving, "/v1/rewards", &own);
    assert_eq!(away.0, 503, "{}", away.3);
    assert!(away.3.contains(&format!("shard 0 at {address} gives no answer")), "{}", away.3);
    assert_eq!(ask(&serving, "/v1/overview", &own).0, 200);
    let overview = page(&serving, "/", &own);
    assert!(overview.0 == 200 && overview.1.contains("told by a ledger, and none answers"), "{overview:?}");
    let away = page(&serving, records, &own);
    assert!(away.0 == 503 && away.1.contains(&format!("shard 0 at {address} gives no answer")), "{away:?}");
    assert_eq!(serving.terminate().0, Some(0));
}
