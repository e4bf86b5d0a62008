//! A real Prometheus reads the metrics as OpenMetrics, and knows of slow requests the traces that they belong to. Where it is
//! missing, the test says loudly that it was skipped; `TRIBUTARY_REQUIRE_PROMETHEUS=1` makes that a failure.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::daemon_support::collector::Collector;
use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::wait_for;
use serde_json::Value;
use ureq::Agent;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60))).build().into()
}

/// A Prometheus that scrapes a daemon; it ends when this is dropped.
struct Prometheus {
    process: Child,
    address: String,
}

impl Prometheus {
    fn start(folder: &Path, target: &str) -> Option<Prometheus> {
        let config = folder.join("prometheus.yml");
        let text = format!(
            "global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: tributary, static_configs: [{{targets: ['{target}']}}]}}]\n"
        );
        std::fs::write(&config, text).expect("written");
        let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("an address");
        let log = std::fs::File::create(folder.join("prometheus.log")).expect("a file");
        let started = Command::new("prometheus")
            .args(["--enable-feature=exemplar-storage", "--web.listen-address", &address.to_string(), "--config.file"])
            .arg(&config)
            .arg("--storage.tsdb.path")
            .arg(folder.join("prometheus"))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        match started {
            Ok(process) => Some(Prometheus { process, address: address.to_string() }),
            Err(error) => {
                needs::missing(needs::Need::Prometheus, &error.to_string());
                None
            }
        }
    }

    fn ask(&self, path: &str) -> Option<Value> {
        let answer = agent().get(format!("http://{}{path}", self.address)).call().ok()?;
        serde_json::from_reader(answer.into_body().into_reader()).ok()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_slow_request_leads_to_its_trace_and_every_metric_is_read() {
    let (folder, collector) = (tempfile::tempdir().expect("a folder"), Collector::start());
    let endpoint = collector.endpoint();
    let daemon = Daemon::ready(&folder.path().join("data"), &[], &[("TRIBUTARY_TRACES_ENDPOINT", &endpoint)]);
    let event = r#"{"specversion":"1.0","type":"referral.registration.v1","source":"/test","id":"r1","time":"2026-03-01T00:00:00Z","data":{"uid":1,"account_type":"major","country":"DE","code":"X1"}}"#;
    let request = agent().post(daemon.url("/v1/events")).header("Content-Type", "application/cloudevents+json");
    let answer =
        request.header("traceparent", &format!("00-{TRACE}-b7ad6b7169203331-01")).send(event).expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);

    let metrics = |accept: &str| {
        let answer = agent().get(daemon.url("/metrics")).header("Accept", accept).call().expect("an answer");
        let content_type = answer.headers()["content-type"].to_str().expect("a text").to_owned();
        (content_type, answer.into_body().read_to_string().expect("a text"))
    };
    let (content_type, text) = metrics("*/*");
    assert!(content_type.starts_with("text/plain; version=0.0.4") && !text.contains(TRACE), "{content_type}");
    let (content_type, text) =
        metrics("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
    assert!(content_type.starts_with("application/openmetrics-text; version=1.0.0"), "{content_type}");
    assert!(text.ends_with("\n# EOF\n"), "{text}");
    for family in ["tributary_command_duration_seconds", "tributary_ledger_fsync_duration_seconds"] {
        let is_of_it = |line: &&str| line.starts_with(&format!("{family}_bucket{{")) && line.contains(TRACE);
        assert_eq!(text.lines().filter(is_of_it).count(), 1, "{family}: {text}");
    }

    let Some(prometheus) = Prometheus::start(folder.path(), daemon.address()) else { return };
    let query = "/api/v1/query_exemplars?query=tributary_command_duration_seconds_bucket&start=0&end=4102444800";
    let exemplars = wait_for("Prometheus has exemplars", 120, || {
        let found = prometheus.ask(query)?["data"].clone();
        found.as_array().is_some_and(|found| !found.is_empty()).then_some(found)
    });
    assert_eq!(exemplars[0]["exemplars"][0]["labels"]["trace_id"], TRACE, "{exemplars}");
    assert_eq!(exemplars[0]["seriesLabels"]["endpoint"], "/v1/events", "{exemplars}");
    // What it reads of both formats is the same, of counters too.
    let up = prometheus.ask("/api/v1/query?query=up").expect("an answer");
    assert_eq!(up["data"]["result"][0]["value"][1], "1", "{up}");
    let of_counter = "/api/v1/query?query=tributary_events_total%7Boutcome%3D%22accepted%22%7D";
    let accepted = prometheus.ask(of_counter).expect("an answer");
    assert_eq!(accepted["data"]["result"][0]["value"][1], "1", "{accepted}");
}
