//! Events sent in and commands given while leaders come and go, by callers that ask again under the same identity until they are
//! answered. What each was answered is kept.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

use crate::daemon_support::daemon::batch;

/// An answer takes so long at most: who leads may have been stopped.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where the leader is, as callers know it.
#[derive(Clone, Default)]
pub struct Whereabouts(Arc<Mutex<String>>);

impl Whereabouts {
    pub fn is(&self, address: &str) {
        address.clone_into(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub fn now(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What was answered, by what each is sent again as: an event as it was, a command by its name.
#[derive(Default)]
pub struct Answered {
    /// The position of each event.
    pub events: BTreeMap<String, u64>,
    /// The codes that were made.
    pub codes: BTreeMap<String, u64>,
    /// How many requests were sent again for want of an answer.
    pub again: u64,
}

/// Callers under way.
pub struct Load {
    is_over: Arc<AtomicBool>,
    callers: Vec<JoinHandle<Answered>>,
}

impl Load {
    /// Begins to send: `first` tells the events and codes of one load from those of another.
    pub fn start(whereabouts: &Whereabouts, first: u64) -> Load {
        let is_over = Arc::<AtomicBool>::default();
        let callers = (0..3).map(|caller| {
            let (whereabouts, is_over) = (whereabouts.clone(), Arc::clone(&is_over));
            std::thread::spawn(move || {
                let base = (first * 10 + caller) * 100_000;
                if caller == 0 { command(&whereabouts, &is_over, base) } else { post(&whereabouts, &is_over, base) }
            })
        });
        Load { callers: callers.collect(), is_over }
    }

    /// Ends it, once everything sent was answered.
    pub fn stop(self) -> Answered {
        self.is_over.store(true, Ordering::Relaxed);
        let mut all = Answered::default();
        for caller in self.callers {
            let Answered { events, codes, again } = caller.join().expect("no panic");
            all.events.extend(events);
            all.codes.extend(codes);
            all.again += again;
        }
        all
    }
}

pub fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build().into()
}

fn post(whereabouts: &Whereabouts, is_over: &AtomicBool, base: u64) -> Answered {
    let (agent, mut answered, mut number) = (agent(), Answered::default(), base);
    while !is_over.load(Ordering::Relaxed) {
        let count = 1 + number % 17;
        let events: Vec<String> = (number..number + count).map(event).collect();
        number += count;
        loop {
            if let Some(positions) = send(&agent, &whereabouts.now(), &events) {
                answered.events.extend(events.into_iter().zip(positions));
                break;
            }
            answered.again += 1;
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    answered
}

/// A deposit, or a verification: no other event can contradict it.
fn event(number: u64) -> String {
    let uid = 1_000 + number % 977;
    let (kind, data) = match number % 2 {
        0 => ("kyc", json!({ "uid": uid, "status": "verified" })),
        _ => (
            "deposit",
            json!({ "uid": uid, "channel": "crypto", "asset": "USDT", "amount": "12.5", "amount_usd": "12.5" }),
        ),
    };
    json!({
        "specversion": "1.0", "type": format!("referral.{kind}.v1"), "source": "/load", "id": number.to_string(),
        "time": "2026-03-05T10:00:00Z", "data": data,
    })
    .to_string()
}

/// The positions of events that were sent in; none if there was no answer, or one that says that nothing was done.
pub fn send(agent: &Agent, address: &str, events: &[String]) -> Option<Vec<u64>> {
    let request = agent.post(format!("http://{address}/v1/events"));
    let request = request.header("Content-Type", "application/cloudevents-batch+json");
    let mut answer = request.send(batch(events)).ok()?;
    let status = answer.status().as_u16();
    let said = answer.body_mut().read_to_string().ok()?;
    // 403: a standby; 429 and 503: no place, not open yet, ending, or failed.
    assert!([200, 403, 429, 503].contains(&status), "{status}: {said}");
    if status != 200 {
        return None;
    }
    let answer: Value = serde_json::from_str(&said).expect("JSON");
    let results = answer["results"].as_array().expect("a list").iter();
    Some(results.map(|result| result["position"].as_u64().unwrap_or_else(|| panic!("{result}"))).collect())
}

fn command(whereabouts: &Whereabouts, is_over: &AtomicBool, base: u64) -> Answered {
    let (agent, mut answered) = (agent(), Answered::default());
    for number in base.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        // A referrer may have 20 codes.
        let (name, uid) = (format!("C{number}"), 50_000_000 + number / 20);
        while !make_code(&agent, &whereabouts.now(), &name, uid) {
            answered.again += 1;
            std::thread::sleep(Duration::from_millis(20));
        }
        answered.codes.insert(name, uid);
        std::thread::sleep(Duration::from_millis(3));
    }
    answered
}

/// Makes a code under a key. False if there was no answer, or one that says that nothing was done.
fn make_code(agent: &Agent, address: &str, name: &str, uid: u64) -> bool {
    let body = json!({ "code": name, "spot_rebate_rate": "0.01", "futures_rebate_rate": "0" });
    let request = agent.post(format!("http://{address}/v1/codes?uid={uid}")).content_type("application/json");
    let Ok(mut answer) = request.header("Idempotency-Key", name).send(body.to_string()) else { return false };
    let status = answer.status().as_u16();
    let said = answer.body_mut().read_to_string().unwrap_or_default();
    assert!([201, 403, 429, 503].contains(&status), "{name}: {status} {said}");
    status == 201
}
