//! Whether a daemon runs on the ledger, and whether it answers. What it knows is had from its metrics, which ask for no
//! token.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use ledger::Storage;
use serde_json::Value;

use super::Check;
use crate::config::Settings;
use crate::place::Place;
use crate::trust::unjudged;

const NAME: &str = "daemon";

/// How long it may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The file of the ledger that its writer holds.
const LOCK: &str = "LOCK";

/// Whether one runs.
pub(super) enum DaemonState {
    /// None writes the ledger.
    Stopped,
    /// One does, and says what it measures.
    Answers { process: Option<u32>, metrics: Series },
    /// One does, and does not answer where the settings say.
    Silent { process: Option<u32> },
}

impl DaemonState {
    /// Its process, if one runs and says which it is.
    pub(super) fn process(&self) -> Option<u32> {
        match self {
            DaemonState::Stopped => None,
            DaemonState::Answers { process, .. } | DaemonState::Silent { process } => *process,
        }
    }
}

/// What was found.
pub(super) struct Found {
    pub(super) check: Check,
    pub(super) state: DaemonState,
}

/// Looks whether one runs and answers.
pub(super) fn check(place: &Place, settings: &Settings) -> Found {
    let is_locked = match place.existing_storage().map(|storage| storage.is_locked(LOCK)) {
        Ok(Ok(is_locked)) => is_locked,
        Ok(Err(error)) => {
            let check = Check::failed(NAME, error.to_string(), "run this as the user that the daemon runs as");
            return Found { check, state: DaemonState::Silent { process: None } };
        }
        Err(_) => return Found { check: Check::skipped(NAME, "there is no ledger"), state: DaemonState::Stopped },
    };
    let address = address(settings);
    let ask = |path: &str| ask(&url(settings, address), path);
    let answers = is_locked.then(|| ask("/readyz?ingest=true"));
    let Some(ready) = answers else {
        let found = "none runs on this ledger";
        let check = match ask("/healthz") {
            Some(_) => Check::warning(
                NAME,
                format!("{found}, but something answers at {address}"),
                "if that is another ledger's daemon, set `listen` to a port of this one's own",
            ),
            None => Check::ok(NAME, found),
        };
        return Found { check, state: DaemonState::Stopped };
    };
    let holder = std::fs::read_to_string(place.folder().join("ledger").join(LOCK)).unwrap_or_default();
    let (holder, process) = (holder.trim().to_owned(), process_of(&holder));
    let Some((status, body)) = ready else {
        let check = Check::failed(
            NAME,
            format!("{holder} writes the ledger, and does not answer at {address}"),
            "give this the settings that the daemon has; if it has these, look into its log, and see whether it is an \
             import or a backup that writes",
        );
        return Found { check, state: DaemonState::Silent { process } };
    };
    let check = if status == 200 {
        Check::ok(NAME, format!("{holder} answers at {address} and takes in all that it is to take in"))
    } else {
        let check = format!("{holder} answers at {address}; {}", missing(&body));
        Check::warning(NAME, check, "see what is missing; GET /readyz?ingest=true tells it, and the log")
    };
    let state = match ask("/metrics") {
        Some((200, text)) => DaemonState::Answers { process, metrics: Series::of(&text) },
        Some(_) | None => DaemonState::Silent { process },
    };
    Found { check, state }
}

/// Where probes are answered on this machine.
fn address(settings: &Settings) -> SocketAddr {
    let mut address = settings.http.probes_listen.unwrap_or(settings.listen);
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        IpAddr::V4(_) | IpAddr::V6(_) => {}
    }
    address
}

/// The same as who asks writes it: probes with an address of their own are answered without TLS.
fn url(settings: &Settings, address: SocketAddr) -> String {
    let is_over_tls = settings.http.tls.is_some() && settings.http.probes_listen.is_none();
    format!("{}://{address}", if is_over_tls { "https" } else { "http" })
}

/// The process that a lock's holder says it is: `process 4711, started …`.
fn process_of(holder: &str) -> Option<u32> {
    holder.strip_prefix("process ")?.split(',').next()?.parse().ok()
}

fn ask(url: &str, path: &str) -> Option<(u16, String)> {
    // What is here is asked without a proxy: one would ask itself; and by which name its certificate is for others does not
    // matter.
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(TIMEOUT))
        .tls_config(unjudged());
    let agent: ureq::Agent = config.build().into();
    let mut response = agent.get(format!("{url}{path}")).call().ok()?;
    let body = response.body_mut().read_to_string().ok()?;
    Some((response.status().as_u16(), body))
}

/// What an answer of `GET /readyz` says is missing.
fn missing(body: &str) -> String {
    let problem: Value = serde_json::from_str(body).unwrap_or_default();
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let parts = problem["missing"].as_array().map(Vec::as_slice).unwrap_or_default();
    let parts: Vec<String> =
        parts.iter().map(|part| format!("{}: {}", text(part, "what"), text(part, "detail"))).collect();
    if parts.is_empty() { "it is not ready".to_owned() } else { parts.join("; ") }
}

/// Figures of Prometheus' text format, by name and labels as they are written there.
pub(super) struct Series {
    values: BTreeMap<String, f64>,
}

impl Series {
    fn of(text: &str) -> Series {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let values = lines.filter_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Series { values: values.collect() }
    }

    /// The value of a series.
    pub(super) fn value(&self, series: &str) -> Option<f64> {
        self.values.get(series).copied()
    }

    /// The values of a metric by the labels of each.
    pub(super) fn labelled<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (BTreeMap<&'a str, String>, f64)> + 'a {
        self.values.iter().filter_map(move |(series, value)| {
            let labels = series.strip_prefix(name)?.strip_prefix('{')?.strip_suffix('}')?;
            Some((labels_of(labels), *value))
        })
    }
}

/// `topic="t",partition="0"`; of names that brokers take, none holds a quote or a comma.
fn labels_of(text: &str) -> BTreeMap<&str, String> {
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name, value.trim_matches('"').to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_the_metrics_is_read_by_name_and_labels() {
        let series = Series::of(
            "# HELP a b\n# TYPE a gauge\na 5\nb{partition=\"0\",topic=\"t\"} 7\nb{partition=\"1\",topic=\"t\"} 1.5\nbroken\n",
        );
        assert_eq!((series.value("a"), series.value("b"), series.value("broken")), (Some(5.0), None, None));
        let found: Vec<(String, String, f64)> = series
            .labelled("b")
            .map(|(labels, value)| (labels["topic"].clone(), labels["partition"].clone(), value))
            .collect();
        assert_eq!(found, [("t".into(), "0".into(), 7.0), ("t".into(), "1".into(), 1.5)]);
    }

    #[test]
    fn a_holder_says_which_process_it_is() {
        assert_eq!(process_of("process 4711, started 2026-03-01T09:30:00Z\n"), Some(4_711));
        assert_eq!(process_of(""), None);
    }
}
