//! Answers questions from published rows until a signal ends it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use ingest::metrics::Metrics;
use projections::query::Links;
use serving::Node;

use super::publish::{failure, no_cluster};
use crate::cli::{CommonFlags, ServeArgs};
use crate::config::{Key, Settings, check, load, surroundings};
use crate::daemon::Server;
use crate::exit::Failure;
use crate::reload::Reload;
use crate::{service_manager, stopping};

/// How often the service manager is told that it lives, if it asks.
const WATCH_EVERY: Duration = Duration::from_millis(200);

/// Listens at once; what is asked before the cluster answers is told so.
pub(super) fn execute(common: &CommonFlags, args: ServeArgs) -> Result<(), Failure> {
    let (file, flags) = (common.config.clone(), args.given(common));
    let (settings, layers) = load(file.as_deref(), surroundings(), flags.clone())?;
    let read_again = move || check(file.as_deref(), surroundings(), flags.clone());
    let level = crate::logging::start(&settings.log);
    serve(&settings, Reload::new(Box::new(read_again), level, layers))
}

fn serve(settings: &Settings, reload: Reload) -> Result<(), Failure> {
    let Some(cluster) = settings.cassandra.clone() else { return Err(no_cluster()) };
    if settings.http.probes_listen.is_some() {
        let key = Key::HttpProbesListen.name();
        return Err(Failure::usage(anyhow!("{key} is for daemons: a serving node answers probes where it listens")));
    }
    let metrics = Arc::new(Metrics::new());
    let (keyspace, hosts) = (cluster.keyspace.clone(), cluster.hosts.join(", "));
    let links = Links { base: settings.link_base.clone() };
    let node = Node::new(cluster, links, Arc::clone(&metrics)).map_err(failure)?;
    let routes = Arc::clone(&node);
    let server = Server::start_with(settings.listen, settings, reload, metrics, move |app| {
        pages::router_elsewhere(app, routes.router(app))
    })?;
    let mut signals = server.end_signals()?;
    match server.block_on(node.connect()) {
        Ok(()) => {}
        Err(error) if error.is_final() => return server.stop().and(Err(failure(error))),
        Err(error) => tracing::warn!(%error, "the rows cannot be read yet"),
    }
    tracing::info!(address = %server.address(), keyspace, hosts, "ready");
    service_manager::ready();
    server.block_on(async {
        let mut watchdog = service_manager::Watchdog::asked_for();
        loop {
            tokio::select! {
                () = signals.heard() => break signals.second_ends(),
                () = tokio::time::sleep(WATCH_EVERY) => watchdog.alive(),
            }
        }
    });
    service_manager::ending(settings.limits.stop);
    stopping::bound_answers(settings.limits.stop);
    server.stop()
}
