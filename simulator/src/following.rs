//! The entries of a ledger that is open, as the steps of a life need them.

use ingest::Handle;
use ledger::FrameCursor;
use schemas::Event;

use crate::failure::Failure;

/// The entries of a ledger that is open, read on as it grows: after each step only what is new. An audit reads all again.
pub(crate) struct Following {
    events: Vec<Event<'static>>,
    after: FrameCursor,
}

impl Following {
    /// Nothing read yet.
    pub(crate) fn nothing() -> Following {
        Following { events: Vec::new(), after: FrameCursor::START }
    }

    /// All of them are read.
    pub(crate) fn of(events: Vec<Event<'static>>, handle: &Handle) -> Following {
        Following { events, after: handle.reader().end() }
    }

    pub(crate) fn events(&self) -> &[Event<'static>] {
        &self.events
    }

    /// Reads on to the ledger's end.
    pub(crate) fn read_on(&mut self, handle: &Handle) -> Result<(), Failure> {
        let reader = handle.reader();
        let (dictionary, end) = (reader.dictionary(), reader.end());
        for frame in reader.frames(&self.after) {
            for entry in frame?.entries(&dictionary) {
                self.events.push(entry?.1.into_owned());
            }
        }
        self.after = end;
        Ok(())
    }
}
