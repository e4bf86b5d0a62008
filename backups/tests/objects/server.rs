//! A real server that speaks S3, moto from Python's packages. Where Python or its packages cannot be had, a test says loudly
//! that it was skipped; `TRIBUTARY_REQUIRE_S3=1` makes that a failure.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// It looks at no signature, and lets nobody change an object without one.
const SIGNED: &str = "Content-Type: application/octet-stream\r\nAuthorization: AWS4-HMAC-SHA256 \
    Credential=key/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";

/// A server with a bucket that is called `bucket`. It ends when this is dropped.
pub struct Server {
    process: Child,
    pub address: String,
}

impl Server {
    pub fn start() -> Option<Server> {
        let house = Path::new(env!("CARGO_MANIFEST_DIR"));
        let house = if house.ends_with("backups") { house.parent().expect("a parent") } else { house };
        let made = Command::new(house.join("deploy/analysts/venv.sh"))
            .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("s3"))
            .arg(house.join("tests/python/s3.txt"))
            .output();
        let why = match made {
            Ok(made) if made.status.success() => {
                let python = String::from_utf8_lossy(&made.stdout).trim().to_owned();
                return Some(Server::of(Path::new(&python)));
            }
            Ok(made) => String::from_utf8_lossy(&made.stderr).trim().to_owned(),
            Err(error) => error.to_string(),
        };
        needs::missing(needs::Need::S3, &why);
        None
    }

    fn of(python: &Path) -> Server {
        let mut process = Command::new(python.with_file_name("moto_server"))
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("moto_server runs");
        let mut said = BufReader::new(process.stderr.take().expect("its standard error"));
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert!(said.read_line(&mut line).expect("it is read") > 0, "moto_server ended");
            if let Some((_, address)) = line.split_once("http://") {
                break address.trim().to_owned();
            }
        };
        // It tells every request there; nobody reads it.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        let server = Server { process, address };
        let made = server.ask("PUT", "/bucket", b"");
        assert!(made.starts_with("HTTP/1.1 200"), "{made}");
        server
    }

    /// The names of all objects below a prefix.
    pub fn keys(&self, prefix: &str) -> Vec<String> {
        let listed = self.ask("GET", &format!("/bucket?list-type=2&prefix={prefix}"), b"");
        listed.split("<Key>").skip(1).filter_map(|key| Some(key.split_once("</Key>")?.0.to_owned())).collect()
    }

    /// Puts an object in the place of another.
    pub fn put(&self, key: &str, bytes: &[u8]) {
        let put = self.ask("PUT", &format!("/bucket/{key}"), bytes);
        assert!(put.starts_with("HTTP/1.1 200"), "{put}");
    }

    fn ask(&self, method: &str, target: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let (address, length) = (&self.address, body.len());
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\n{SIGNED}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
