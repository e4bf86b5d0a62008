//! Everything at once: a seeded history, a live stream on it, the API, and what to try.

use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use ingest::metrics::Metrics;
use ingest::{Clock, Feed, Handle, Pipeline, SystemClock};
use workload::{DEMO_CODE, DEMO_UID, Workload};

use crate::cli::{CommonFlags, DemoArgs};
use crate::config::{Settings, load, surroundings};
use crate::daemon::{Server, pipeline_options, stop_all};
use crate::exit::Failure;
use crate::output;
use crate::place::Place;
use crate::reload::Reload;

/// Bytes of lines that are fed at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// How often the live stream looks what is due.
const TICK: Duration = Duration::from_millis(100);

/// Makes the history, says where to look, and goes on live until a signal ends it.
pub(super) fn execute(common: &CommonFlags, args: &DemoArgs) -> Result<(), Failure> {
    if let Some(out) = &args.out {
        return write_history(args, out);
    }
    let mut flags = common.given();
    if common.log_level.is_none() {
        flags.push((crate::config::Key::LogLevel, "log-level", crate::config::Value::Text("warn".to_owned())));
    }
    let file = common.config.clone();
    let read = move || load(file.as_deref(), surroundings(), flags.clone()).map(|(settings, _)| settings);
    let settings = read()?;
    let reload = Reload { level: crate::logging::start(&settings.log), read: Box::new(read) };
    let passing = tempfile::Builder::new().prefix("tributary-demo-").tempdir().context("no folder for the ledger")?;
    let folder = args.data.clone().unwrap_or_else(|| passing.path().to_owned());
    let metrics = Arc::new(Metrics::new());
    let server = Server::start(args.listen, &settings, reload, Arc::clone(&metrics))?;
    let started = Place::at(&folder).start_with(&settings, metrics, &mut |_| {})?;
    let pipeline = Pipeline::start(started, pipeline_options(&settings.limits)).map_err(anyhow::Error::from)?;
    let handle = pipeline.handle();
    let ended = serve_demo(args, &settings, &server, &pipeline, &handle);
    stop_all(server, None, pipeline, ended)
}

