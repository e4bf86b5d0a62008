//! Runs the daemon until a signal ends it.

use std::sync::Arc;

use ingest::Pipeline;
use ingest::kafka::KafkaOptions;
use ingest::metrics::Metrics;

use crate::cli::{CommonFlags, RunArgs};
use crate::config::{Settings, load, surroundings};
use crate::daemon::{Server, kafka_options, pipeline_options, start_kafka, stop_all};
use crate::exit::Failure;
use crate::place::Place;
use crate::reload::Reload;

/// Listens at once, answers once the ledger is replayed, reads Kafka if there are brokers.
pub(super) fn execute(common: &CommonFlags, args: RunArgs) -> Result<(), Failure> {
    let (file, flags) = (common.config.clone(), args.settings.given(common));
    let read_settings = move || load(file.as_deref(), surroundings(), flags.clone()).map(|(settings, _)| settings);
    let settings = read_settings()?;
    let reload = Reload { level: crate::logging::start(&settings.log), read: Box::new(read_settings) };
    let place = Place::of(&settings)?;
    let kafka = kafka_options(&settings, args.accept_new_topics)?;
    let metrics = Arc::new(Metrics::new());
    let server = Server::start(settings.listen, &settings, reload, Arc::clone(&metrics))?;
    if settings.read_only {
        read(&server, &place, &settings, metrics)?;
        server.stop()
    } else {
        write(server, &place, &settings, kafka, metrics)
    }
}

fn read(server: &Server, place: &Place, settings: &Settings, metrics: Arc<Metrics>) -> Result<(), Failure> {
    let app = server.app().clone();
    let (handle, _) = place.read_with(settings, metrics, &mut |progress| app.replaying(progress))?;
    server.app().open(handle.clone());
    tracing::info!(address = %server.address(), position = handle.position(), "reading the ledger only");
    let ended = server.wait(&handle);
    server.bound_end(&handle);
    ended
}

fn write(
    server: Server,
    place: &Place,
    settings: &Settings,
    kafka: Option<KafkaOptions>,
    metrics: Arc<Metrics>,
) -> Result<(), Failure> {
    let app = server.app().clone();
    let started = place.start_with(settings, metrics, &mut |progress| app.replaying(progress))?;
    let pipeline = Pipeline::start(started, pipeline_options(&settings.limits)).map_err(anyhow::Error::from)?;
    let handle = pipeline.handle();
    let kafka = match kafka.map(|options| start_kafka(&pipeline, options)).transpose() {
        Ok(kafka) => kafka,
        Err(failure) => return stop_all(server, None, pipeline, Err(failure)),
    };
    server.app().open(handle.clone());
    tracing::info!(address = %server.address(), position = handle.position(), "ready");
    let ended = server.wait(&handle);
    stop_all(server, kafka, pipeline, ended)
}
