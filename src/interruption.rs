//! SIGINT, SIGTERM and SIGHUP are heard by a thread, so that a command ends what it is at: what is in flight becomes
//! durable, what is half-written is removed. A second one ends the process at once, and so does time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::Failure;
use crate::output::say;
use crate::{resources, stopping};

/// Whether the ledger is being opened: then nothing is in flight yet.
static OPENING: AtomicBool = AtomicBool::new(false);

/// Opens a ledger, which may take long. A signal that is heard meanwhile ends the process at once.
pub(crate) fn while_opening<T>(open: impl FnOnce() -> T) -> T {
    OPENING.store(true, Ordering::Relaxed);
    let opened = open();
    OPENING.store(false, Ordering::Relaxed);
    opened
}

/// Says from now on whether a signal asked to break off; from that signal on the end may take so long. A SIGHUP that is
/// ignored, as under `nohup`, stays so.
///
/// # Errors
/// If signals cannot be heard.
pub(crate) fn watch(end: Duration) -> Result<&'static AtomicBool, Failure> {
    static BROKEN_OFF: AtomicBool = AtomicBool::new(false);
    let runtime = resources::small_runtime()?;
    let listen = || -> std::io::Result<(Vec<Signal>, Signal)> {
        let size = signal(SignalKind::from_raw(resources::FILE_SIZE_EXCEEDED))?;
        let mut kinds = vec![SignalKind::terminate(), SignalKind::interrupt()];
        kinds.extend(Some(SignalKind::hangup()).filter(|kind| !is_ignored(*kind)));
        Ok((kinds.into_iter().map(signal).collect::<Result<_, _>>()?, size))
    };
    let entered = runtime.enter();
    let (mut signals, _size) = listen().context("no signals")?;
    drop(entered);
    let listening = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            for is_first in [true, false] {
                std::future::poll_fn(|context| {
                    let any = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
                    if any { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
                BROKEN_OFF.store(true, Ordering::Relaxed);
                if OPENING.load(Ordering::Relaxed) {
                    say("tributary: broken off while the ledger was being opened: nothing was taken in, and what was \
                         durable is as it was");
                    std::process::exit(1);
                }
                if !is_first {
                    std::process::exit(1);
                }
                stopping::bound(end, None);
            }
        });
    });
    listening.context("no thread to hear signals in")?;
    Ok(&BROKEN_OFF)
}

/// Whether the process was started with a signal ignored, as the system tells it.
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    u32::try_from(kind.as_raw_value() - 1).is_ok_and(|bit| mask >> bit & 1 == 1)
}
