//! What the system has to give before a command begins: descriptors and threads. Libraries take it for granted that
//! they get them, and panic where they do not; so it is tried before they are called.

use std::fs::File;
use std::sync::mpsc::channel;
use std::thread::{Builder, available_parallelism};

use anyhow::Context;
use tokio::runtime::Runtime;

use crate::exit::Failure;

/// What a runtime takes to hear signals and to serve, and some for the work besides.
const DESCRIPTORS_MIN: usize = 24;

/// The signal (SIGXFSZ) of a process whose file grows beyond its limit, by which it would end without a word. Heard, it leaves
/// the write to fail, as a full disk does.
pub(crate) const FILE_SIZE_EXCEEDED: i32 = 25;

/// A runtime that hears signals on the thread that waits for them.
///
/// # Errors
/// If the system does not give what it takes.
pub(crate) fn small_runtime() -> Result<Runtime, Failure> {
    check(1)?;
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime to hear signals in")?)
}

/// A runtime on all cores.
///
/// # Errors
/// If the system does not give what it takes.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    check(available_parallelism().map_or(1, usize::from) + 1)?;
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no runtime to serve with")?)
}

/// Tries whether the system gives descriptors, and so many threads at once.
fn check(threads: usize) -> Result<(), Failure> {
    let descriptors: Result<Vec<File>, _> = (0..DESCRIPTORS_MIN).map(|_| File::open("/dev/null")).collect();
    drop(descriptors.with_context(|| {
        format!("{DESCRIPTORS_MIN} files cannot be open besides: raise the limit of open files (ulimit -n)")
    })?);
    let mut ends = Vec::with_capacity(threads);
    for _ in 0..threads {
        let (end, ended) = channel::<()>();
        let thread = Builder::new().name("try".to_owned()).spawn(move || {
            // It ends when its sender is dropped.
            let _ = ended.recv();
        });
        let thread = thread.with_context(|| {
            format!("{threads} threads cannot run besides: raise the limits of the system (ulimit -u, ulimit -v)")
        })?;
        ends.push((end, thread));
    }
    for (end, thread) in ends {
        drop(end);
        let _ = thread.join();
    }
    Ok(())
}
