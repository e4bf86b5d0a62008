//! The way of messages from a real broker as traces: what their senders began is seen to its end, and the batch that they
//! came in from its first message to the disk. Needs a JDK and Maven; without them it says that it was skipped.

mod daemon_support;

use std::time::Duration;

use daemon_support::broker;
use daemon_support::collector::{Collector, hex, named};
use daemon_support::daemon::Daemon;
use rdkafka::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

const FIRST: &str = "0af7651916cd43dd8448eb211c80319c";
const SECOND: &str = "1bf7651916cd43dd8448eb211c80319d";
const SENDER: &str = "b7ad6b7169203331";

fn send(producer: &BaseProducer, topic: &str, payload: &str, headers: &[&str]) {
    let headers =
        headers.iter().fold(OwnedHeaders::new().insert(Header { key: "other", value: Some("x") }), |all, one| {
            all.insert(Header { key: "traceparent", value: Some(*one) })
        });
    let record = BaseRecord::<str, str>::to(topic).payload(payload).headers(headers);
    producer.send(record).map_err(|(error, _)| error).expect("room");
}

fn registration(number: u32) -> String {
    format!(
        r#"{{"specversion":"1.0","type":"referral.registration.v1","source":"/test","id":"r{number}","time":"2026-03-01T00:00:00Z","data":{{"uid":{number},"account_type":"major","country":"DE","code":"X1"}}}}"#
    )
}

#[test]
fn a_message_is_seen_in_its_senders_trace_up_to_what_became_of_it_and_its_batch_in_one_of_its_own() {
    let Some(broker) = broker::plain() else { return };
    let (folder, collector) = (tempfile::tempdir().expect("a folder"), Collector::start());
    broker.topic("traced", 1);
    let mut config = ClientConfig::new();
    // One batch, so that it is seen whole.
    config.set("bootstrap.servers", &broker.address).set("linger.ms", "500");
    let producer: BaseProducer = config.create().expect("a producer");
    let parent = |trace: &str, flags: &str| format!("00-{trace}-{SENDER}-{flags}");
    send(&producer, "traced", &registration(1), &[]);
    // Of several, the last one counts.
    send(&producer, "traced", &registration(2), &[&parent(SECOND, "01"), &parent(FIRST, "01")]);
    send(&producer, "traced", "no event", &[&parent(SECOND, "01")]);
    send(&producer, "traced", &registration(3), &[&parent("22222222222222222222222222222222", "00")]);
    send(&producer, "traced", &registration(4), &["no traceparent"]);
    producer.flush(Duration::from_secs(60)).expect("sent");

    let endpoint = collector.endpoint();
    // Of traces that begin here none would be sent, were it not for the messages.
    let variables = [("TRIBUTARY_TRACES_ENDPOINT", &*endpoint), ("TRIBUTARY_TRACES_ONE_IN", "1000000000")];
    let arguments = ["--brokers", &broker.address, "--topic", "traced"];
    let daemon = Daemon::ready(&folder.path().join("data"), &arguments, &variables);

    let first = collector.wait_for(FIRST, &["process traced"]);
    let second = collector.wait_for(SECOND, &["process traced"]);
    let (first, second) = (named(&first, "process traced"), named(&second, "process traced"));
    assert_eq!((first.parent().as_str(), second.parent().as_str()), (SENDER, SENDER));
    assert_eq!(first.span.kind, 5, "a consumer");
    assert_eq!(first.attribute("messaging.destination.name").as_deref(), Some("traced"));
    assert_eq!(first.attribute("messaging.kafka.offset").as_deref(), Some("1"));
    let became = |span: &daemon_support::collector::Taken| {
        ["outcome", "position", "reason"].map(|name| span.attribute(&format!("tributary.{name}")))
    };
    assert_eq!(became(first), [Some("accepted".to_owned()), Some("2".to_owned()), None]);
    assert_eq!(became(second), [Some("quarantined".to_owned()), None, Some("malformed".to_owned())]);

    let links: Vec<String> = first.span.links.iter().map(|link| hex(&link.trace_id)).collect();
    let [batch_trace] = &links[..] else { panic!("one link to the batch: {links:?}") };
    let names = ["batch", "fetch", "wait", "decode", "commit", "append", "fsync", "apply"];
    let spans = collector.wait_for(batch_trace, &names);
    let batch = named(&spans, "batch");
    assert_eq!((batch.parent().as_str(), batch.attribute("messaging.batch.message_count").as_deref()), ("", Some("5")));
    assert_eq!(batch.id(), hex(&first.span.links[0].span_id));
    let senders: Vec<String> = batch.span.links.iter().map(|link| hex(&link.trace_id)).collect();
    assert_eq!(senders, [FIRST, SECOND]);
    for name in ["fetch", "wait", "decode", "commit"] {
        assert_eq!(named(&spans, name).parent(), batch.id(), "{name}");
    }
    let commit = named(&spans, "commit");
    for name in ["append", "fsync", "apply"] {
        assert_eq!(named(&spans, name).parent(), commit.id(), "{name}");
    }
    let begun = |name: &str| named(&spans, name).span.start_time_unix_nano;
    assert!(begun("batch") <= begun("fetch") && begun("fetch") <= begun("decode"), "from the first message on");
    assert_eq!(daemon.position(), 4);
}
