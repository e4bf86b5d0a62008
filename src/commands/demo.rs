//! Everything at once: a history recorded over its 90 days as it would have been, with a story in it, a live stream that
//! goes on from it, the API, the dashboard, and where to look.

mod clock;
mod history_file;
mod live;
mod offers;
mod port;
mod recording;
mod remembered;
mod story;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use ingest::metrics::Metrics;
use ingest::{Clock, Handle, Pipeline, SystemClock};
use workload::Workload;

use self::story::Teller;
use crate::cli::{CommonFlags, DemoArgs};
use crate::config::{Settings, check, load, surroundings};
use crate::daemon::{Server, pipeline_options, stop_all};
use crate::end_signals::EndSignals;
use crate::exit::Failure;
use crate::output;
use crate::place::Place;
use crate::reload::Reload;

/// A story needs as many days, however few events there are.
const DAYS: u32 = 90;

/// Where links to share lead to, where no setting says it: to an exchange that is none.
const EXCHANGE: &str = "https://exchange.example";

/// Makes the history, says where to look, and goes on live until a signal ends it.
pub(super) fn execute(common: &CommonFlags, args: &DemoArgs) -> Result<(), Failure> {
    if let Some(out) = &args.out {
        return history_file::write(args, out);
    }
    let mut flags = common.given();
    if common.log_level.is_none() {
        flags.push((crate::config::Key::LogLevel, "log-level", crate::config::Value::Text("warn".to_owned())));
    }
    let file = common.config.clone();
    let (mut settings, layers) = load(file.as_deref(), surroundings(), flags.clone())?;
    if settings.link_base.is_empty() {
        settings.link_base = EXCHANGE.to_owned();
    }
    let read_again = move || check(file.as_deref(), surroundings(), flags.clone());
    let reload = Reload::new(Box::new(read_again), crate::logging::start(&settings.log), layers);
    let passing = tempfile::Builder::new().prefix("tributary-demo-").tempdir().context("no folder for the ledger")?;
    let demo = Demo::of(args, passing.path())?;
    if args.record {
        return demo.record_only(&settings);
    }
    demo.run(args, &settings, reload)
}

/// What is shown, and where it lies.
struct Demo {
    folder: PathBuf,
    /// None in a plain demo.
    workload: Option<Workload>,
    teller: Teller,
}

impl Demo {
    /// A demo in the folder that was asked for, which may hold an earlier one that then goes on; else in a passing one.
    fn of(args: &DemoArgs, passing: &Path) -> Result<Demo, Failure> {
        let folder = args.data.clone().unwrap_or_else(|| passing.to_owned());
        let asked = Workload { days: DAYS, ..Workload::sized(args.seed, args.events, args.end.unwrap_or_else(now)) };
        // A history that was recorded before goes on as it was.
        let workload = match remembered::read(&folder)? {
            Some(remembered) => Some(Workload { days: DAYS, ..remembered }),
            None if args.plain => None,
            None if Place::at(&folder).has_ledger() => {
                // Whoever holds it is told first.
                drop(Place::at(&folder).lock()?);
                let error = anyhow!(
                    "{} holds a ledger that no demo recorded to its end: choose another directory, or --plain to go on with it",
                    folder.display()
                );
                return Err(Failure::usage(error));
            }
            None => Some(asked),
        };
        let teller = Teller { program: program(), rules: folder.join("what-if.toml"), data: folder.clone() };
        Ok(Demo { folder, workload, teller })
    }

    /// Records the history into its folder, and ends.
    fn record_only(&self, settings: &Settings) -> Result<(), Failure> {
        if self.is_recorded() {
            let error = anyhow!("{} holds a ledger already: record into another directory", self.folder.display());
            return Err(Failure::usage(error));
        }
        let is_ended = crate::interruption::watch(settings.limits.stop)?;
        self.record(settings, is_ended)?;
        output::say(&format!("recorded in {}", self.folder.display()));
        Ok(())
    }

    fn run(&self, args: &DemoArgs, settings: &Settings, reload: Reload) -> Result<(), Failure> {
        let story = self.workload.as_ref().and_then(Workload::story);
        let guide = self.teller.guide(story.as_ref());
        let metrics = Arc::new(Metrics::new());
        let listen = port::choose(args.listen);
        let shown = self.workload.as_ref().map(|_| guide.clone());
        let server = Server::start_guided(listen, settings, reload, Arc::clone(&metrics), shown)?;
        let mut signals = server.end_signals()?;
        if !self.is_recorded() {
            let recorded;
            (recorded, signals) = server.until_ended(signals, |is_ended| self.record(settings, is_ended));
            if !recorded? {
                return server.stop();
            }
        }
        let started = Place::at(&self.folder).start_with(settings, metrics, &mut |_| {})?;
        let pipeline = Pipeline::start(started, pipeline_options(&settings.limits)).map_err(anyhow::Error::from)?;
        let handle = pipeline.handle();
        if story.is_some() {
            offers::publish(&handle, pipeline.feed())?;
        }
        let shown = Shown { args, settings, guide: &guide, workload: self.workload.as_ref() };
        let ended = shown.serve(&server, &pipeline, &handle, signals);
        stop_all(server, None, pipeline, ended)
    }

