//! Whoever asks and commands over the long haul, each kind at its own pace, with how long each answer took.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;
use workload::DEMO_UID;

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::wait_for;
use crate::{Plan, beside};

/// One answer: of what kind, when since the beginning, how long it took, both in seconds.
pub struct Answer {
    pub kind: &'static str,
    pub at: f64,
    pub took: f64,
}

const RANGE: &str = "from=2025-04-01&to=2025-06-30";

/// Asks the daemon for its whole life: over HTTP.
struct Asking {
    agent: Agent,
    url: String,
    begun: Instant,
    answers: Vec<Answer>,
    referrers: Vec<u64>,
    turn: usize,
}

/// Starts all of them.
pub fn start(
    daemon: &Daemon,
    data: &Path,
    folder: &Path,
    begun: Instant,
    plan: &Plan,
    is_over: &Arc<AtomicBool>,
) -> Vec<JoinHandle<Vec<Answer>>> {
    let asking = || {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(120)));
        let (agent, url) = (config.build().into(), daemon.url(""));
        Asking { agent, url, begun, answers: Vec::new(), referrers: vec![DEMO_UID.0], turn: 0 }
    };
    let mut threads = vec![
        run(asking(), is_over, Duration::from_millis(100), |asking| asking.short()),
        run(asking(), is_over, Duration::from_millis(500), |asking| asking.command()),
        run(asking(), is_over, plan.part(1_200.0), |asking| asking.as_of()),
        run(asking(), is_over, plan.part(400.0), |asking| asking.long()),
        run(asking(), is_over, plan.part(60.0).max(Duration::from_secs(5)), |asking| asking.what_if()),
    ];
    let (data, out) = (data.to_owned(), folder.join("daily.parquet"));
    threads.push(run(asking(), is_over, plan.part(8.0).max(Duration::from_secs(8)), move |asking| {
        let to = out.to_str().expect("a path");
        asking.timed("export beside", |_| {
            beside(&["export", "daily", "--quiet", "--log-level", "error", "--out", to], &data)
        });
        std::fs::remove_file(&out).expect("it was written");
    }));
    threads
}

fn run(
    mut asking: Asking,
    is_over: &Arc<AtomicBool>,
    pause: Duration,
    mut ask: impl FnMut(&mut Asking) + Send + 'static,
) -> JoinHandle<Vec<Answer>> {
    let is_over = Arc::clone(is_over);
    std::thread::spawn(move || {
        loop {
            let until = Instant::now() + pause;
            while Instant::now() < until {
                if is_over.load(Ordering::Relaxed) {
                    return asking.answers;
                }
                std::thread::sleep(pause.min(Duration::from_millis(200)));
            }
            asking.turn += 1;
            ask(&mut asking);
        }
    })
}

impl Asking {
    fn timed<T>(&mut self, kind: &'static str, ask: impl FnOnce(&mut Asking) -> T) -> T {
        let before = Instant::now();
        let answer = ask(self);
        self.answers.push(Answer {
            kind,
            at: before.duration_since(self.begun).as_secs_f64(),
            took: before.elapsed().as_secs_f64(),
        });
        answer
    }

    /// What a GET answers, which has to be 200.
    fn get(&mut self, kind: &'static str, path: &str) -> String {
        let url = format!("{}{path}", self.url);
        self.timed(kind, |asking| {
            let mut answer = asking.agent.get(&url).call().unwrap_or_else(|error| panic!("{path}: {error}"));
            let status = answer.status().as_u16();
            let body = answer.body_mut().with_config().limit(1 << 30).read_to_string().expect("a body");
            assert_eq!(status, 200, "{path}: {body}");
            body
        })
    }

    fn post(&mut self, kind: &'static str, path: &str, content: &str, key: Option<&str>, body: &str) -> (u16, String) {
        let url = format!("{}{path}", self.url);
        self.timed(kind, |asking| {
            let mut request = asking.agent.post(&url).header("Content-Type", content);
            if let Some(key) = key {
                request = request.header("Idempotency-Key", key);
            }
            let mut answer = request.send(body).unwrap_or_else(|error| panic!("{path}: {error}"));
            (answer.status().as_u16(), answer.body_mut().read_to_string().expect("a body"))
        })
    }

    fn referrer(&self) -> u64 {
        self.referrers[rand::random_range(0..self.referrers.len())]
    }

