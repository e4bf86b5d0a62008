//! Publishes a ledger's projections once, up to where it stands.

use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::anyhow;
use serving::{Identity, Publisher, ServingError};

use crate::cli::{CommonFlags, PublishArgs};
use crate::config::{Key, load, surroundings};
use crate::exit::{Failure, after_report};
use crate::place::Place;
use crate::{interruption, output, shard};

/// Publishes.
pub(super) fn execute(common: &CommonFlags, args: PublishArgs) -> Result<(), Failure> {
    let (settings, _) = load(common.config.as_deref(), surroundings(), args.given(common))?;
    crate::logging::start(&settings.log);
    let Some(cluster) = settings.cassandra.clone() else {
        return Err(no_cluster());
    };
    let keyspace = cluster.keyspace.clone();
    let place = Place::of(&settings)?;
    let (number, of) = shard::identity_of(&place)?;
    let stopped = interruption::watch(settings.limits.stop)?;
    let (handle, _) = place.read(&settings)?;
    let identity = Identity { shard: number, shards: of, address: settings.publish.address.clone() };
    let begun = Instant::now();
    let mut publisher = Publisher::new(handle, identity, cluster).map_err(failure)?;
    let step = publisher.step(&|| stopped.load(Ordering::Relaxed)).map_err(failure)?;
    let told = format!(
        "published up to position {} to keyspace {keyspace}, as shard {number} of {of}: {} rows in {:.1} s\n",
        step.position,
        step.rows,
        begun.elapsed().as_secs_f64()
    );
    after_report(Ok(()), output::print_raw(told.as_bytes()))
}

/// No cluster is named.
pub(super) fn no_cluster() -> Failure {
    Failure::usage(anyhow!(
        "no cluster: set {} in the file, {} or --cassandra",
        Key::CassandraHosts.name(),
        Key::CassandraHosts.variable()
    ))
}

/// What cannot be published, or served.
pub(super) fn failure(error: ServingError) -> Failure {
    let is_usage = matches!(error, ServingError::Name(_) | ServingError::Tls(_));
    if is_usage { Failure::usage(error.into()) } else { Failure::failed(error.into()) }
}
