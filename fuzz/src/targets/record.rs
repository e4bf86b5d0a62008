//! Records: what reads as an event is written as one that reads the same.

use schemas::json::read_event;
use schemas::{Dictionary, record};

use super::Target;
use super::sound::{NOW, lines};

pub(super) struct RecordBytes {
    inputs: Vec<Vec<u8>>,
    dictionary: Dictionary,
}

impl RecordBytes {
    pub(super) fn new() -> RecordBytes {
        let dictionary = Dictionary::new();
        for text in ["/exchange/spot", "/exchange/accounts", "BTCUSDT", "USDT", "BNB", "crypto", ""] {
            dictionary.insert(text);
        }
        let read = lines(2, 400);
        let events = read.iter().filter_map(|line| read_event(line, NOW).ok());
        let records = events.map(|event| {
            let mut bytes = Vec::new();
            record::encode(&event, &dictionary, &mut bytes);
            bytes
        });
        RecordBytes { inputs: records.collect(), dictionary }
    }
}

impl Target for RecordBytes {
    fn inputs(&self) -> &[Vec<u8>] {
        &self.inputs
    }

    fn check(&self, input: &[u8]) -> Result<(), String> {
        let Ok(event) = record::decode(input, &self.dictionary) else { return Ok(()) };
        let mut bytes = Vec::new();
        record::encode(&event, &self.dictionary, &mut bytes);
        match record::decode(&bytes, &self.dictionary) {
            Ok(again) if again == event => Ok(()),
            other => Err(format!("written again it reads {other:?}, it was {event:?}")),
        }
    }
}
