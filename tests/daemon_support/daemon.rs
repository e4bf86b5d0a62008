//! A daemon: started, asked, killed or ended.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;

use super::{tributary, wait_for};

/// A daemon of a directory, listening on a port that the system chose. It is killed when this is dropped.
pub struct Daemon {
    process: Child,
    log: PathBuf,
    address: String,
    agent: Agent,
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub body: String,
}

impl Response {
    /// The body of a 200.
    pub fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        serde_json::from_str(&self.body).expect("JSON")
    }
}

impl Daemon {
    /// Starts `tributary run` on a directory and waits until it listens.
    pub fn start(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Daemon {
        Daemon::listening(Daemon::spawn(data, arguments, variables))
    }

    /// Starts `tributary serve`, which has no directory, and waits until it listens. Its log stands in the folder.
    pub fn serve(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Daemon {
        Daemon::listening(spawned(&folder.join("serve"), &["serve", "--listen", "127.0.0.1:0"], arguments, variables))
    }

    /// The same as [`Daemon::ready`], listening where others are told that it is.
    pub fn ready_at(listen: &str, data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Daemon {
        let data_text = data.to_str().expect("a path");
        let command = ["run", "--listen", listen, "--data", data_text];
        let daemon = Daemon::listening(spawned(data, &command, arguments, variables));
        daemon.wait_until_ready();
        daemon
    }

    fn listening((mut process, log): (Child, PathBuf)) -> Daemon {
        let address = wait_for("the daemon listens", 30, || {
            let text = std::fs::read_to_string(&log).expect("the log");
            let ended = process.try_wait().expect("a process");
            assert!(ended.is_none(), "the daemon ended ({ended:?}): {text}");
            address_in(&text)
        });
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60)));
        Daemon { process, log, address, agent: config.build().into() }
    }

    /// Starts `tributary run` on a directory, and waits for nothing. The process, and the file with its log.
    pub fn spawn(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (Child, PathBuf) {
        let data_text = data.to_str().expect("a path");
        spawned(data, &["run", "--listen", "127.0.0.1:0", "--data", data_text], arguments, variables)
    }

    /// Starts it and waits until it is ready.
    pub fn ready(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Daemon {
        let daemon = Daemon::start(data, arguments, variables);
        daemon.wait_until_ready();
        daemon
    }

    pub fn wait_until_ready(&self) {
        wait_for("the daemon is ready", 120, || {
            self.try_get("/readyz").ok().filter(|answer| answer.status == 200).map(|_| ())
        });
    }

    /// What keeps it from taking in all that it is to take in, each with the reason; empty once nothing does.
    pub fn missing_to_ingest(&self) -> Vec<(String, String)> {
        let answer = self.try_get("/readyz?ingest=true").expect("an answer");
        if answer.status == 200 {
            return Vec::new();
        }
        assert_eq!(answer.status, 503, "{}", answer.body);
        let problem: Value = serde_json::from_str(&answer.body).expect("JSON");
        let text = |part: &Value, name: &str| part[name].as_str().expect("a text").to_owned();
        let missing = problem["missing"].as_array().expect("a list");
        missing.iter().map(|part| (text(part, "what"), text(part, "detail"))).collect()
    }

    /// Where it listens: host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// # Errors
    /// If the connection fails, as it does when the daemon is killed.
    pub fn try_get(&self, path: &str) -> Result<Response, ureq::Error> {
        read(self.agent.get(self.url(path)).call()?)
    }

    /// What a browser is shown at a path.
    ///
    /// # Errors
    /// Likewise.
    #[allow(dead_code, reason = "shared by tests of which some look at pages")]
    pub fn try_page(&self, path: &str) -> Result<Response, ureq::Error> {
        read(self.agent.get(self.url(path)).header("Accept", "text/html").call()?)
    }

    /// What a GET of this path answers with 200.
    pub fn get(&self, path: &str) -> Value {
        self.try_get(path).expect("an answer").json()
    }

    /// Posts a body of one event, or a batch if it begins with a bracket.
    ///
    /// # Errors
    /// If the connection fails, as it does when the daemon is killed.
    pub fn post_events(&self, body: &[u8]) -> Result<Response, ureq::Error> {
        post(&self.agent, &self.url("/v1/events"), body)
    }

    /// What posts events from another thread, while this is killed.
    pub fn poster(&self) -> impl Fn(&[u8]) -> Result<Response, ureq::Error> + Send + 'static {
        let (agent, url) = (self.agent.clone(), self.url("/v1/events"));
        move |body| post(&agent, &url, body)
    }

    pub fn status(&self) -> Value {
        self.get("/v1/status")
    }

    pub fn position(&self) -> u64 {
        self.status()["position"].as_u64().expect("a position")
    }

    /// What it told so far on standard error.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("the log")
    }

    /// Ends it as a power cut would: SIGKILL.
    pub fn kill(mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("gone");
    }

    /// Ends it gracefully: SIGTERM. Its exit code, and all that it told.
    pub fn terminate(self) -> (Option<i32>, String) {
        self.signal_to_end();
        self.ended()
    }

    /// Waits for the end of a daemon that was told to end, and sends nothing: a second SIGTERM would end it at once.
    /// Its exit code and its log.
    pub fn ended(mut self) -> (Option<i32>, String) {
        let status: ExitStatus = wait_for("the daemon ends", 60, || self.process.try_wait().expect("a process"));
        (status.code(), self.log())
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends SIGTERM, without waiting for the end.
    pub fn signal_to_end(&self) {
        self.signal("TERM");
    }

    /// Sends a signal by its name, as `STOP`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.process.id().to_string()]).status();
        assert!(sent.expect("kill runs").success(), "SIG{name} was not sent");
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.process.try_wait().expect("a process").is_some()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("the end of the daemon's log:\n{}", lines[lines.len().saturating_sub(40)..].join("\n"));
        }
    }
}

/// Starts the binary, with its log in a file that is called much as the path given.
fn spawned(path: &Path, command: &[&str], arguments: &[&str], variables: &[(&str, &str)]) -> (Child, PathBuf) {
    let log = path.with_extension(format!("{:08x}.log", rand::random::<u32>()));
    let process = tributary()
        .args(command)
        .args(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(&log).expect("a file for the log"))
        .spawn()
        .expect("the binary can be run");
    (process, log)
}

/// A batch of these events, as a body.
pub fn batch(events: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let mut body = vec![b'['];
    for (at, event) in events.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        body.extend_from_slice(event.as_ref());
    }
    body.push(b']');
    body
}

fn post(agent: &Agent, url: &str, body: &[u8]) -> Result<Response, ureq::Error> {
    let is_batch = body.first() == Some(&b'[');
    let content = if is_batch { "application/cloudevents-batch+json" } else { "application/cloudevents+json" };
    read(agent.post(url).header("Content-Type", content).send(body)?)
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Response, ureq::Error> {
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(1 << 30).read_to_string()?;
    Ok(Response { status, body })
}

/// Where it says that it listens, in a line of text or of JSON.
fn address_in(log: &str) -> Option<String> {
    let rest = log.split_once("address=").or_else(|| log.split_once("\"address\":\""));
    // A line that is not whole yet may end in the middle of the port.
    let (address, _) = rest?.1.split_once([' ', '\n', '"'])?;
    Some(address.to_owned())
}
