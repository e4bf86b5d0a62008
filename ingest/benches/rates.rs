//! How fast events get in: `cargo bench -p tributary-ingest`. Each rate is of one run over the same events, with the
//! rates of what it is made of beside it.
//!
//! `cargo bench -p tributary-ingest -- parse`, `files`, `api`, `kafka`: only that part. `TRIBUTARY_BENCH_EVENTS` sets
//! how many events (1,000,000), `TRIBUTARY_BENCH_DIR` where the ledgers are made. They are kept as the command keeps
//! them: with checkpoints, the one at the end included for files. 5 % of the events come twice, 5 % of the lines have
//! another layout than most. From Kafka they are taken in order, and with 5 % and half of them displaced by up to
//! 100,000 others; the broker is a real one beside it, on the same cores; without its programs that part is skipped.

#[path = "../tests/support/real.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod real;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use checkpoints::{KeepPolicy, KeptCheckpoints, SledStore};
use ingest::files::{Input, import};
use ingest::kafka::{KafkaOptions, KafkaSource};
use ingest::metrics::Metrics;
use ingest::{CheckpointPolicy, PastOptions, Pipeline, PipelineOptions, RunWriting, StartOptions, SystemClock, start};
use ledger::{Batch, DiskStorage, LedgerOptions};
use projections::query::Links;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use schemas::Timestamp;
use schemas::dictionary::Dictionary;
use schemas::json::{Predictor, read_event};
use workload::{Share, Shares, Workload};

fn main() {
    // `cargo test` builds benches and runs them with `--test`: nothing is measured then.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let wanted = std::env::var("TRIBUTARY_BENCH_EVENTS").ok().and_then(|text| text.parse().ok());
    let folder = std::env::var_os("TRIBUTARY_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(folder).expect("a folder");
    let count = wanted.unwrap_or(1_000_000);
    let events = Events::draw(count, 0);
    println!("{} lines, {} bytes, {} bytes a line", events.lines, events.text.len(), events.text.len() / events.lines);
    let wanted = |part: &str| {
        let mut named = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).peekable();
        named.peek().is_none() || named.any(|name| name == part)
    };
    if wanted("parse") {
        parse(&events);
    }
    if wanted("files") {
        files(&events, folder.path());
    }
    if wanted("api") {
        api(&events, folder.path());
    }
    if wanted("kafka") {
        let Some(broker) = real::broker() else { return };
        for (topic, disorder) in [("in-order", 0), ("displaced", 5), ("half-displaced", 50)] {
            let displaced = (disorder > 0).then(|| Events::draw(count, disorder));
            println!("{disorder} % displaced:");
            kafka(displaced.as_ref().unwrap_or(&events), &broker, topic, folder.path());
        }
    }
}

/// A history as NDJSON.
struct Events {
    text: Vec<u8>,
    lines: usize,
}

impl Events {
    /// A share of them displaced, in hundredths; nothing else is late.
    fn draw(count: u64, disorder: u32) -> Events {
        let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
        let workload = Workload::sized(1, count, end);
        let none = Share::NONE;
        let shares = Shares {
            late_seconds: none,
            late_minutes: none,
            late_hours: none,
            late_days: none,
            late_registrations: none,
            displaced: Share::percent(disorder),
            duplicates: Share::percent(5),
            respelled_lines: Share::percent(5),
            broken_lines: none,
            blank_lines: none,
            ..workload.shares.clone()
        };
        let workload = Workload { shares, ..workload };
        let (mut text, mut lines) = (Vec::new(), 0);
        let mut source = workload.lines();
        while source.write_next(&mut text) {
            lines += 1;
        }
        Events { text, lines }
    }

    fn each(&self) -> impl Iterator<Item = &[u8]> {
        self.text.split_inclusive(|byte| *byte == b'\n')
    }

    fn rate(&self, name: &str, run: impl FnOnce()) -> u128 {
        let begun = Begun::now();
        run();
        self.told(name, begun)
    }

    /// Events a second.
    fn told(&self, name: &str, begun: Begun) -> u128 {
        let micros = begun.at.elapsed().as_micros().max(1);
        let cpu_nanos = (cpu_ticks() - begun.cpu_ticks) * TICK_NANOS / self.lines as u64;
        let rate = self.lines as u128 * 1_000_000 / micros;
        println!("{name:44} {rate:>10} events/s {cpu_nanos:>6} ns of a core an event");
        rate
    }
}

