//! The way of requests as traces, sent to a collector by OTLP over HTTP; and a collector that is not there.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use crate::daemon_support::collector::{Collector, Taken, named};
use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::wait_for;
use serde_json::Value;
use ureq::Agent;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SENDER: &str = "b7ad6b7169203331";

/// Settings of a daemon whose traces go to an endpoint, one in so many.
fn variables<'v>(endpoint: &'v str, one_in: &'v str) -> Vec<(&'v str, &'v str)> {
    vec![
        ("TRIBUTARY_TRACES_ENDPOINT", endpoint),
        ("TRIBUTARY_TRACES_ONE_IN", one_in),
        ("TRIBUTARY_TRACES_SERVICE_NAME", "tributary-of-a-test"),
        ("TRIBUTARY_LOG_FORMAT", "json"),
        ("TRIBUTARY_LOG_LEVEL", "info,api=debug"),
    ]
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60))).build().into()
}

/// An event of this number, which is accepted.
fn event(number: u32) -> String {
    format!(
        r#"{{"specversion":"1.0","type":"referral.registration.v1","source":"/test","id":"r{number}","time":"2026-03-01T00:00:00Z","data":{{"uid":{number},"account_type":"major","country":"DE","code":"X1"}}}}"#
    )
}

/// Posts an event under a `traceparent`; the header of the answer that names its trace.
fn post(daemon: &Daemon, number: u32, parent: &str) -> Option<String> {
    let request = agent().post(daemon.url("/v1/events")).header("Content-Type", "application/cloudevents+json");
    let answer = request.header("traceparent", parent).send(event(number)).expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    let told = answer.headers().get("traceresponse").map(|value| value.to_str().expect("a text").to_owned());
    let body: Value = serde_json::from_reader(answer.into_body().into_reader()).expect("JSON");
    assert_eq!(body["results"][0]["outcome"], "accepted", "{body}");
    told
}