    /// What a dashboard asks.
    fn short(&mut self) {
        let uid = self.referrer();
        let path = match self.turn % 8 {
            0 => format!("/v1/overview?uid={uid}&{RANGE}"),
            1 => format!("/v1/overview/series?uid={uid}&{RANGE}&interval=week"),
            2 => format!("/v1/countries?uid={uid}&{RANGE}"),
            3 => format!("/v1/referrals?uid={uid}&limit=50&sort=commission"),
            4 => format!("/v1/codes?uid={uid}"),
            5 => format!("/v1/account?uid={uid}"),
            6 => format!("/?uid={uid}"),
            _ => format!("/v1/rewards?uid={uid}&from=2025-06-25&to=2025-06-30&limit=50"),
        };
        self.get("short", &path);
        if self.turn % 200 == 1 {
            let list = self.get("long", &format!("/v1/referrers?limit=100&{RANGE}"));
            let list: Value = serde_json::from_str(&list).expect("JSON");
            let rows = list["rows"].as_array().expect("rows").iter();
            self.referrers = rows.filter_map(|row| row["uid"].as_u64()).chain([DEMO_UID.0]).collect();
        }
    }

    /// A code made, under a key, and at times again under the same.
    fn command(&mut self) {
        let uid = 50_000_000 + self.turn as u64 / 20;
        let name = format!("SOAK{:08}", self.turn);
        let body = json!({ "code": name, "spot_rebate_rate": "0.01", "futures_rebate_rate": "0" }).to_string();
        for _ in 0..1 + usize::from(self.turn.is_multiple_of(10)) {
            let path = format!("/v1/codes?uid={uid}");
            let (status, said) = self.post("command", &path, "application/json", Some(&name), &body);
            assert_eq!(status, 201, "{said}");
        }
    }

    /// What was known at an earlier position.
    fn as_of(&mut self) {
        let uid = self.referrer();
        let status: Value = serde_json::from_str(&self.get("short", "/v1/status")).expect("JSON");
        let position = status["position"].as_u64().expect("a position").max(2);
        let then = rand::random_range(1..position);
        let path = match self.turn % 3 {
            0 => format!("/v1/overview?uid={uid}&{RANGE}&as_of={then}"),
            1 => format!("/v1/codes?uid={uid}&as_of={then}"),
            _ => format!("/v1/restatement?uid={uid}&{RANGE}&as_of={then}"),
        };
        self.get("as of", &path);
    }

    /// What reads much.
    fn long(&mut self) {
        let uid = self.referrer();
        let path = match self.turn % 7 {
            0 => "/v1/cohorts".to_owned(),
            1 => format!("/v1/rewards/export?uid={uid}&{RANGE}"),
            2 => "/v1/feed?after=1&limit=5000".to_owned(),
            3 => "/operator/ingestion".to_owned(),
            4 => "/v1/audit?limit=100".to_owned(),
            5 => "/v1/quarantine?limit=100".to_owned(),
            _ => {
                let event = r#"{"specversion":"1.0","type":"referral.kyc.v1","source":"/dry","id":"1","time":"2025-06-01T00:00:00Z","data":{"uid":7,"status":"verified"}}"#;
                let (status, said) =
                    self.post("long", "/v1/events?dry_run=true", "application/cloudevents+json", None, event);
                assert_eq!(status, 200, "{said}");
                return;
            }
        };
        self.get("long", &path);
    }

    /// All referrers' earnings had the rates been others: begun, and waited for.
    fn what_if(&mut self) {
        let rules = "[[add]]\ntype = \"referral.program.v1\"\ntime = \"2025-05-01T00:00:00Z\"\ndata = { default_spot_rate = \
                     \"0.3\", default_futures_rate = \"0.1\", spot_vip_max = 2, futures_vip_max = 1 }\n";
        self.timed("what-if", |asking| {
            let (status, said) = asking.post("short", "/v1/what-if?by=referrer", "application/toml", None, rules);
            assert_eq!(status, 202, "{said}");
            let job: Value = serde_json::from_str(&said).expect("JSON");
            let id = job["id"].as_str().expect("an id").to_owned();
            wait_for("the what-if", 1_800, || {
                let job: Value =
                    serde_json::from_str(&asking.get("short", &format!("/v1/what-if/{id}"))).expect("JSON");
                std::thread::sleep(Duration::from_millis(200));
                match job["state"].as_str().expect("a state") {
                    "done" => Some(()),
                    "failed" => panic!("{job}"),
                    _ => None,
                }
            });
        });
    }
}
