//! Stands between a client and a server, and does what networks and stores do now and then.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is answered with 503, and the server does not get it.
    Unavailable,
    /// It is answered with 403, which no second try helps against.
    Forbidden,
    /// The connection is cut in the middle of its body.
    CutRequest,
    /// The server does it, and the answer is lost.
    LoseAnswer,
    /// The connection is cut in the middle of the answer.
    CutAnswer,
}

/// Whether something happens to a request, by its method, its target, and how many came before.
type Rule = Box<dyn FnMut(&str, &str, usize) -> Option<Fault> + Send>;

struct Shared {
    upstream: String,
    rule: Mutex<Rule>,
    seen: Mutex<Vec<String>>,
}

/// A proxy in front of a server, until the process ends.
pub struct Proxy {
    pub address: String,
    shared: Arc<Shared>,
}

impl Proxy {
    pub fn before(upstream: &str, rule: impl FnMut(&str, &str, usize) -> Option<Fault> + Send + 'static) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let rule: Mutex<Rule> = Mutex::new(Box::new(rule));
        let shared = Arc::new(Shared { upstream: upstream.to_owned(), rule, seen: Mutex::default() });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                // A connection that fails is the matter of whoever made it.
                std::thread::spawn(move || serve(client, &shared).map_or((), |()| ()));
            }
        });
        Proxy { address, shared }
    }

    /// The requests so far, a line each.
    pub fn seen(&self) -> Vec<String> {
        self.shared.seen.lock().expect("no panic").clone()
    }
}

/// One request; the connection is closed after it.
fn serve(client: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        let is_end = line == "\r\n";
        if is_end {
            head.push_str("Connection: close\r\n");
        }
        if !lower.starts_with("connection:") {
            head.push_str(&line);
        }
        if is_end {
            break;
        }
    }
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let fault = {
        let mut seen = shared.seen.lock().expect("no panic");
        let fault = (shared.rule.lock().expect("no panic"))(method, target, seen.len());
        seen.push(format!("{method} {target}"));
        fault
    };
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut client = client;
    match fault {
        Some(Fault::Unavailable) => {
            return client.write_all(b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
        Some(Fault::Forbidden) => {
            return client.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
        Some(Fault::CutRequest | Fault::LoseAnswer | Fault::CutAnswer) | None => {}
    }
    let mut server = TcpStream::connect(&shared.upstream)?;
    server.write_all(head.as_bytes())?;
    if fault == Some(Fault::CutRequest) {
        return server.write_all(&body[..length / 2]);
    }
    server.write_all(&body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    match fault {
        Some(Fault::LoseAnswer) => Ok(()),
        Some(Fault::CutAnswer) => client.write_all(&answer[..answer.len() / 2]),
        _ => client.write_all(&answer),
    }
}
