//! The real binary with a key and a small history, and the API beside the pages.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;

use crate::daemon_support::daemon::{Daemon, Response, batch};
use crate::daemon_support::{history::text, ledger, tributary};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    Affiliate(u64),
    Analyst,
    Operator,
    Service,
    Auditor,
}

/// A daemon that asks for tokens.
pub struct Platform {
    daemon: Daemon,
    secret: PathBuf,
    /// What the process and those who sign tokens for it have in their surroundings, beside its settings.
    surroundings: Vec<(String, String)>,
    seen: Seen,
    tokens: RefCell<HashMap<Caller, String>>,
    agent: Agent,
    _folder: tempfile::TempDir,
}

/// How a browser sees a platform.
pub struct Seen {
    /// Where it finds it, as `http://host:port`.
    pub address: String,
    /// With which arguments it is started, beside those that every window has.
    pub arguments: Vec<String>,
}

impl Platform {
    /// Imports these lines and starts the daemon on them.
    pub fn with_history(lines: &[Vec<u8>]) -> Platform {
        Platform::with_settings(lines, &[])
    }

    /// Starts the daemon on the demo's history of about so many events, recorded up to the last midnight as it would have
    /// been, with its story.
    pub fn recorded(events: u64) -> Platform {
        let folder = tempfile::tempdir().expect("a folder");
        let (events, end) = (events.to_string(), super::history::end().to_string());
        let mut record = tributary();
        record.args(["demo", "--record", "--events", &events, "--end", &end, "--data"]).arg(folder.path().join("data"));
        let recorded = record.output().expect("the binary can be run");
        assert!(recorded.status.success(), "{}", String::from_utf8_lossy(&recorded.stderr));
        let seen = |port: &str| Seen { address: format!("http://127.0.0.1:{port}"), arguments: Vec::new() };
        Platform::on(folder, &[], &[("TRIBUTARY_LINK_BASE", "https://exchange.example")], seen)
    }

    /// The same with these variables set.
    pub fn with_settings(lines: &[Vec<u8>], variables: &[(&str, &str)]) -> Platform {
        let folder = tempfile::tempdir().expect("a folder");
        let (data, file) = (folder.path().join("data"), folder.path().join("events.ndjson"));
        std::fs::write(&file, text(lines)).expect("written");
        ledger::import(&data, &[&file]);
        let seen = |port: &str| Seen { address: format!("http://127.0.0.1:{port}"), arguments: Vec::new() };
        Platform::on(folder, &[], variables, seen)
    }

    /// Starts the daemon on the ledger in `data` of a folder, in these surroundings and with these settings. `seen` tells
    /// of the port that it listens on how a browser sees it.
    pub(super) fn on(
        folder: tempfile::TempDir,
        surroundings: &[(&str, &str)],
        settings: &[(&str, &str)],
        seen: impl FnOnce(&str) -> Seen,
    ) -> Platform {
        let (data, secret) = (folder.path().join("data"), folder.path().join("secret"));
        std::fs::write(&secret, "a secret of these tests, and of nothing else").expect("written");
        let variables = [surroundings, settings].concat();
        let daemon = Daemon::ready(&data, &["--hs256-secret-file", secret.to_str().expect("UTF-8")], &variables);
        let (_, port) = daemon.address().rsplit_once(':').expect("a port");
        let seen = seen(port);
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let surroundings = surroundings.iter().map(owned).collect();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(60)));
        let agent = config.build().into();
        Platform { daemon, secret, surroundings, seen, tokens: RefCell::default(), agent, _folder: folder }
    }

    /// How a browser sees it.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Where a browser finds it, as `http://host:port`.
    pub fn address(&self) -> String {
        self.seen.address.clone()
    }

    /// A token of this caller, from `tributary token`.
    pub fn token(&self, caller: Caller) -> String {
        if let Some(token) = self.tokens.borrow().get(&caller) {
            return token.clone();
        }
        let (role, uid) = match caller {
            Caller::Affiliate(uid) => ("affiliate", Some(uid.to_string())),
            Caller::Analyst => ("analyst", None),
            Caller::Operator => ("operator", None),
            Caller::Service => ("service", None),
            Caller::Auditor => ("auditor", None),
        };
        let mut command = tributary();
        command.envs(self.surroundings.iter().cloned());
        command.args(["token", "--role", role, "--hs256-secret-file"]).arg(&self.secret);
        if let Some(uid) = uid {
            command.args(["--uid", &uid]);
        }
        let output = command.output().expect("the binary can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let token = String::from_utf8(output.stdout).expect("text").trim().to_owned();
        self.tokens.borrow_mut().insert(caller, token.clone());
        token
    }

    /// What the API answers this caller on a path such as `/v1/overview?uid=7`, which must be 200.
    pub fn get(&self, caller: Caller, path: &str) -> Value {
        let answer = self.try_get(caller, path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).expect("JSON")
    }

    /// What the API answers this caller.
    pub fn try_get(&self, caller: Caller, path: &str) -> Response {
        let bearer = format!("Bearer {}", self.token(caller));
        read(self.agent.get(self.daemon.url(path)).header("Authorization", bearer).call().expect("an answer"))
    }

    /// What a browser with these cookies is answered, redirects not followed.
    pub fn fetch(&self, cookies: &str, path: &str) -> Response {
        let request = self.agent.get(self.daemon.url(path)).header("Cookie", cookies);
        read(request.header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8").call().expect("an answer"))
    }

    /// Sends a command of this caller to the API, with a JSON body.
    pub fn command(&self, caller: Caller, method: &str, path: &str, body: &Value) -> Response {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(self.daemon.url(path))
            .header("Authorization", format!("Bearer {}", self.token(caller)))
            .header("Content-Type", "application/json")
            .body(body.to_string())
            .expect("a request");
        read(self.agent.run(request).expect("an answer"))
    }

    /// Posts these events, all of which must be accepted.
    pub fn post(&self, events: &[Value]) {
        let events: Vec<String> = events.iter().map(Value::to_string).collect();
        let answer = read(
            self.agent
                .post(self.daemon.url("/v1/events"))
                .header("Authorization", format!("Bearer {}", self.token(Caller::Service)))
                .header("Content-Type", "application/cloudevents-batch+json")
                .send(&batch(&events)[..])
                .expect("an answer"),
        );
        assert_eq!(answer.status, 200, "{}", answer.body);
        let outcomes: Value = serde_json::from_str(&answer.body).expect("JSON");
        for result in outcomes["results"].as_array().expect("results") {
            assert_eq!(result["outcome"], "accepted", "{result}");
        }
    }

    /// All rows of a list of the API, page after page. The path has its question mark.
    pub fn rows(&self, caller: Caller, path: &str) -> Vec<Value> {
        let (mut rows, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let page = self.get(caller, &format!("{path}&limit=500{after}"));
            rows.extend(page["rows"].as_array().expect("rows").iter().cloned());
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                return rows;
            }
        }
    }
}

/// A value of the API as `data-value` has it: nothing for null.
pub fn exact(value: &Value) -> String {
    let plain = if value.is_null() { String::new() } else { value.to_string() };
    value.as_str().map_or(plain, str::to_owned)
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Response {
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(1 << 28).read_to_vec().expect("a body");
    Response { status, body: String::from_utf8_lossy(&body).into_owned() }
}
