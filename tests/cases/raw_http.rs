//! HTTP as bytes, where a client of a library would not ask so.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Response {
    pub status: u16,
    pub headers: String,
    pub body: String,
}

/// Opens a connection to a daemon's address.
pub fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    stream
}

/// Sends a request on a connection of its own: its first line without the version, its headers a line each, its body.
pub fn ask(address: &str, request: &str, headers: &str, body: &str) -> Response {
    let mut stream = connect(address);
    let length = body.len();
    let text = format!("{request} HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}");
    stream.write_all(text.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").expect("an end of the headers");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Response { status, headers: head.to_owned(), body: body.to_owned() }
}

impl Response {
    /// The cookies that a browser keeps which came here over plain http: those that are Secure are not among them.
    pub fn cookies_kept(&self) -> Vec<String> {
        let set = self.set_cookies().filter(|cookie| !is_secure(cookie));
        set.map(|cookie| cookie.split(';').next().unwrap_or_default().to_owned()).collect()
    }

    /// The cookies that are set, with their attributes.
    pub fn set_cookies(&self) -> impl Iterator<Item = &str> {
        self.headers.lines().filter_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("set-cookie").then_some(value)
        })
    }
}

pub fn is_secure(cookie: &str) -> bool {
    cookie.split("; ").skip(1).any(|attribute| attribute.eq_ignore_ascii_case("secure"))
}
