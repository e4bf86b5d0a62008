//! What stands between a standby and its leader: it can be cut, hold a request back, answer it by itself, and spoil a byte of what
//! it is answered with.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    watch: Mutex<Watch>,
}

/// What is done with requests, by a part of their targets.
#[derive(Default)]
struct Watch {
    /// What was asked for.
    targets: Vec<String>,
    /// Requests that do not get through yet.
    held: Option<&'static str>,
    /// Requests for what nobody here knows.
    unknown: Option<&'static str>,
    /// Requests of which a byte of the answer is turned, each once.
    spoiled: Vec<&'static str>,
    spoils_next: bool,
}

impl Proxy {
    pub fn to(address: &str) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let own = listener.local_addr().expect("an address");
        let to = Mutex::new(address.to_owned());
        let shared = Arc::new(Shared {
            to,
            is_cut: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            watch: Mutex::default(),
        });
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

    /// From now on requests with this in their targets wait, until others do or the proxy is gone.
    pub fn holds(&self, part: &'static str) {
        self.shared.watch().held = Some(part);
    }

    /// From now on requests with this in their targets are answered with 404.
    pub fn knows_nothing_of(&self, part: &'static str) {
        self.shared.watch().unknown = Some(part);
    }

    /// A byte of the answer is turned of the next request with this in its target.
    pub fn spoils(&self, part: &'static str) {
        self.shared.watch().spoiled.push(part);
    }

    /// What was asked for so far, one target after the other.
    pub fn targets(&self) -> Vec<String> {
        self.shared.watch().targets.clone()
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

impl Shared {
    fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_open(&self) -> bool {
        !self.is_cut.load(Ordering::Relaxed) && !self.is_over.load(Ordering::Relaxed)
    }

    /// A request, which comes in one piece; whether it is passed on.
    fn asks(&self, bytes: &[u8], mut from: &TcpStream) -> bool {
        let Some(target) = bytes.strip_prefix(b"GET ").and_then(|rest| rest.split(|byte| *byte == b' ').next()) else {
            return true;
        };
        let target = String::from_utf8_lossy(target).into_owned();
        self.watch().targets.push(target.clone());
        let is_held = |watch: &Watch| watch.held.is_some_and(|part| target.contains(part));
        while is_held(&self.watch()) && self.is_open() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let mut watch = self.watch();
        if watch.unknown.is_some_and(|part| target.contains(part)) {
            let answered = from.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}");
            assert!(answered.is_ok() || !self.is_open(), "{answered:?}");
            return false;
        }
        if let Some(at) = watch.spoiled.iter().position(|part| target.contains(part)) {
            watch.spoiled.remove(at);
            watch.spoils_next = true;
        }
        true
    }

    /// Some of an answer. The last byte of the first piece is turned that is longer than headers are.
    fn answers(&self, bytes: &mut [u8]) {
        if bytes.len() > 1_000 && std::mem::take(&mut self.watch().spoils_next) {
            bytes[bytes.len() - 1] ^= 1;
        }
    }
}

fn pass(from: &TcpStream, shared: &Arc<Shared>) {
    let address = shared.to.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let Ok(to) = TcpStream::connect(address) else { return };
    let back = {
        let (to, from) = (to.try_clone().expect("a stream"), from.try_clone().expect("a stream"));
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            carry(&to, &from, &shared, |bytes, _| {
                shared.answers(bytes);
                true
            })
        })
    };
    carry(from, &to, shared, |bytes, from| shared.asks(bytes, from));
    back.join().expect("no panic");
}

fn carry(mut from: &TcpStream, mut to: &TcpStream, shared: &Shared, looks: impl Fn(&mut [u8], &TcpStream) -> bool) {
    from.set_read_timeout(Some(Duration::from_millis(20))).expect("set");
    let mut bytes = [0; 65_536];
    while shared.is_open() {
        match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => {
                if looks(&mut bytes[..count], from) && to.write_all(&bytes[..count]).is_err() {
                    break;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
