//! A router on real brokers, until it is told to end.

use std::time::{Duration, Instant};

use crate::client::Client;
use crate::error::RouteError;
use crate::measured_port::Measured;
use crate::options::RouterOptions;
use crate::router::{Router, Turned};
use crate::session::Routed;

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
    let mut router = Router::new();
    let (mut told, mut before) = (Instant::now(), Routed::default());
    while !stop() {
        let mut open = |next| {
            options.metrics.opening();
            let (client, outlets) = Client::open(options, next)?;
            Ok((Measured::new(client, options.metrics.clone()), outlets))
        };
        let turned = router.turn(&mut open, stop).inspect_err(|error| options.metrics.failed(error))?;
        options.metrics.told(&router.routed(), router.known());
        match turned {
            Turned::GoesOn => {}
            Turned::Failed(error) => {
                options.metrics.failed(&error);
                tracing::error!(%error, pause = ?PAUSE, "routing failed; it begins again");
                pause(stop);
            }
        }
        if told.elapsed() >= TELL_EVERY {
            let routed = router.routed();
            if routed != before {
                let Routed { to_families, to_platform, unreadable, transactions } = routed;
                let (sub_accounts, _) = router.known();
                tracing::info!(to_families, to_platform, unreadable, transactions, sub_accounts, "routed so far");
            }
            (told, before) = (Instant::now(), routed);
        }
    }
    Ok(router.routed())
}

fn pause(stop: &dyn Fn() -> bool) {
    let until = Instant::now() + PAUSE;
    while !stop() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
}
