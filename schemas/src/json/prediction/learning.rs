//! Learning a layout from a text that the strict reader took: it is valid JSON, an object with an object
//! `data` of a known type, and no key of the contract stands twice in it.

use super::super::contract;
use super::super::slot::Shape;
use super::super::syntax::{DATA, ENVELOPE, SPECVERSION, TYPE};
use super::layout::{Kind, Layout, Place, Value};
use crate::event::EventType;

/// The layout of a text; `None` if it has an escape, a list, an object other than `data`, or a value other than
/// a text and a plain integer in a field of the contract. Such texts go to the strict reader.
pub(super) fn learn(text: &str, event_type: EventType) -> Option<Layout> {
    if text.contains('\\') {
        return None;
    }
    let mut scan = Scan { text, at: 0, piece_from: 0, values: Vec::new() };
    scan.object(Object::Envelope, event_type)?;
    let tail = text.get(scan.piece_from..)?.into();
    Some(Layout { event_type, values: scan.values, tail })
}

/// Which object of an event.
#[derive(Clone, Copy, PartialEq)]
enum Object {
    Envelope,
    Data,
}

impl Object {
    fn shape(self, event_type: EventType) -> &'static Shape {
        match self {
            Object::Envelope => &ENVELOPE,
            Object::Data => contract::shape_of(event_type),
        }
    }
}

/// A walk over the text.
struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// Where the piece before the next value begins.
    piece_from: usize,
    values: Vec<Value>,
}

impl<'a> Scan<'a> {
    fn object(&mut self, object: Object, event_type: EventType) -> Option<()> {
        self.expect(b'{')?;
        if self.next() == Some(b'}') {
            return self.expect(b'}');
        }
        loop {
            self.expect(b'"')?;
            let key = self.take_text()?;
            self.expect(b':')?;
            let index = object.shape(event_type).names.iter().position(|name| *name == key);
            self.value(object, index, event_type)?;
            match self.next()? {
                b',' => self.expect(b',')?,
                _ => return self.expect(b'}'),
            }
        }
    }

    fn value(&mut self, object: Object, index: Option<usize>, event_type: EventType) -> Option<()> {
        let place = match (object, index) {
            (Object::Envelope, Some(index)) => Place::Envelope(index),
            (Object::Data, Some(index)) => Place::Data(index),
            (Object::Envelope | Object::Data, None) => Place::Nowhere,
        };
        match (self.next()?, place) {
            (b'"', Place::Envelope(SPECVERSION | TYPE)) => {
                self.expect(b'"')?;
                self.take_text().map(|_| ())
            }
            (b'"', place) => {
                self.expect(b'"')?;
                let from = self.at;
                let length = self.take_text()?.len();
                self.keep(Kind::Text, place, from, from + length)
            }
            (b'{', Place::Envelope(DATA)) => self.object(Object::Data, event_type),
            (b'{' | b'[', _) => None,
            (_, Place::Nowhere) => self.take_token().map(|_| ()),
            (_, place) => {
                let from = self.at;
                let token = self.take_token()?;
                let is_integer = token.bytes().all(|byte| byte.is_ascii_digit());
                if is_integer { self.keep(Kind::Integer, place, from, self.at) } else { None }
            }
        }
    }

    /// Keeps a value, which stands at `from..to`, with the piece before it.
    fn keep(&mut self, kind: Kind, place: Place, from: usize, to: usize) -> Option<()> {
        let before = self.text.get(self.piece_from..from)?.into();
        self.values.push(Value { before, kind, place });
        self.piece_from = to;
        Some(())
    }

    /// The next byte that is no white space; the walk stands before it then.
    fn next(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let blanks = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))?;
        self.at += blanks;
        rest.get(blanks).copied()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then(|| self.at += 1)
    }

    /// The text up to its closing quote; the walk stands behind the quote then.
    fn take_text(&mut self) -> Option<&'a str> {
        let rest = self.text.get(self.at..)?;
        let length = rest.find('"')?;
        self.at += length + 1;
        rest.get(..length)
    }

    /// A number, `true`, `false` or `null`; the walk stands behind it then.
    fn take_token(&mut self) -> Option<&'a str> {
        let rest = self.text.get(self.at..)?;
        let length = rest.find([',', '}', ' ', '\t', '\n', '\r'])?;
        self.at += length;
        rest.get(..length)
    }
}
