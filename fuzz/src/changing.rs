//! How a valid input becomes one that nobody meant.

use crate::dice::Dice;

/// No input grows beyond so many bytes by being changed.
const BYTES_MAX: usize = 1 << 16;
/// No piece that is left out, doubled or exchanged is longer.
const PIECE_MAX: usize = 64;

/// Numbers that are met at the edges of what is counted.
const EDGES: &[u64] = &[
    0,
    1,
    2,
    7,
    8,
    63,
    64,
    127,
    128,
    251,
    252,
    253,
    255,
    256,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x10000,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    0x1_0000_0000,
    (1 << 47) - 1,
    1 << 47,
    (1 << 63) - 1,
    1 << 63,
    u64::MAX - 1,
    u64::MAX,
];

/// Changes an input in one step or several. `words` are what inputs of this kind are made of, `others` are other inputs.
pub(crate) fn change(input: &mut Vec<u8>, words: &[&[u8]], others: &[Vec<u8>], dice: &mut Dice) {
    let most = 1 << dice.below(4);
    let steps = 1 + dice.below(most);
    for _ in 0..steps {
        step(input, words, others, dice);
        input.truncate(BYTES_MAX);
    }
}

fn step(input: &mut Vec<u8>, words: &[&[u8]], others: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(input.len() + 1);
    let piece = at..(at + 1 + dice.below(PIECE_MAX)).min(input.len()).max(at);
    match dice.below(14) {
        0 | 1 => with_byte(input, at, |byte| byte ^ (1 << dice.below(8))),
        2 => with_byte(input, at, |_| dice.draw() as u8),
        3 => with_byte(input, at, |byte| byte.wrapping_add(1)),
        4 => with_byte(input, at, |byte| byte.wrapping_sub(1)),
        5 => {
            let number = EDGES[dice.below(EDGES.len())];
            let length = [1, 2, 4, 8][dice.below(4)];
            overwrite(input, at, &number.to_le_bytes()[..length]);
        }
        6 => {
            input.drain(piece);
        }
        7 => {
            let doubled = input[piece].to_vec();
            input.splice(at..at, doubled);
        }
        8 => {
            let (other, to) = (input[piece].to_vec(), dice.below(input.len() + 1));
            overwrite(input, to, &other);
        }
        9 => {
            let filled = dice.one_of(&[0, 0xFF, b' ', b'9', b'"']).copied().unwrap_or_default();
            input[piece].fill(filled);
        }
        10 => input.truncate(at),
        11 | 12 if !words.is_empty() => {
            let word = dice.one_of(words).copied().unwrap_or_default();
            if dice.once_in(2) {
                input.splice(at..at, word.iter().copied()).for_each(drop)
            } else {
                overwrite(input, at, word)
            }
        }
        13 if !others.is_empty() => {
            let other = dice.one_of(others).map(Vec::as_slice).unwrap_or_default();
            let from = dice.below(other.len() + 1);
            let to = (from + 1 + dice.below(4 * PIECE_MAX)).min(other.len());
            let taken = other.get(from..to).unwrap_or_default();
            input.splice(piece, taken.iter().copied()).for_each(drop);
        }
        _ => {
            let number = number(dice);
            input.splice(at..at, number).for_each(drop);
        }
    }
}

/// A number as texts write it, or as varints do.
fn number(dice: &mut Dice) -> Vec<u8> {
    let edge = EDGES[dice.below(EDGES.len())];
    match dice.below(4) {
        0 => edge.to_string().into_bytes(),
        1 => format!("-{edge}").into_bytes(),
        2 => format!("{edge}.{}", dice.draw() % 1_000_000_000).into_bytes(),
        _ => {
            let (mut rest, mut bytes) = (edge, Vec::new());
            while rest >= 0x80 {
                bytes.push(rest as u8 | 0x80);
                rest >>= 7;
            }
            bytes.push(rest as u8);
            bytes
        }
    }
}

fn with_byte(input: &mut [u8], at: usize, change: impl FnOnce(u8) -> u8) {
    if let Some(byte) = input.get_mut(at) {
        *byte = change(*byte);
    }
}

fn overwrite(input: &mut [u8], at: usize, with: &[u8]) {
    let rest = input.get_mut(at..).unwrap_or_default();
    let length = rest.len().min(with.len());
    rest[..length].copy_from_slice(&with[..length]);
}
