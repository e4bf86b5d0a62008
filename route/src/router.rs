//! A router's life: one session after another, until it is told to end or cannot go on.

use std::time::{Duration, Instant};

use crate::error::RouteError;
use crate::options::RouterOptions;
use crate::platform_reader::Known;
use crate::session::{Routed, Session};

/// How long to wait before it is tried again where it failed.
const PAUSE: Duration = Duration::from_secs(2);
/// How often it is told how far it is.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// Routes until told to stop. Gives what was routed.
///
/// # Errors
/// If it cannot go on: the settings or topics are not as they have to be, another router has its id, or something is gone
/// that was to be read. What may pass is tried again, and told in the log.
pub fn route(options: &RouterOptions, stop: &dyn Fn() -> bool) -> Result<Routed, RouteError> {
    options.check()?;
    let (mut known, mut routed) = (Known::default(), Routed::default());
    while !stop() {
        match session(options, &mut known, &mut routed, stop) {
            Ok(()) => break,
            Err(error) if error.is_final() => return Err(error),
            Err(error) => {
                tracing::error!(%error, pause = ?PAUSE, "routing failed; it begins again");
                pause(stop);
            }
        }
    }
    Ok(routed)
}

fn session(
    options: &RouterOptions,
    known: &mut Known,
    routed: &mut Routed,
    stop: &dyn Fn() -> bool,
) -> Result<(), RouteError> {
    let mut session = Session::open(options, known, stop)?;
    tracing::info!(sub_accounts = known.parents.len(), bytes = known.parents.memory_bytes(), "ready to route");
    let (mut told, mut before) = (Instant::now(), *routed);
    while !stop() {
        session.turn(known, routed)?;
        if told.elapsed() >= TELL_EVERY {
            if *routed != before {
                let Routed { to_families, to_platform, unreadable, transactions } = *routed;
                let sub_accounts = known.parents.len();
                tracing::info!(to_families, to_platform, unreadable, transactions, sub_accounts, "routed so far");
            }
            (told, before) = (Instant::now(), *routed);
        }
    }
    Ok(())
}

fn pause(stop: &dyn Fn() -> bool) {
    let until = Instant::now() + PAUSE;
    while !stop() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
}