/// A moment, and the time that this process had spent on cores by then.
struct Begun {
    at: Instant,
    cpu_ticks: u64,
}

impl Begun {
    fn now() -> Begun {
        Begun { at: Instant::now(), cpu_ticks: cpu_ticks() }
    }
}

/// Linux counts in hundredths of a second.
const TICK_NANOS: u64 = 10_000_000;

/// The time that this process has spent on cores; 0 where the system does not say.
fn cpu_ticks() -> u64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
    fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

/// The memory of this process without what it maps of files; 0 where the system does not say.
fn resident_kib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or(0)
}

/// What reading the events alone costs, on one thread.
fn parse(events: &Events) {
    let now = Timestamp::parse("2026-04-01T00:00:00Z").expect("a time");
    events.rate("strict reader, one thread", || {
        assert!(events.each().all(|line| read_event(line, now).is_ok()));
    });
    events.rate("predicting reader, one thread", || {
        let mut predictor = Predictor::new();
        assert!(events.each().all(|line| predictor.read_event(line, now).is_ok()));
    });
    events.rate("predicting reader and encoding, one thread", || {
        let (mut predictor, dictionary) = (Predictor::new(), Arc::new(Dictionary::new()));
        let mut batch = Batch::new(Arc::clone(&dictionary), now);
        for line in events.each() {
            let event = predictor.read_event(line, now).expect("valid");
            batch.push_event(&event, line, String::new);
            if batch.len() == 1_000 {
                batch = Batch::new(Arc::clone(&dictionary), now);
            }
        }
    });
}

/// Files into a ledger on disk, durable and applied.
fn files(events: &Events, folder: &Path) {
    let plain = folder.join("events.ndjson");
    std::fs::write(&plain, &events.text).expect("written");
    let zstd = folder.join("events.ndjson.zst");
    std::fs::write(&zstd, zstd::encode_all(&events.text[..], 1).expect("compressed")).expect("written");
    let gzip = folder.join("events.ndjson.gz");
    let file = std::fs::File::create(&gzip).expect("made");
    let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, &events.text).expect("compressed");
    encoder.finish().expect("written");
    for (name, path) in [("import, plain", &plain), ("import, zstd", &zstd), ("import, gzip", &gzip)] {
        let data = folder.join(name);
        events.rate(name, || {
            let pipeline = open(&data);
            let inputs = [Input::File(path.clone())];
            let imported = import(pipeline.feed(), &inputs, &mut |_| ControlFlow::Continue(())).expect("imported");
            assert_eq!(imported.tally.events(), events.lines as u64);
            pipeline.stop().expect("stopped");
        });
        std::fs::remove_dir_all(data.join("checkpoint")).expect("removed");
        let again = Instant::now();
        let started = started(&data);
        let replayed = started.replayed;
        println!(
            "{:44} {:>10} events/s, {} ms with opening",
            "  replay",
            replayed.events_per_second(),
            again.elapsed().as_millis()
        );
        drop(started.engine);
        std::fs::remove_dir_all(&data).expect("removed");
    }
}

/// Clients that send one event at a time and wait until it is durable and applied: they share frames.
fn api(events: &Events, folder: &Path) {
    for clients in [1, 8, 64] {
        let data = folder.join("api");
        let pipeline = open(&data);
        let handle = pipeline.handle();
        let each = 16_000 / clients;
        let lines: Vec<_> = events.each().take(clients * each).collect();
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for of_client in lines.chunks(each) {
                let handle = handle.clone();
                scope.spawn(move || {
                    for line in of_client {
                        let mut batch = handle.batch();
                        let event = read_event(line, handle.now()).expect("valid");
                        batch.push_event(&event, line, String::new);
                        handle.submit(batch).expect("durable");
                    }
                });
            }
        });
        let micros = begun.elapsed().as_micros().max(1);
        let frames = handle.reader().frames(&ledger::FrameCursor::START).count();
        let name = format!("requests of one event, {clients} clients");
        let rate = lines.len() as u128 * 1_000_000 / micros;
        println!("{name:44} {rate:>10} events/s, {} events a frame", lines.len() / frames.max(1));
        pipeline.stop().expect("stopped");
        std::fs::remove_dir_all(&data).expect("removed");
    }
}

