//! Questions: a path, parameters, cursors. Each is answered or refused, and none is a fault of the program. An input is a
//! text: `overview?uid=7&from=2026-03-01`; the parameter `sealed` is the JSON of a cursor, which is made one.

use api::{Caller, answer};
use ingest::Started;
use ledger::MemoryStorage;
use projections::query::write_cursor;
use schemas::Uid;

use super::sound::{NOW, filled, lines, options};
use super::{Target, corpus};

pub(super) struct Questions {
    inputs: Vec<Vec<u8>>,
    started: Started,
}

impl Questions {
    pub(super) fn new() -> Questions {
        let started = filled(options(&MemoryStorage::new(), u64::MAX), &lines(6, 300), 20);
        Questions { inputs: corpus("question"), started }
    }
}

const WORDS: &[&[u8]] = &[
    b"uid=7",
    b"&limit=",
    b"&cursor=",
    b"&sealed=",
    b"&from=2026-03-01",
    b"&to=2026-03-31",
    b"&as_of=",
    b"&sort=",
    b"&order=desc",
    b"&code=",
    b"&country=DE",
    b"&product=spot",
    b"&after=",
    b"&state=",
    b"&interval=month",
    b"&q=",
    b"2026-02-30",
    b"9999-12-31",
    b"0000-01-01",
    b"true",
    b"all",
    b"*",
    b"null",
    b"[]",
    b"[1,2,3]",
    b"/",
    b"%",
];

impl Target for Questions {
    fn inputs(&self) -> &[Vec<u8>] {
        &self.inputs
    }

    fn words(&self) -> &[&[u8]] {
        WORDS
    }

    fn check(&self, input: &[u8]) -> Result<(), String> {
        let text = String::from_utf8_lossy(input);
        let (path, rest) = text.split_once('?').unwrap_or((&text, ""));
        let path: Vec<&str> = path.trim().split('/').collect();
        let pairs = rest.trim_end().split('&').filter_map(|pair| pair.split_once('='));
        let parameters: Vec<(String, String)> = pairs
            .map(|(name, value)| match (name, serde_json::from_str::<serde_json::Value>(value)) {
                ("sealed", Ok(content)) => ("cursor".to_owned(), write_cursor(&content)),
                _ => (name.to_owned(), value.to_owned()),
            })
            .collect();
        let reader = self.started.handle.reader();
        let caller =
            if input.len().is_multiple_of(3) { Caller::affiliate(Uid(70_000_015)) } else { Caller::operator() };
        let answered = self.started.handle.read(|view| answer(view, &reader, &caller, &path, &parameters, NOW));
        match answered {
            Err(problem) if problem.status() >= 500 => Err(format!("{}: {problem}", problem.status())),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}
