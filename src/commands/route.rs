//! Routes events to shards until a signal ends it, or says whether that is needed.

mod probes;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::anyhow;
use ingest::metrics::Metrics;
use route::{
    FamilyCheck, NamedLedger, RouteError, RouteMetrics, RouterOptions, Topics, check_families, route, route_ledgers,
};

use crate::cli::{CommonFlags, RouteArgs};
use crate::config::{Key, Settings, load, surroundings};
use crate::daemon::source_options;
use crate::exit::{Failure, after_report};
use crate::output::{self, say};
use crate::place::Place;
use crate::{interruption, service_manager};

/// Routes, or checks.
pub(super) fn execute(common: &CommonFlags, args: RouteArgs) -> Result<(), Failure> {
    let (is_check, directories) = (args.check, args.from_ledgers.clone());
    let (settings, _) = load(common.config.as_deref(), surroundings(), args.given(common))?;
    crate::logging::start(&settings.log);
    let metrics = Arc::new(Metrics::new());
    let options = options(&settings, RouteMetrics::new(&metrics))?;
    options.check().map_err(failure)?;
    let stopped = interruption::watch(settings.limits.stop)?;
    let stop = || stopped.load(Ordering::Relaxed);
    if is_check {
        let found = check_families(&options.kafka, &stop).map_err(failure)?;
        let printed = output::print_raw(told(&found).as_bytes());
        let settled = if found.needs_router() {
            Err(Failure::failed(anyhow!("a router is needed: families do not lie together as shards read them")))
        } else {
            Ok(())
        };
        return after_report(settled, printed);
    }
    if !directories.is_empty() {
        return of_ledgers(&options, &directories, &stop);
    }
    let _answering =
        settings.route.listen.map(|listen| probes::answer(listen, &settings, metrics, &options.metrics)).transpose()?;
    service_manager::ready();
    let routed = route(&options, &stop).map_err(failure)?;
    say(&format!(
        "tributary: routed {} events to families and {} to all shards; {} could not be read and went on by their own key",
        routed.to_families, routed.to_platform, routed.unreadable
    ));
    Ok(())
}

/// Puts what ledgers hold into the topics.
fn of_ledgers(options: &RouterOptions, directories: &[PathBuf], stop: &dyn Fn() -> bool) -> Result<(), Failure> {
    let open = |directory: &PathBuf| -> Result<NamedLedger, Failure> {
        Ok(NamedLedger { name: directory.display().to_string(), reader: Place::at(directory).reader()? })
    };
    let ledgers: Vec<NamedLedger> = directories.iter().map(open).collect::<Result<_, _>>()?;
    let done = route_ledgers(&options.kafka, &options.topics, &ledgers, stop).map_err(failure)?;
    say(&format!(
        "tributary: of {} entries of {} ledgers, {} events went to families and {} to all shards; {} messages that wait in quarantine went along",
        done.entries,
        ledgers.len(),
        done.to_families,
        done.to_platform,
        done.quarantined
    ));
    Ok(())
}

fn options(settings: &Settings, metrics: RouteMetrics) -> Result<RouterOptions, Failure> {
    let Some(kafka) = source_options(settings)? else {
        return Err(Failure::usage(anyhow!(
            "no brokers: set {} in the file, {} or --brokers",
            Key::KafkaBrokers.name(),
            Key::KafkaBrokers.variable()
        )));
    };
    let mut options =
        RouterOptions { kafka, topics: Topics::of(&settings.route.prefix), id: settings.route.id.clone(), metrics };
    options.kafka.group = Some(settings.route.group.clone());
    Ok(options)
}

fn failure(error: RouteError) -> Failure {
    if error.is_usage() { Failure::usage(error.into()) } else { Failure::failed(error.into()) }
}

/// What was found, for people.
fn told(found: &FamilyCheck) -> String {
    let mut text = format!(
        "{} messages were read, with {} events of {} accounts' families; {} sub-accounts are known\n",
        found.messages,
        found.of_families,
        found.topics.join(", "),
        found.sub_accounts
    );
    let line = |count: u64, what: &str| format!("{count} {what}\n");
    text += &line(found.apart, "events lie in another partition than the head of their family's");
    text += &line(
        found.of_platform,
        "events that all shards have to know do not stand in a topic of one partition, apart from the others",
    );
    text += &line(found.unreadable, "messages could not be read as events");
    if let Some(example) = &found.example {
        text += &format!("the first that lies apart: {example}\n");
    }
    text += if found.needs_router() {
        "a router is needed\n"
    } else {
        "no router is needed: producers can write the topics of the shards themselves\n"
    };
    text
}
