//! A message's header, looked for by its name.

use rdkafka::message::{BorrowedMessage, Headers, Message};

/// Among so many headers one is looked for.
const HEADERS_MAX: usize = 64;

/// The value of a header of this name: of several, the last one's.
pub(super) fn header<'m>(message: &'m BorrowedMessage<'_>, name: &str) -> Option<&'m [u8]> {
    message.headers()?.iter().take(HEADERS_MAX).filter(|header| header.key == name).last()?.value
}
