//! What is listened on: a socket, plain or with TLS.

use tokio::net::TcpListener;

use crate::tls::Tls;

/// A socket that is listened on, and the TLS that is spoken on it, if any is.
pub struct Listener {
    pub(super) tcp: TcpListener,
    pub(super) tls: Option<Tls>,
}

impl Listener {
    /// The socket, with TLS or without.
    #[must_use]
    pub fn new(tcp: TcpListener, tls: Option<Tls>) -> Listener {
        Listener { tcp, tls }
    }
}

impl From<TcpListener> for Listener {
    /// Plain.
    fn from(tcp: TcpListener) -> Listener {
        Listener { tcp, tls: None }
    }
}
