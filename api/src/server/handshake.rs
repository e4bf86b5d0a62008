//! The handshake of a connection over TLS, and what becomes of it where none is made.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::tls::Unfit;

/// Of handshakes that come to nothing, it is told so often for each reason.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// A client has so long to read why there is no handshake.
const GOODBYE: Duration = Duration::from_millis(250);
/// A client sends so much at most before it knows.
const UNREAD_BYTES_MAX: u64 = 64 * 1024;

/// What a client began with.
pub(super) enum Begun {
    /// TLS, and the handshake is done.
    Secured(Box<TlsStream<TcpStream>>),
    /// Plain HTTP: it can be told so.
    Plain(TcpStream),
}

/// Makes the handshake. How long it may take is the caller's matter.
pub(super) async fn shake(stream: TcpStream, config: Arc<ServerConfig>) -> Result<Begun, (Unfit, io::Error)> {
    let mut first = [0];
    let seen = stream.peek(&mut first).await.map_err(|error| (Unfit::Gone, error))?;
    // A handshake begins with 22; a method of HTTP, and the preface of HTTP/2, with a capital letter.
    if seen == 1 && first[0].is_ascii_uppercase() {
        return Ok(Begun::Plain(stream));
    }
    match TlsAcceptor::from(config).accept(stream).into_fallible().await {
        Ok(stream) => Ok(Begun::Secured(Box::new(stream))),
        Err((error, stream)) => {
            let _in_time_or_not = timeout(GOODBYE, let_go(stream)).await;
            Err((reason(&error), error))
        }
    }
}

/// Ends a connection after the alert that says why. What the client had sent by then is read: to close on it unread would
/// take the alert from it.
async fn let_go(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut unread = stream.take(UNREAD_BYTES_MAX);
    tokio::io::copy(&mut unread, &mut tokio::io::sink()).await.map(drop)
}

fn reason(error: &io::Error) -> Unfit {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::NoCertificatesPresented) => Unfit::NoCertificate,
        Some(rustls::Error::InvalidCertificate(_)) => Unfit::BadCertificate,
        Some(rustls::Error::AlertReceived(_)) => Unfit::ToldByClient,
        Some(_) => Unfit::Protocol,
        None => Unfit::Gone,
    }
}

/// Tells of handshakes that came to nothing: of the first for a reason at once, then how many there were, now and then.
#[derive(Default)]
pub(super) struct UnfitLog {
    told: Mutex<BTreeMap<Unfit, (Instant, u64)>>,
}

impl UnfitLog {
    pub(super) fn tell(&self, why: Unfit, peer: IpAddr, detail: &dyn std::fmt::Display) {
        // Who looks whether the port is open, and goes, is no matter of the log.
        if why != Unfit::Gone
            && let Some(more) = self.count(why)
        {
            tracing::warn!(reason = why.as_str(), %peer, %detail, more, "a TLS handshake came to nothing");
        }
    }

    /// How many were not told of since one last was, if it is time to tell again.
    fn count(&self, why: Unfit) -> Option<u64> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match told.get_mut(&why) {
            Some((last, more)) if last.elapsed() < TELL_EVERY => {
                *more += 1;
                None
            }
            Some((last, more)) => {
                *last = now;
                Some(std::mem::take(more))
            }
            None => {
                told.insert(why, (now, 0));
                Some(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn handshakes_that_come_to_nothing_are_told_once_a_minute_for_each_reason_with_their_number() {
        let log = UnfitLog::default();
        assert_eq!(log.count(Unfit::PlainHttp), Some(0));
        assert_eq!((log.count(Unfit::PlainHttp), log.count(Unfit::PlainHttp)), (None, None));
        assert_eq!(log.count(Unfit::Protocol), Some(0));
        tokio::time::sleep(TELL_EVERY).await;
        assert_eq!(log.count(Unfit::PlainHttp), Some(2));
        tokio::time::sleep(TELL_EVERY).await;
        assert_eq!(log.count(Unfit::PlainHttp), Some(0));
    }
}
