//! A collector of traces: takes them by OTLP over HTTP, and can be away.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use super::wait_for;

/// Takes spans until this is dropped.
pub struct Collector {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    taken: Mutex<Vec<Taken>>,
    is_over: AtomicBool,
}

/// A span with what is told of who sent it.
#[derive(Clone, Debug)]
pub struct Taken {
    pub service: String,
    pub span: Span,
}

impl Collector {
    pub fn start() -> Collector {
        Collector::at("127.0.0.1:0".parse().expect("an address"))
    }

    /// At an address where one was before.
    pub fn at(address: SocketAddr) -> Collector {
        let listener = wait_for("the address is free", 30, || TcpListener::bind(address).ok());
        let address = listener.local_addr().expect("an address");
        let shared = Arc::<Shared>::default();
        let taking = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if taking.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let taking = Arc::clone(&taking);
                std::thread::spawn(move || take(&stream.expect("a connection"), &taking));
            }
        });
        Collector { address, shared }
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}/v1/traces", self.address)
    }

    /// All that was taken so far.
    pub fn spans(&self) -> Vec<Taken> {
        self.shared.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until these spans of a trace were taken, by their names; all of the trace then.
    pub fn wait_for(&self, trace: &str, names: &[&str]) -> Vec<Taken> {
        wait_for(&format!("{names:?} of trace {trace}"), 60, || {
            let of_trace = |taken: &Taken| hex(&taken.span.trace_id) == trace;
            let spans: Vec<Taken> = self.spans().into_iter().filter(of_trace).collect();
            names.iter().all(|name| spans.iter().any(|taken| taken.span.name == *name)).then_some(spans)
        })
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        // Wakes who waits for a connection.
        let _ = TcpStream::connect(self.address);
    }
}

impl Taken {
    pub fn id(&self) -> String {
        hex(&self.span.span_id)
    }

    pub fn parent(&self) -> String {
        hex(&self.span.parent_span_id)
    }

    pub fn trace(&self) -> String {
        hex(&self.span.trace_id)
    }

    /// An attribute as a text.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let found = self.span.attributes.iter().find(|attribute| attribute.key == name)?;
        let value = found.value.as_ref()?.value.as_ref()?;
        if let Value::StringValue(text) = value {
            return Some(text.clone());
        }
        let Value::IntValue(number) = value else { panic!("{name} is {value:?}") };
        Some(number.to_string())
    }
}

/// The one span of a name.
pub fn named<'s>(spans: &'s [Taken], name: &str) -> &'s Taken {
    let mut of_name = spans.iter().filter(|taken| taken.span.name == name);
    let found = of_name.next().unwrap_or_else(|| panic!("no {name} in {spans:#?}"));
    assert!(of_name.next().is_none(), "more than one {name} in {spans:#?}");
    found
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Answers the requests of a connection.
fn take(stream: &TcpStream, shared: &Shared) {
    stream.set_read_timeout(Some(Duration::from_secs(120))).expect("set");
    let mut reader = BufReader::new(stream);
    loop {
        let (mut length, mut is_traces, mut is_protobuf) = (0, false, false);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let line = line.trim_end().to_ascii_lowercase();
            is_traces |= line.starts_with("post /v1/traces http/1.1");
            is_protobuf |= line == "content-type: application/x-protobuf";
            if let Some(bytes) = line.strip_prefix("content-length:") {
                length = bytes.trim().parse().expect("a length");
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() || shared.is_over.load(Ordering::Relaxed) {
            return;
        }
        assert!(is_traces && is_protobuf, "it is no OTLP");
        let request = ExportTraceServiceRequest::decode(&body[..]).expect("OTLP");
        let mut taken = shared.taken.lock().unwrap_or_else(PoisonError::into_inner);
        for of_resource in request.resource_spans {
            let resource = of_resource.resource.expect("a resource");
            let name = resource.attributes.iter().find(|attribute| attribute.key == "service.name");
            let name = name.and_then(|name| name.value.clone()?.value);
            let Some(Value::StringValue(service)) = name else { panic!("no name of the service") };
            let spans = of_resource.scope_spans.into_iter().flat_map(|of_scope| of_scope.spans);
            taken.extend(spans.map(|span| Taken { service: service.clone(), span }));
        }
        drop(taken);
        let answer = ExportTraceServiceResponse::default().encode_to_vec();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: {}\r\n\r\n",
            answer.len()
        );
        let mut stream = stream;
        if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer)).is_err() {
            return;
        }
    }
}
