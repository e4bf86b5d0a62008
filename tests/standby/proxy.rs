//! What stands between a standby and its leader, and can be cut.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Passes connections on until it is dropped.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    to: Mutex<String>,
    is_cut: AtomicBool,
    is_over: AtomicBool,
}

impl Proxy {
    pub fn to(address: &str) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let own = listener.local_addr().expect("an address");
        let to = Mutex::new(address.to_owned());
        let shared = Arc::new(Shared { to, is_cut: AtomicBool::new(false), is_over: AtomicBool::new(false) });
        let passing = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if passing.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(stream), false) = (stream, passing.is_cut.load(Ordering::Relaxed)) else { continue };
                let passing = Arc::clone(&passing);
                std::thread::spawn(move || pass(&stream, &passing));
            }
        });
        Proxy { address: own, shared }
    }

    /// From now on it leads there.
    pub fn leads_to(&self, address: &str) {
        address.clone_into(&mut self.shared.to.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on nothing gets through; connections that there are end.
    pub fn cut(&self) {
        self.shared.is_cut.store(true, Ordering::Relaxed);
    }

    pub fn mend(&self) {
        self.shared.is_cut.store(false, Ordering::Relaxed);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        // Wakes who waits for a connection.
        let _ = TcpStream::connect(self.address);
    }
}

fn pass(from: &TcpStream, shared: &Arc<Shared>) {
    let address = shared.to.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let Ok(to) = TcpStream::connect(address) else { return };
    let back = {
        let (to, from) = (to.try_clone().expect("a stream"), from.try_clone().expect("a stream"));
        let shared = Arc::clone(shared);
        std::thread::spawn(move || carry(&to, &from, &shared))
    };
    carry(from, &to, shared);
    back.join().expect("no panic");
}

fn carry(mut from: &TcpStream, mut to: &TcpStream, shared: &Shared) {
    from.set_read_timeout(Some(Duration::from_millis(20))).expect("set");
    let mut bytes = [0; 65_536];
    while !shared.is_cut.load(Ordering::Relaxed) && !shared.is_over.load(Ordering::Relaxed) {
        match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => {
                if to.write_all(&bytes[..count]).is_err() {
                    break;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
