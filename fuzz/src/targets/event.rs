//! Texts of events: read by prediction as they are read strictly, and as they were when they were written again.

use std::cell::RefCell;

use schemas::json::{Predictor, read_event, write_event};
use schemas::{Dictionary, Event, Rejection, record};

use super::sound::{NOW, lines};
use super::{Target, corpus};

pub(super) struct Events {
    inputs: Vec<Vec<u8>>,
    /// One that has learnt the layouts; each run goes on with what those before taught.
    predictor: RefCell<Predictor>,
}

impl Events {
    pub(super) fn new() -> Events {
        let mut inputs = corpus("event");
        inputs.extend(lines(1, 400));
        let mut predictor = Predictor::new();
        for input in &inputs {
            drop(predictor.read_event(input, NOW));
        }
        Events { inputs, predictor: RefCell::new(predictor) }
    }
}

const WORDS: &[&[u8]] = &[
    b"\"specversion\":\"1.0\"",
    b"\"type\":\"referral.trade.v1\"",
    b"\"type\":\"referral.offer.v1\"",
    b"\"data\":{",
    b"\"uid\":",
    b"\"time\":\"2026-03-01T00:00:00Z\"",
    b"\"time\":\"9999-12-31T23:59:60.999999999+23:59\"",
    b"\"fee_usd\":\"0.000000001\"",
    b"\"volume_usd\":\"170141183460469231731687303715884105727\"",
    b"\"tiers\":[{\"name\":\"a\",\"reward\":\"b\",\"all\":[",
    b"null",
    b"true",
    b"1e999",
    b"-0",
    b"\\u0000",
    b"\\uD800",
    b"\\uDC00",
    b"\xEF\xBB\xBF",
    b"\xFF",
    b"{\"",
    b"}}",
    b"[[[[[[[[",
    b"\r\n",
    b",",
    b":",
];

impl Target for Events {
    fn inputs(&self) -> &[Vec<u8>] {
        &self.inputs
    }

    fn words(&self) -> &[&[u8]] {
        WORDS
    }

    fn check(&self, input: &[u8]) -> Result<(), String> {
        let strict = read_event(input, NOW);
        same(&strict, &self.predictor.borrow_mut().read_event(input, NOW))?;
        // Once more, now that its own layout may be known; and by one that knows nothing.
        same(&strict, &self.predictor.borrow_mut().read_event(input, NOW))?;
        same(&strict, &Predictor::new().read_event(input, NOW))?;
        let Ok(event) = strict else { return Ok(()) };
        let mut text = Vec::new();
        write_event(&event, &mut text);
        let read = read_event(&text, NOW);
        if read.as_ref() != Ok(&event) {
            return Err(format!("written as {} it reads {read:?}, it was {event:?}", String::from_utf8_lossy(&text)));
        }
        let (dictionary, mut bytes) = (Dictionary::new(), Vec::new());
        record::encode(&event, &dictionary, &mut bytes);
        match record::decode(&bytes, &dictionary) {
            Ok(decoded) if decoded == event => Ok(()),
            other => Err(format!("its record reads {other:?}, it was {event:?}")),
        }
    }
}

fn same(strict: &Result<Event<'_>, Rejection>, predicted: &Result<Event<'_>, Rejection>) -> Result<(), String> {
    if strict == predicted { Ok(()) } else { Err(format!("predicted {predicted:?}, strict {strict:?}")) }
}
