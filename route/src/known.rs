//! Who is whose parent, as far as the platform's topic was read: from its beginning to its end, and on from there.

use std::time::Duration;

use schemas::json::Predictor;

use crate::error::RouteError;
use crate::far_future::FAR_FUTURE;
use crate::parents::Parents;
use crate::port::{PlatformRead, RouterPort};

/// How long there may be neither a message nor the end.
const SILENT_MAX: Duration = Duration::from_secs(60);
/// How long the client is asked for a message when there is none.
const WAIT: Duration = Duration::from_millis(200);
/// So many messages are taken at most before anything else is looked at.
const AT_ONCE: usize = 100_000;

/// What was known, and where reading goes on. It outlives a session, not the process.
pub(crate) struct Known {
    pub(crate) parents: Parents,
    next: i64,
    read: Predictor,
}

impl Known {
    /// Nothing read yet.
    pub(crate) fn nothing() -> Known {
        Known { parents: Parents::new(), next: 0, read: Predictor::new() }
    }

    /// The offset in the platform's topic at which reading goes on.
    pub(crate) fn next(&self) -> i64 {
        self.next
    }

    /// Reads up to the end, as it is when it comes there.
    ///
    /// # Errors
    /// If nothing comes.
    pub(crate) fn read_to_end<P: RouterPort>(
        &mut self,
        port: &mut P,
        stop: &dyn Fn() -> bool,
    ) -> Result<(), RouteError> {
        let mut silent_since = port.now();
        while !stop() {
            match self.learn(port, WAIT)? {
                PlatformRead::Message => silent_since = port.now(),
                PlatformRead::End => return Ok(()),
                PlatformRead::Nothing if port.now().saturating_sub(silent_since) > SILENT_MAX => {
                    return Err(RouteError::Broken("no broker gives what the platform's topic holds".to_owned()));
                }
                PlatformRead::Nothing => {}
            }
        }
        Ok(())
    }

    /// Reads what is there, and waits for nothing.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn catch_up<P: RouterPort>(&mut self, port: &mut P) -> Result<(), RouteError> {
        for _ in 0..AT_ONCE {
            if self.learn(port, Duration::ZERO)? == PlatformRead::Nothing {
                break;
            }
        }
        Ok(())
    }

    fn learn<P: RouterPort>(&mut self, port: &mut P, wait: Duration) -> Result<PlatformRead, RouteError> {
        let Known { parents, next, read } = self;
        port.read_platform(wait, &mut |offset, text| {
            *next = offset + 1;
            // What cannot be read was not put there by a router, and is nobody's registration.
            if let Some(Ok(event)) = text.map(|text| read.read_event(text, FAR_FUTURE)) {
                parents.learn(&event);
            }
        })
    }
}
