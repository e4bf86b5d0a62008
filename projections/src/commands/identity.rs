//! The identities of events that commands append. Deterministic: the same state and command give the same event.
//!
//! With an idempotency key, the id holds a digest of the key and one of the command: so the ledger itself knows
//! which keys were used for what, after any restart.

use ledger::{Position, ReadError};
use schemas::{Body, Event, StreamKey, Uid};

use super::Command;
use super::fingerprint::{digest, fingerprint, former_fingerprint};
use crate::query::View;
use crate::state::{KeyDigest, State};

/// The CloudEvents source of all events that commands append (SPEC 4).
pub const COMMAND_SOURCE: &str = "/tributary/api";

const KEYED: &str = "key-";
/// In an id a digest is so many lower-case hexadecimal digits.
const DIGEST_LEN: usize = 2 * size_of::<KeyDigest>();

/// The digests of an idempotency key and of the command it was used for.
pub(super) struct Key {
    pub(super) key: KeyDigest,
    pub(super) command: KeyDigest,
}

impl Key {
    /// The id of an event that a command with this key appends.
    pub(super) fn event_id(&self) -> String {
        format!("{KEYED}{}-{}", hexadecimal(self.key), hexadecimal(self.command))
    }

    /// Whether an event of this id was appended by the same command: by this program, or by an earlier version of it.
    pub(super) fn is_of(&self, id: &str, command: &Command) -> bool {
        if mutants::mutant!("key-compared-by-its-prefix") {
            return id.get(..KEYED.len() + DIGEST_LEN) == self.event_id().get(..KEYED.len() + DIGEST_LEN);
        }
        id == self.event_id() || id == Key { command: former_fingerprint(command), ..*self }.event_id()
    }
}

pub(super) fn hexadecimal(digest: KeyDigest) -> String {
    format!("{:032x}", u128::from_be_bytes(digest))
}

/// The digest that stands in an id.
fn digest_of(text: &str) -> Option<KeyDigest> {
    let digits = text.as_bytes();
    let are_digits = digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    let number = (digits.len() == DIGEST_LEN && are_digits).then(|| u128::from_str_radix(text, 16).ok())?;
    number.map(u128::to_be_bytes)
}

/// A key belongs to the referrer that is acted for.
pub(super) fn key_of(uid: Uid, key: &str, command: &Command) -> Key {
    Key { key: digest(&format!("{uid}\n{key}")), command: fingerprint(command) }
}

/// The id of the event: by its key, or by the position it will have; later commands have later ids.
pub(super) fn command_id(view: &View<'_>, body: &Body<'_>, key: Option<&Key>) -> Result<String, ReadError> {
    if let Some(key) = key {
        return Ok(key.event_id());
    }
    let next = view.state.position() + 1;
    let probe = |id: &str| {
        let event =
            Event { source: COMMAND_SOURCE.into(), id: id.to_owned().into(), time: view.now, body: body.clone() };
        let stream: StreamKey<'_> = event.stream();
        view.state.index().find(stream, COMMAND_SOURCE, id, view.reader)
    };
    let mut id = format!("{next:012}");
    // Only an event posted under the API's own source can stand in the way.
    for attempt in 1u32.. {
        if probe(&id)?.is_none() {
            break;
        }
        id = format!("{next:012}-{attempt}");
    }
    Ok(id)
}

/// A code that nobody has: eight letters and digits that are not mistaken for one another.
pub(super) fn generated_code(view: &View<'_>, uid: Uid, key: Option<&Key>) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let base = key.map_or_else(|| view.state.position().to_string(), |key| hexadecimal(key.key));
    let mut attempt = 0u64;
    loop {
        let hash = blake3::hash(format!("{uid}\n{base}\n{attempt}").as_bytes());
        let code: String =
            hash.as_bytes()[..8].iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
        if view.state.index().code_owner(&code).is_none() {
            return code;
        }
        attempt += 1;
    }
}

/// Whether an event is a command's.
pub(crate) fn is_command(event: &Event<'_>) -> bool {
    event.source == COMMAND_SOURCE
}

impl State {
    /// Remembers the idempotency key that a command's event bears in its id.
    pub(crate) fn note_keyed_command(&mut self, position: Position, event: &Event<'_>) {
        if !is_command(event) {
            return;
        }
        let digests = event.id.strip_prefix(KEYED).and_then(|rest| rest.split_once('-'));
        if let Some(key) = digests.and_then(|(key, _)| digest_of(key)) {
            self.keyed_commands.entry(key).or_insert(position);
        }
    }
}
