//! What goes on after the history: at its own pace, so that no day is unlike the others, or at the one asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ingest::{Feed, Handle};
use workload::{Live, Workload};

use super::TICK;

/// The stream after a history, at the pace of the history or so many events a second; none where that is 0.
pub(super) fn stream(workload: &Workload, rate: Option<u32>) -> Option<Live> {
    match rate {
        None => Some(workload.live_on()),
        Some(0) => None,
        Some(rate) => Some(workload.live(rate)),
    }
}

/// How the history goes on.
pub(super) fn in_words(workload: &Workload, rate: Option<u32>) -> String {
    match rate {
        Some(0) => "no live stream".to_owned(),
        Some(rate) => format!("{rate} events a second come live"),
        None => {
            let tenths = workload.pause_micros() / 100_000;
            format!(
                "events come live at the history's pace, one in {}.{} s (more with --rate)",
                tenths / 10,
                tenths % 10
            )
        }
    }
}

/// Feeds what is due until it is over.
pub(super) fn go_on(mut live: Live, mut feed: Feed, handle: &Handle, is_over: &AtomicBool) {
    let name: Arc<str> = "live".into();
    let mut line = 1;
    while !is_over.load(Ordering::Relaxed) {
        let mut text = Vec::new();
        let due = live.due(handle.now());
        for event in &due {
            schemas::json::write_event(event, &mut text);
            text.push(b'\n');
        }
        if !due.is_empty() {
            if feed.push_lines(&name, line, text).is_err() {
                return;
            }
            line += due.len() as u64;
        }
        std::thread::sleep(TICK);
    }
}
