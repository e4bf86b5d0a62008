//! Questions asked while the daemon is killed, stopped or out of something: what a reader was shown stays so.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use workload::DEMO_UID;

use crate::daemon_support::daemon::Daemon;
use crate::trial::Whereabouts;

/// How many answers of a load are kept, to be asked for again.
const KEPT: usize = 4;

/// An answer, and the position that it reflects.
pub struct Shown {
    path: String,
    position: u64,
    answer: Value,
}

impl Shown {
    /// Asks again, as of the position of then.
    pub fn is_still_so(&self, daemon: &Daemon) {
        let path = format!("{}&as_of={}", self.path, self.position);
        assert_eq!(daemon.get(&path), self.answer, "{path}");
    }
}

/// Asks until it is told to stop. Every answer is right or says that it cannot be given now; some are kept.
pub fn ask(whereabouts: &Whereabouts, is_over: &AtomicBool) -> Vec<Shown> {
    let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(20)));
    let agent: Agent = config.build().into();
    let mut kept = Vec::new();
    let get = |path: &str| -> Option<(u16, String)> {
        let address = whereabouts.now()?;
        let mut answer = agent.get(format!("http://{address}{path}")).call().ok()?;
        let body = answer.body_mut().read_to_string().ok()?;
        Some((answer.status().as_u16(), body))
    };
    while !is_over.load(Ordering::Relaxed) {
        let path = path_of(rand::random_range(0..5));
        match get(&path) {
            None | Some((429 | 503, _)) => {}
            Some((200, body)) => {
                let answer: Value = serde_json::from_str(&body).expect("JSON");
                let position = answer["as_of"]["position"].as_u64().expect("a position");
                if position > 0 && rand::random_ratio(1, 4) {
                    kept.push(Shown { path, position, answer });
                    if kept.len() > KEPT {
                        kept.swap_remove(rand::random_range(0..KEPT));
                    }
                }
            }
            Some((status, body)) => panic!("{path}: {status} {body}"),
        }
        std::thread::sleep(Duration::from_millis(3));
    }
    kept
}

fn path_of(number: u32) -> String {
    let (uid, range) = (DEMO_UID.0, "from=2025-05-01&to=2025-06-30");
    match number {
        0 => format!("/v1/overview?uid={uid}&{range}"),
        1 => format!("/v1/overview/series?uid={uid}&{range}&interval=week"),
        2 => format!("/v1/countries?uid={uid}&{range}&limit=500"),
        3 => format!("/v1/referrals?uid={uid}&limit=100&sort=commission"),
        _ => format!("/v1/codes?uid={uid}"),
    }
}
