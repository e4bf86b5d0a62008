//! What has to hold of what was seen: what a daemon takes follows what it holds. How long an answer takes is drawn, and no law.

use crate::Plan;
use crate::asking::Answer;
use crate::figures::{kinds, quantile};
use crate::sampling::Sample;

/// What a daemon may take beyond its state and what it holds of the past without an explanation: buffers, and what the
/// allocator keeps.
const UNEXPLAINED: f64 = 64.0 * 1_048_576.0;
/// Until this many seconds are over, buffers and threads are still on their way to their usual size.
const WARM: f64 = 600.0;
/// Descriptors and threads come and go with connections.
const SOME: f64 = 24.0;

/// Compares the last quarter of the time with the second.
pub fn hold(plan: &Plan, samples: &[Sample], answers: &[Answer]) {
    assert!(samples.len() >= 8, "{} samples", samples.len());
    let of = |quarter: usize| &samples[samples.len() * quarter / 4..samples.len() * (quarter + 1) / 4];
    let (early, late) = (of(1), of(3));
    let middle =
        |part: &[Sample], value: fn(&Sample) -> f64| quantile(&part.iter().map(value).collect::<Vec<_>>(), 0.5);
    let most = |part: &[Sample], value: fn(&Sample) -> f64| part.iter().map(value).fold(0.0, f64::max);

    let state = middle(late, |sample| sample.state) - middle(early, |sample| sample.state);
    let beyond = |part| middle(part, |sample| sample.anonymous - sample.state - sample.past);
    let grown = beyond(late) - beyond(early);
    // A snapshot, a checkpoint and what a question about the past is worked out with are made of the state, so they grow with it.
    let explained = if plan.seconds < WARM { 4.0 * UNEXPLAINED } else { UNEXPLAINED } + 2.0 * state.max(0.0);
    println!(
        "soak: from the second quarter to the last, the state grew by {state:.0} bytes, memory beyond it by {grown:.0}"
    );
    assert!(grown <= explained, "memory grew by {grown:.0} bytes beyond the state, which grew by {state:.0}");

    let files = most(late, |sample| sample.files) - most(early, |sample| sample.files);
    let descriptors = most(late, |sample| sample.descriptors) - most(early, |sample| sample.descriptors);
    assert!(descriptors <= SOME + files.max(0.0), "descriptors grew by {descriptors}, files by {files}");
    let threads = most(late, |sample| sample.threads) - most(early, |sample| sample.threads);
    assert!(threads <= SOME, "threads grew by {threads}");

    // All was on, and the ledger was not held up: what waited at the end is what comes in a few seconds.
    let lag = middle(late, |sample| sample.lag);
    assert!(lag <= (plan.rate * 30) as f64, "{lag} messages waited over the last quarter");
    assert!(most(late, |sample| sample.checkpoints) > 0.0, "checkpoints are kept");
    for kind in ["short", "command", "as of", "long", "what-if", "export beside"] {
        assert!(kinds(answers).contains(&kind), "nothing was answered of: {kind}");
    }
}