fn serve_demo(
    args: &DemoArgs,
    settings: &Settings,
    server: &Server,
    pipeline: &Pipeline,
    handle: &Handle,
) -> Result<(), Failure> {
    let workload = Workload::sized(args.seed, args.events, args.end.unwrap_or_else(|| handle.now()));
    if handle.position() == 0 {
        let began = Instant::now();
        feed_history(&workload, pipeline.feed())?;
        let micros = began.elapsed().as_micros().max(1);
        let rate = u128::from(handle.position()) * 1_000_000 / micros;
        output::say(&format!(
            "history: {} events in {}.{:02} s, {rate} a second",
            handle.position(),
            micros / 1_000_000,
            micros / 10_000 % 100
        ));
    }
    server.app().open(handle.clone());
    match output::print_raw(hints(server.address(), args.rate, settings.auth.hs256_secret.is_some()).as_bytes()) {
        // It is there for its pages, whoever reads the hints.
        Err(error) if error.is_broken_pipe() => {}
        printed => printed?,
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let live = (args.rate > 0).then(|| {
        let (feed, handle, is_over, rate) = (pipeline.feed(), handle.clone(), Arc::clone(&is_over), args.rate);
        let thread = std::thread::Builder::new().name("live".to_owned());
        thread.spawn(move || go_live(&workload, feed, &handle, rate, &is_over))
    });
    let live = live.transpose().context("no thread for the live stream")?;
    let ended = server.end_signals().and_then(|signals| server.wait(handle, signals));
    is_over.store(true, Ordering::Relaxed);
    // The stream ends by itself when the ledger takes nothing more; why, the ledger says.
    let _ = live.map(std::thread::JoinHandle::join);
    ended
}

/// Writes the lines of the history into a file, or to standard output.
fn write_history(args: &DemoArgs, out: &Path) -> Result<(), Failure> {
    let end = args.end.unwrap_or_else(|| SystemClock::new().now());
    let mut lines = Workload::sized(args.seed, args.events, end).lines();
    let mut take = |text: &mut Vec<u8>| {
        text.clear();
        while text.len() < CHUNK_BYTES && lines.write_next(text) {}
        !text.is_empty()
    };
    let mut text = Vec::with_capacity(CHUNK_BYTES + 4_096);
    if out == Path::new("-") {
        while take(&mut text) {
            output::print_raw(&text)?;
        }
        return Ok(());
    }
    let mut file = File::create(out).with_context(|| format!("can't make {}", out.display()))?;
    while take(&mut text) {
        file.write_all(&text).with_context(|| format!("can't write {}", out.display()))?;
    }
    Ok(())
}

fn feed_history(workload: &Workload, mut feed: Feed) -> Result<(), Failure> {
    let name: Arc<str> = "demo".into();
    let mut lines = workload.lines();
    let mut line = 1;
    let mut is_more = true;
    while is_more {
        let mut text = Vec::with_capacity(CHUNK_BYTES + 4_096);
        let first = line;
        while text.len() < CHUNK_BYTES {
            is_more = lines.write_next(&mut text);
            if !is_more {
                break;
            }
            line += 1;
        }
        feed.push_lines(&name, first, text).map_err(anyhow::Error::from)?;
    }
    feed.finish().map_err(anyhow::Error::from)?;
    Ok(())
}

fn go_live(workload: &Workload, mut feed: Feed, handle: &Handle, rate: u32, is_over: &AtomicBool) {
    let name: Arc<str> = "live".into();
    let mut live = workload.live(rate);
    let mut line = 1;
    while !is_over.load(Ordering::Relaxed) {
        let mut text = Vec::new();
        let due = live.due(handle.now());
        for event in &due {
            schemas::json::write_event(event, &mut text);
            text.push(b'\n');
        }
        if !due.is_empty() {
            if feed.push_lines(&name, line, text).is_err() {
                return;
            }
            line += due.len() as u64;
        }
        std::thread::sleep(TICK);
    }
}

fn hints(address: SocketAddr, rate: u32, needs_token: bool) -> String {
    let live = if rate == 0 { "no live stream".to_owned() } else { format!("{rate} events a second come live") };
    let token = if needs_token {
        "\nA key is set: add -H \"Authorization: Bearer $(tributary token --role operator)\"\n"
    } else {
        ""
    };
    format!(
        "\nTributary listens on http://{address}; {live}. Stop with Ctrl-C.{token}

Open http://{address}/?uid={DEMO_UID} in a browser, or look at referrer {DEMO_UID}, whose default code is {DEMO_CODE}:
  curl 'http://{address}/v1/overview?uid={DEMO_UID}'
  curl 'http://{address}/v1/countries?uid={DEMO_UID}&limit=5'
  curl 'http://{address}/v1/referrals?uid={DEMO_UID}&traded=true&sort=commission&limit=3'
  curl 'http://{address}/v1/codes?uid={DEMO_UID}'
  curl 'http://{address}/v1/status'
  curl -N -H 'Accept: text/event-stream' 'http://{address}/v1/feed?after=0&limit=2'

The same from the shell, as a table:
  tributary query overview/series uid={DEMO_UID} interval=month --url http://{address}
  tributary query rewards uid={DEMO_UID} limit=5 --url http://{address}
  tributary query offers uid={DEMO_UID} --json --url http://{address}

Make a code, and see it:
  curl -X POST 'http://{address}/v1/codes?uid={DEMO_UID}' -H 'Content-Type: application/json' \\
    -d '{{\"code\":\"FRIENDS\",\"spot_rebate_rate\":\"0.05\",\"futures_rebate_rate\":\"0\"}}'

The API's description: http://{address}/openapi.json
"
    )
}
