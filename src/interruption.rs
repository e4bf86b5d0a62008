//! SIGINT and SIGTERM are heard by a thread, so that a command ends what it is at: what is in flight becomes durable,
//! what is half-written is removed. A second one ends the process at once.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::Failure;
use crate::resources;

/// What a process gets whose file grows beyond its limit. Heard, it leaves the write to fail, as a full disk does.
const FILE_SIZE_EXCEEDED: i32 = 25;

/// Says from now on whether a signal asked to break off.
///
/// # Errors
/// If signals cannot be heard.
pub(crate) fn watch() -> Result<&'static AtomicBool, Failure> {
    static BROKEN_OFF: AtomicBool = AtomicBool::new(false);
    let runtime = resources::small_runtime()?;
    let listen = || -> std::io::Result<(Signal, Signal, Signal)> {
        let size = signal(SignalKind::from_raw(FILE_SIZE_EXCEEDED))?;
        Ok((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?, size))
    };
    let entered = runtime.enter();
    let (mut terminate, mut interrupt, _size) = listen().context("no signals")?;
    drop(entered);
    let listening = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            for is_first in [true, false] {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                BROKEN_OFF.store(true, Ordering::Relaxed);
                if !is_first {
                    std::process::exit(1);
                }
            }
        });
    });
    listening.context("no thread to hear signals in")?;
    Ok(&BROKEN_OFF)
}
