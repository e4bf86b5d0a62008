//! Commands given while the daemon is killed, stopped or out of something: what was acknowledged, and what was tried.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

use crate::trial::Whereabouts;

/// What was commanded of a ledger so far. Names tell one command from the other: they stand in the events.
#[derive(Default)]
pub struct Given {
    /// Answered as done.
    pub acknowledged: BTreeSet<String>,
    /// Sent at least once; more than that nobody knows of those that were not answered.
    pub tried: BTreeSet<String>,
    /// How many were sent again under their key, for want of an answer.
    pub again: u64,
}

/// Gives commands until it is told to stop. Codes are made under an idempotency key, and tried until they are answered, by
/// whatever daemon there is then, or it is over; applications have no key and are tried once.
pub fn command(whereabouts: &Whereabouts, is_over: &AtomicBool, pause: Duration) -> Given {
    let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(5)));
    let agent: Agent = config.build().into();
    let (mut given, first) = (Given::default(), rand::random::<u32>());
    let mut number = 0;
    while !is_over.load(Ordering::Relaxed) {
        number += 1;
        // A referrer may have 20 codes.
        let uid = 50_000_000 + u64::from(first) * 1_000 + number / 20;
        if number % 3 == 0 {
            let name = format!("application {first:08x} {number}");
            given.tried.insert(name.clone());
            let sent = send(&agent, whereabouts, "account/apply", uid, None, &json!({ "message": name }));
            if sent == Some(200) {
                given.acknowledged.insert(name);
            }
        } else {
            let name = format!("C{first:08X}{number}");
            let body = json!({ "code": name, "spot_rebate_rate": "0.01", "futures_rebate_rate": "0" });
            given.tried.insert(name.clone());
            loop {
                if send(&agent, whereabouts, "codes", uid, Some(&name), &body) == Some(201) {
                    given.acknowledged.insert(name);
                    break;
                }
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                given.again += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        std::thread::sleep(pause);
    }
    given
}

impl Given {
    pub fn add(&mut self, more: Given) {
        self.acknowledged.extend(more.acknowledged);
        self.tried.extend(more.tried);
        self.again += more.again;
    }
}

/// The status of an answer; none if there was no answer, or one that says that nothing was done.
fn send(
    agent: &Agent,
    whereabouts: &Whereabouts,
    path: &str,
    uid: u64,
    key: Option<&str>,
    body: &Value,
) -> Option<u16> {
    let address = whereabouts.now()?;
    let mut request = agent.post(format!("http://{address}/v1/{path}?uid={uid}")).content_type("application/json");
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    let mut answer = request.send(body.to_string()).ok()?;
    let status = answer.status().as_u16();
    let said = answer.body_mut().read_to_string().unwrap_or_default();
    // 429 and 503: no place, not open yet, ending, or failed.
    assert!([200, 201, 429, 503].contains(&status), "{path} {body}: {status} {said}");
    Some(status).filter(|status| *status < 400)
}