/// A topic of a real broker into a ledger on disk, durable and applied.
fn kafka(events: &Events, broker: &real::Broker, topic: &str, folder: &Path) {
    const PARTITIONS: i32 = 12;
    broker.topic(topic, PARTITIONS);
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &broker.address).set("compression.type", "lz4");
    config.set("queue.buffering.max.kbytes", "1000000").set("queue.buffering.max.messages", "1000000");
    config.set("linger.ms", "50").set("batch.size", "1000000").set("message.max.bytes", "20000000");
    let producer: BaseProducer = config.create().expect("a producer");
    events.rate("producer, lz4", || {
        for line in events.each() {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let partition = partition_of(line, PARTITIONS);
            let mut record = BaseRecord::<(), [u8]>::to(topic).partition(partition).payload(line);
            while let Err((_, again)) = producer.send(record) {
                producer.poll(Duration::from_millis(10));
                record = again;
            }
        }
        producer.flush(Duration::from_secs(300)).expect("sent");
    });
    let options = KafkaOptions::new(vec![broker.address.clone()], vec![topic.to_owned()]);
    // Each twice, by turns: the broker has its caches warm for the second.
    for run in ["durable and applied", "durable and applied, again"] {
        let bare = events.rate("bare consumer, poll", || poll_all(events, &options, PARTITIONS));
        let data = folder.join(run);
        let pipeline = open(&data);
        let handle = pipeline.handle();
        let begun = Begun::now();
        let source = KafkaSource::start(pipeline.feed(), options.clone()).expect("settings");
        let read = || handle.sources().iter().filter_map(|source| source.next_offset).sum::<i64>();
        let (before, mut most) = (resident_kib(), 0);
        while read() < events.lines as i64 {
            most = most.max(resident_kib());
            std::thread::sleep(Duration::from_millis(2));
        }
        let rate = events.told(run, begun);
        println!("{:44} {:>10} %", "  of what the bare consumer does", rate * 100 / bare.max(1));
        let state = handle.read(|view| view.state.memory_bytes()) / 1_024;
        println!("{:44} {:>10} KiB, {state} KiB of it the state", "  memory at its most", most.saturating_sub(before));
        source.stop().expect("durable");
        pipeline.stop().expect("stopped");
        std::fs::remove_dir_all(&data).expect("removed");
    }
}

/// One account's events share a partition, as with its uid for a key.
fn partition_of(line: &[u8], partitions: i32) -> i32 {
    let mark = b"\"uid\":";
    let Some(at) = memchr::memmem::find(line, mark) else { return 0 };
    let digits = line[at + mark.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    let uid = digits.fold(0u64, |uid, digit| uid.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')));
    (uid.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) as i32 % partitions
}

/// Takes every message and does nothing with it, with a client as the source has it.
fn poll_all(events: &Events, options: &KafkaOptions, partitions: i32) {
    let config = options.client_config().expect("settings");
    let consumer: BaseConsumer = config.create().expect("a consumer");
    let mut list = TopicPartitionList::new();
    for partition in 0..partitions {
        list.add_partition_offset(&options.topics[0], partition, Offset::Beginning).expect("an offset");
    }
    consumer.assign(&list).expect("assigned");
    let mut count = 0;
    while count < events.lines {
        if let Some(message) = consumer.poll(Duration::from_millis(100)) {
            assert!(message.expect("a message").payload().is_some());
            count += 1;
        }
    }
}

fn started(data: &Path) -> ingest::Started {
    let folder = |name: &str| DiskStorage::create(&data.join(name)).expect("made");
    let storage = folder("ledger");
    let kept = KeptCheckpoints::new(Arc::new(folder("past")), KeepPolicy::default());
    let store = SledStore::open(&data.join("checkpoint")).expect("opened");
    let options = StartOptions {
        storage: Arc::new(storage),
        ledger: LedgerOptions::default(),
        checkpoints: Some(Box::new(move || Some(Box::new(store)))),
        checkpoint_policy: CheckpointPolicy::default(),
        keeping: ingest::Keeping::Apart,
        runs: RunWriting::Apart,
        past: PastOptions { kept: Some(Arc::new(kept)), ..PastOptions::default() },
        clock: Arc::new(SystemClock::new()),
        links: Links::default(),
        metrics: Arc::new(Metrics::new()),
        workers: Arc::new(replay::CoreWorkers::all()),
        inbox_bytes: 64 << 20,
    };
    start(options, &mut |_| {}).expect("started")
}

fn open(data: &Path) -> Pipeline {
    Pipeline::start(started(data), PipelineOptions::default()).expect("threads")
}
