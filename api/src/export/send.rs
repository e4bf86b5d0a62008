//! A body that is written on a thread of its own while it is sent. The thread waits for the client, but not for
//! ever.

use std::io::{Error, ErrorKind, Write};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::carried::Carried;

const PART_BYTES: usize = 64 * 1024;
/// So many parts wait for the client.
const PARTS_MAX: usize = 4;
/// A client that takes nothing for so long is given up.
const STALL_TIMEOUT: Duration = Duration::from_secs(60);

enum Part {
    Bytes(Bytes),
    /// All is written. A body without it was cut off.
    End,
}

/// A body of what is written. If writing fails, or stops, the body is cut off, and so is seen not to be whole.
pub(super) fn written_while_sent(write: impl FnOnce(&mut PartWriter) -> Result<(), Error> + Send + 'static) -> Body {
    let (parts, sent) = channel(PARTS_MAX);
    let runtime = Handle::current();
    let here = Carried::here();
    tokio::task::spawn_blocking(move || {
        let mut writer = PartWriter { parts, runtime, part: Vec::with_capacity(PART_BYTES) };
        let written = write(&mut writer).and_then(|()| writer.flush()).and_then(|()| writer.send(Part::End));
        if let Err(error) = written {
            here.around(|| tracing::info!(%error, "an export was cut off"));
        }
    });
    Body::from_stream(stream::unfold(Some(sent), |sent| async {
        let mut sent: Receiver<Part> = sent?;
        match sent.recv().await {
            Some(Part::Bytes(bytes)) => Some((Ok(bytes), Some(sent))),
            Some(Part::End) => None,
            None => Some((Err(Error::other("the export was cut off")), None)),
        }
    }))
}

/// Gathers what is written into parts, and hands them on.
pub(super) struct PartWriter {
    parts: Sender<Part>,
    runtime: Handle,
    part: Vec<u8>,
}

impl PartWriter {
    fn send(&self, part: Part) -> Result<(), Error> {
        let sent = self.runtime.block_on(async { tokio::time::timeout(STALL_TIMEOUT, self.parts.send(part)).await });
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Error::new(ErrorKind::BrokenPipe, "the client has gone")),
            Err(_) => Err(Error::new(ErrorKind::TimedOut, "the client takes nothing")),
        }
    }
}

impl Write for PartWriter {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let taken = bytes.len().min(PART_BYTES - self.part.len());
        self.part.extend_from_slice(&bytes[..taken]);
        if self.part.len() == PART_BYTES {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.part.is_empty() {
            return Ok(());
        }
        let part = std::mem::replace(&mut self.part, Vec::with_capacity(PART_BYTES));
        self.send(Part::Bytes(part.into()))
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_client_that_goes_away_stops_what_is_written_for_it() {
        let (ended, has_ended) = tokio::sync::oneshot::channel();
        let mut body = written_while_sent(move |out| {
            let failed = loop {
                if let Err(error) = out.write_all(&[b'x'; PART_BYTES]) {
                    break error;
                }
            };
            // It has to be told while the test waits.
            let _ = ended.send(failed.kind());
            Err(failed)
        });
        let first = body.frame().await.expect("a part").expect("it is written");
        assert_eq!(first.into_data().expect("bytes").len(), PART_BYTES);
        drop(body);
        assert_eq!(has_ended.await, Ok(ErrorKind::BrokenPipe));
    }
}
