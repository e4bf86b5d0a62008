//! Rules of what-ifs, in TOML and in JSON: read, or refused with a line that the text has.

use replay::what_if::Rules;
use schemas::json::read_event;

use super::sound::{NOW, lines};
use super::{Target, corpus};

pub(super) struct RuleTexts {
    inputs: Vec<Vec<u8>>,
    lines: Vec<Vec<u8>>,
}

impl RuleTexts {
    pub(super) fn new() -> RuleTexts {
        RuleTexts { inputs: corpus("rules"), lines: lines(7, 40) }
    }
}

const WORDS: &[&[u8]] = &[
    b"[[drop]]\n",
    b"[[add]]\n",
    b"type = \"referral.program.v1\"\n",
    b"data = { ",
    b"time = \"2026-01-01T00:00:00Z\"\n",
    b"from = ",
    b"to = ",
    b"where = ",
    b"= 1979-05-27T07:32:00Z",
    b"\"\"\"",
    b"'''",
    b"{\"drop\":[",
    b"{\"add\":[",
    b"nan",
    b"-inf",
    b"0x",
    b"1_000",
    b"#",
    b"\n",
    b"]]",
    b"a.b.c = ",
    b"\\U0010FFFF",
];

impl Target for RuleTexts {
    fn inputs(&self) -> &[Vec<u8>] {
        &self.inputs
    }

    fn words(&self) -> &[&[u8]] {
        WORDS
    }

    fn check(&self, input: &[u8]) -> Result<(), String> {
        let text = String::from_utf8_lossy(input);
        for read in [Rules::of_toml(&text), Rules::of_json(&text)] {
            match read {
                Ok(rules) => {
                    let events = self.lines.iter().filter_map(|line| read_event(line, NOW).ok());
                    std::hint::black_box(events.filter(|event| rules.drops(event)).count());
                }
                Err(error) if error.line.is_some_and(|line| line == 0 || line > text.lines().count() + 1) => {
                    return Err(format!("it names line {:?} of {}: {error}", error.line, text.lines().count()));
                }
                Err(_) => {}
            }
        }
        Ok(())
    }
}