    /// Whether the folder holds a ledger.
    fn is_recorded(&self) -> bool {
        Place::at(&self.folder).has_ledger()
    }

    /// Records the history; false if it was ended before its end.
    fn record(&self, settings: &Settings, is_ended: &AtomicBool) -> Result<bool, Failure> {
        let Some(workload) = &self.workload else { return Ok(true) };
        let began = Instant::now();
        std::fs::create_dir_all(&self.folder).with_context(|| format!("can't make {}", self.folder.display()))?;
        if let Some(story) = workload.story() {
            let rules = &self.teller.rules;
            std::fs::write(rules, story::rules(&story)).with_context(|| format!("can't write {}", rules.display()))?;
        }
        let tally = recording::record(&Place::at(&self.folder), settings, workload, is_ended)?;
        if is_ended.load(Ordering::Relaxed) {
            return Ok(false);
        }
        remembered::write(&self.folder, workload)?;
        let micros = began.elapsed().as_micros().max(1);
        let rate = u128::from(tally.accepted) * 1_000_000 / micros;
        output::say(&format!(
            "history: {} events of {} days recorded in {}.{:02} s, {rate} a second",
            tally.accepted,
            workload.days,
            micros / 1_000_000,
            micros / 10_000 % 100
        ));
        Ok(true)
    }
}

fn now() -> schemas::Timestamp {
    SystemClock::new().now()
}

/// How a shell finds this binary: by its name if that is on the path, else by where it lies.
fn program() -> String {
    let own = std::env::current_exe().ok();
    let name = "tributary";
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|file| file.is_file());
    let place = own.as_ref().and_then(|own| own.canonicalize().ok());
    let same = |file: &Path| place.is_some() && file.canonicalize().ok() == place;
    match (own.as_ref(), found) {
        (_, Some(found)) if same(&found) => name.to_owned(),
        (None, _) => name.to_owned(),
        (Some(own), _) => {
            let here = std::env::current_dir().ok();
            let below = here.and_then(|here| own.strip_prefix(here).ok().map(Path::to_owned));
            below.as_deref().unwrap_or(own).display().to_string()
        }
    }
}

/// A demo that is shown.
struct Shown<'a> {
    args: &'a DemoArgs,
    settings: &'a Settings,
    guide: &'a pages::Guide,
    workload: Option<&'a Workload>,
}

impl Shown<'_> {
    fn serve(&self, server: &Server, pipeline: &Pipeline, handle: &Handle, signals: EndSignals) -> Result<(), Failure> {
        server.app().open(handle.clone());
        match output::print_raw(self.hints(&format!("http://{}", server.address())).as_bytes()) {
            // It is there for its pages, whoever reads the hints.
            Err(error) if error.is_broken_pipe() => {}
            printed => printed?,
        }
        let is_over = Arc::new(AtomicBool::new(false));
        let stream = self.workload.and_then(|workload| live::stream(workload, self.args.rate));
        let live = stream.map(|stream| {
            let (feed, handle, is_over) = (pipeline.feed(), handle.clone(), Arc::clone(&is_over));
            let thread = std::thread::Builder::new().name("live".to_owned());
            thread.spawn(move || live::go_on(stream, feed, &handle, &is_over))
        });
        let live = live.transpose().context("no thread for the live stream")?;
        let ended = server.wait(handle, signals);
        is_over.store(true, Ordering::Relaxed);
        // The stream ends by itself when the ledger takes nothing more; why, the ledger says.
        let _ = live.map(std::thread::JoinHandle::join);
        ended
    }

    /// What is printed: where it listens, and where to look.
    fn hints(&self, address: &str) -> String {
        let token = match self.settings.auth.hs256_secret {
            Some(_) => "A key is set: sign in with what `tributary token --role operator` prints.\n",
            None => "",
        };
        let Some(workload) = self.workload else {
            return format!(
                "\nTributary listens on {address} with an empty ledger. Stop with Ctrl-C.\n{token}  Pages: {address}/operator\n  \
                 Send an event: curl {address}/v1/events -H 'Content-Type: application/cloudevents+json' -d @event.json\n  \
                 The API's description: {address}/openapi.json\n"
            );
        };
        format!(
            "\nTributary listens on {address}; {}. Stop with Ctrl-C.\n{token}Begin at {address}/\n\n{}\nThe API's description: \
             {address}/openapi.json\n",
            live::in_words(workload, self.args.rate),
            story::in_the_terminal(self.guide, address)
        )
    }
}

/// How often the live stream looks what is due.
const TICK: Duration = Duration::from_millis(100);
