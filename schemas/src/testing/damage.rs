//! Damage to a text, as wires, disks and hand-made producers do it.

use proptest::prelude::*;

/// One damage: where, as a fraction of the text's length, and what is done there.
#[derive(Clone, Debug)]
pub struct Damage {
    at: u16,
    how: How,
}

#[derive(Clone, Debug)]
enum How {
    Flip(u8),
    Insert(Vec<u8>),
    Remove(usize),
    Repeat(usize),
    Cut,
}

/// Arbitrary damage.
pub fn damage() -> impl Strategy<Value = Damage> {
    let pieces: Vec<Vec<u8>> = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\\/",
        "\\u",
        "\\u0041",
        "\\ud800",
        "null",
        "true",
        "1e400",
        "-0",
        "1.0",
        "0",
        ".0",
        "e0",
        "\0",
        "\n",
        " ",
        "\u{7f}",
        "\u{feff}",
        "é",
        "\"id\":1,",
        "\"uid\":1,",
        "\"data\":{},",
        "[[[[",
        "NaN",
    ]
    .iter()
    .map(|piece| piece.as_bytes().to_vec())
    .collect();
    let how = prop_oneof![
        any::<u8>().prop_map(How::Flip),
        prop::sample::select(pieces).prop_map(How::Insert),
        prop::collection::vec(any::<u8>(), 1..4).prop_map(How::Insert),
        (1..20usize).prop_map(How::Remove),
        (1..60usize).prop_map(How::Repeat),
        Just(How::Cut),
    ];
    (any::<u16>(), how).prop_map(|(at, how)| Damage { at, how })
}

impl Damage {
    /// Does it to a text.
    pub fn apply(&self, text: &mut Vec<u8>) {
        let at = text.len() * usize::from(self.at) / usize::from(u16::MAX);
        match &self.how {
            How::Flip(bits) => {
                if let Some(byte) = text.get_mut(at) {
                    *byte ^= bits;
                }
            }
            How::Insert(bytes) => {
                text.splice(at..at, bytes.iter().copied());
            }
            How::Remove(count) => {
                let end = text.len().min(at + count);
                text.drain(at..end);
            }
            How::Repeat(count) => {
                let end = text.len().min(at + count);
                let again = text[at..end].to_vec();
                text.splice(at..at, again);
            }
            How::Cut => text.truncate(at),
        }
    }
}
