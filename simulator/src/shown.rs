//! What readers were shown, kept to be asked for again: an answer as of a position never changes.

use api::{Caller, answer};
use ingest::Handle;
use projections::View;
use schemas::Uid;

use crate::failure::Failure;

/// A question, the position that it was asked as of, and the answer.
pub(crate) struct Shown {
    position: u64,
    path: Vec<String>,
    parameters: Vec<(String, String)>,
    answer: Vec<u8>,
}

impl Shown {
    /// Asks as of a position for the first time.
    pub(crate) fn of(
        handle: &Handle,
        position: u64,
        path: Vec<String>,
        parameters: Vec<(String, String)>,
    ) -> Result<Shown, Failure> {
        let mut shown = Shown { position, path, parameters, answer: Vec::new() };
        shown.answer = shown.ask(handle)?;
        Ok(shown)
    }

    /// Asks once more.
    pub(crate) fn check(&self, handle: &Handle) -> Result<(), Failure> {
        let now = self.ask(handle)?;
        if now == self.answer {
            return Ok(());
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Err(Failure::of(format!(
            "{} {:?} as of {} was\n{}\nand is\n{}",
            self.path.join("/"),
            self.parameters,
            self.position,
            text(&self.answer),
            text(&now)
        )))
    }

    fn ask(&self, handle: &Handle) -> Result<Vec<u8>, Failure> {
        let reader = handle.reader();
        let caller = Caller::operator();
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        // A refusal, as of a code that is not there, is an answer too.
        let ask = |view: &View<'_>| {
            let answered = answer(view, &reader, &caller, &path, &self.parameters, view.now);
            answered.map_or_else(|problem| format!("{problem:?}").into_bytes(), |answer| answer.body)
        };
        let failure = |error: &dyn std::fmt::Display| Failure::of(format!("as of {}: {error}", self.position));
        let named = self.parameters.iter().find(|(name, _)| name == "uid").and_then(|(_, uid)| Uid::parse(uid));
        if let Some(referrer) = named {
            // Before the state of then is made, from which it would be answered as well.
            let of_excerpt = handle.read_as_of_about(referrer, self.position, ask).map_err(|error| failure(&error))?;
            let of_state = handle.read_as_of(self.position, ask).map_err(|error| failure(&error))?;
            if of_excerpt != of_state {
                let texts = [of_excerpt, of_state].map(|answer| String::from_utf8_lossy(&answer).into_owned());
                let asked = self.path.join("/");
                return Err(Failure::of(format!("{asked} as of {}: excerpt and state: {texts:?}", self.position)));
            }
            return Ok(of_state);
        }
        handle.read_as_of(self.position, ask).map_err(|error| failure(&error))
    }
}
