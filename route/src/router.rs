//! A router's life: one session after another, until it cannot go on.

use crate::error::RouteError;
use crate::known::Known;
use crate::port::RouterPort;
use crate::session::{Outlets, Routed, Session};

/// A router. What it knows of parents outlives its sessions.
pub struct Router<P> {
    known: Known,
    routed: Routed,
    session: Option<Session<P>>,
}

/// What a turn came to.
#[derive(Debug)]
pub enum Turned {
    /// A session has begun, or went on.
    GoesOn,
    /// Something failed that may pass: the session is over, and the next turn begins another. What its transaction had read
    /// is read again then.
    Failed(RouteError),
}

impl<P: RouterPort> Default for Router<P> {
    fn default() -> Router<P> {
        Router::new()
    }
}

impl<P: RouterPort> Router<P> {
    /// One that knows nothing yet, as a process begins.
    #[must_use]
    pub fn new() -> Router<P> {
        Router { known: Known::nothing(), routed: Routed::default(), session: None }
    }

    /// What was routed so far, in transactions that are known to be committed.
    #[must_use]
    pub fn routed(&self) -> Routed {
        self.routed
    }

    /// How many sub-accounts are known, and how many bytes of memory they take.
    #[must_use]
    pub fn known(&self) -> (usize, usize) {
        (self.known.parents.len(), self.known.parents.memory_bytes())
    }

    /// Begins a session where there is none; else routes what there is, up to some number, and waits a little if there is
    /// nothing. `open` gives a port that reads the platform's topic from an offset on.
    ///
    /// # Errors
    /// If it cannot go on: the settings or topics are not as they have to be, another router has its id, or something is
    /// gone that was to be read. It must not be asked for another turn then.
    pub fn turn(
        &mut self,
        open: &mut dyn FnMut(i64) -> Result<(P, Outlets), RouteError>,
        stop: &dyn Fn() -> bool,
    ) -> Result<Turned, RouteError> {
        match self.try_turn(open, stop) {
            Ok(()) => Ok(Turned::GoesOn),
            Err(error) => {
                self.session = None;
                if error.is_final() { Err(error) } else { Ok(Turned::Failed(error)) }
            }
        }
    }

    fn try_turn(
        &mut self,
        open: &mut dyn FnMut(i64) -> Result<(P, Outlets), RouteError>,
        stop: &dyn Fn() -> bool,
    ) -> Result<(), RouteError> {
        if let Some(session) = &mut self.session {
            return session.turn(&mut self.known, &mut self.routed);
        }
        let session = Session::open(open(self.known.next())?, &mut self.known, stop)?;
        self.session = Some(session);
        let (sub_accounts, bytes) = self.known();
        tracing::info!(sub_accounts, bytes, "ready to route");
        Ok(())
    }
}