/// What Prometheus is told of spans that came to this.
fn spans(daemon: &Daemon, outcome: &str) -> u64 {
    let metrics = daemon.try_get("/metrics").expect("an answer").body;
    let name = format!("tributary_trace_spans_total{{outcome=\"{outcome}\"}} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name)).expect("the metric");
    line.parse().expect("a number")
}

fn ready(data: &Path, variables: &[(&str, &str)]) -> Daemon {
    Daemon::ready(data, &[], variables)
}

#[test]
fn a_request_that_bears_a_traceparent_is_seen_in_that_trace_from_its_door_to_the_disk() {
    let (folder, collector) = (tempfile::tempdir().expect("a folder"), Collector::start());
    let endpoint = collector.endpoint();
    // Of traces that begin here, none is sent.
    let daemon = ready(&folder.path().join("data"), &variables(&endpoint, "1000000000"));
    let other = "11111111111111111111111111111111";
    let told = post(&daemon, 1, &format!("00-{other}-{SENDER}-00")).expect("it is told");
    assert!(told.starts_with(&format!("00-{other}-")) && told.ends_with("-00"), "{told}");
    daemon.get("/v1/status");
    let told = post(&daemon, 2, &format!("00-{TRACE}-{SENDER}-01")).expect("it is told");

    let names = ["POST /v1/events", "write", "wait", "commit", "append", "fsync", "apply"];
    let spans = collector.wait_for(TRACE, &names);
    let request = named(&spans, "POST /v1/events");
    assert_eq!((request.parent().as_str(), request.service.as_str()), (SENDER, "tributary-of-a-test"));
    assert_eq!(told, format!("00-{TRACE}-{}-01", request.id()), "the answer names the span that it was made in");
    assert_eq!(request.span.kind, 2, "a server");
    assert_eq!(request.attribute("http.response.status_code").as_deref(), Some("200"));
    assert_eq!(request.attribute("http.route").as_deref(), Some("/v1/events"));
    let below =
        |name: &str, parent: &Taken| assert_eq!(named(&spans, name).parent(), parent.id(), "{name}: {spans:#?}");
    below("write", request);
    below("wait", named(&spans, "write"));
    let commit = named(&spans, "commit");
    below("commit", named(&spans, "write"));
    ["append", "fsync", "apply"].into_iter().for_each(|name| below(name, commit));
    assert_eq!(commit.attribute("tributary.position").as_deref(), Some("2"));
    for taken in &spans {
        let span = &taken.span;
        assert!(span.start_time_unix_nano >= request.span.start_time_unix_nano, "{taken:?}");
        assert!(span.end_time_unix_nano <= request.span.end_time_unix_nano, "{taken:?}");
    }

    let traces: BTreeSet<String> = collector.spans().iter().map(Taken::trace).collect();
    assert_eq!(traces, BTreeSet::from([TRACE.to_owned()]), "no other trace is sent");

    let lines = daemon.log();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let line =
        lines.iter().find(|line| line["trace_id"] == TRACE).unwrap_or_else(|| panic!("no line of it: {lines:#?}"));
    assert_eq!((&line["message"], &line["endpoint"]), (&"answered".into(), &"/v1/events".into()));
    assert_eq!(line["span_id"], request.id());
    assert_eq!(line["request_id"], TRACE, "a request without an id of its own goes by its trace's");
    assert_eq!(request.attribute("tributary.request_id").as_deref(), Some(TRACE));
}

#[test]
fn a_trace_that_begins_here_is_sent_and_what_is_left_at_the_end_is_sent_too() {
    let (folder, collector) = (tempfile::tempdir().expect("a folder"), Collector::start());
    let endpoint = collector.endpoint();
    let daemon = ready(&folder.path().join("data"), &variables(&endpoint, "1"));
    let answer =
        agent().get(daemon.url("/v1/overview?uid=1")).header("X-Request-Id", "mine").call().expect("an answer");
    let told = answer.headers()["traceresponse"].to_str().expect("a text").to_owned();
    let trace = told.split('-').nth(1).expect("a trace").to_owned();
    // At once: what is not sent yet is.
    let (code, log) = daemon.terminate();
    assert_eq!(code, Some(0), "{log}");
    let spans = collector.wait_for(&trace, &["GET /v1/overview", "question", "wait"]);
    let request = named(&spans, "GET /v1/overview");
    assert_eq!(request.parent(), "", "it begins here");
    assert_eq!(request.attribute("tributary.request_id").as_deref(), Some("mine"));
    let probes = collector.spans();
    let probes = probes.iter().filter(|taken| taken.span.name.contains("/readyz"));
    assert_eq!(probes.count(), 0, "probes begin no trace");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let line = lines.iter().find(|line| line["request_id"] == "mine").expect("a line of it");
    assert_eq!((&line["trace_id"], &line["span_id"]), (&trace.into(), &request.id().into()));
}

#[test]
fn a_collector_that_is_away_keeps_nothing_back_and_is_told_of_once_and_again_when_it_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    // An address at which nobody is.
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("an address");
    let endpoint = format!("http://{address}/v1/traces");
    let daemon = ready(&folder.path().join("data"), &variables(&endpoint, "1"));
    for number in 1..20 {
        assert!(post(&daemon, number, &format!("00-{TRACE}-{SENDER}-01")).is_some());
    }
    assert_eq!(daemon.position(), 19);
    wait_for("spans are lost", 60, || (spans(&daemon, "failed") > 0).then_some(()));
    assert!(daemon.log().contains("the collector takes no spans"), "{}", daemon.log());

    let collector = Collector::at(address);
    wait_for("spans are sent", 60, || {
        daemon.status();
        (spans(&daemon, "sent") > 0).then_some(())
    });
    wait_for("it is told", 60, || daemon.log().contains("the collector takes spans again").then_some(()));
    drop(collector);
    daemon.status();
    let (code, log) = daemon.terminate();
    assert_eq!(code, Some(0), "{log}");
}

#[test]
fn behind_a_collector_that_does_not_answer_no_more_spans_wait_than_may() {
    let folder = tempfile::tempdir().expect("a folder");
    // It takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("an address");
    let endpoint = format!("http://{}/v1/traces", silent.local_addr().expect("an address"));
    let variables = [&variables(&endpoint, "1")[..], &[("TRIBUTARY_TRACES_QUEUE_SPANS", "8")]].concat();
    let daemon = ready(&folder.path().join("data"), &variables);
    for number in 1..50 {
        assert!(post(&daemon, number, &format!("00-{TRACE}-{SENDER}-01")).is_some());
    }
    let dropped = spans(&daemon, "dropped");
    // A request has seven spans and more.
    assert!(dropped > 200, "{dropped} were dropped");
    let (code, log) = daemon.terminate();
    assert_eq!(code, Some(0), "{log}");
}
