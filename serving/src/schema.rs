//! The keyspace: its types and tables, and its version. What they mean for who reads them: `docs/CASSANDRA.md`.

use scylla::client::session::Session;

use crate::cluster::ClusterOptions;
use crate::error::{ServingError, Told};

/// The version of types, tables and their meaning. A keyspace of another one is neither written nor read: a new one is
/// filled beside it.
pub const VERSION: i32 = 1;

/// The shard whose publisher makes the tables: were they made by two at once, nodes might disagree about them.
const MAKER: i32 = 0;

/// What stands in a keyspace, in the order in which it is made. The version comes last: where it stands, all else does.
const TABLES: &[&str] = &[
    "CREATE TYPE IF NOT EXISTS KEYSPACE.cell (\
        spot_commission decimal, futures_commission decimal, shared_commission decimal, \
        spot_volume decimal, futures_volume decimal, total_volume decimal, \
        referrals bigint, verified bigint, deposited bigint, first_trades bigint, traders blob)",
    "CREATE TYPE IF NOT EXISTS KEYSPACE.terms (\
        time bigint, source text, id text, spot_rebate_rate decimal, futures_rebate_rate decimal, note text, \
        is_default boolean)",
    "CREATE TYPE IF NOT EXISTS KEYSPACE.code (\
        created_at bigint, first_day date, last_day date, invitees bigint, terms frozen<list<frozen<terms>>>)",
    "CREATE TYPE IF NOT EXISTS KEYSPACE.level_from (time bigint, vip_level int)",
    "CREATE TYPE IF NOT EXISTS KEYSPACE.rates_from (\
        time bigint, spot_rebate_rate decimal, futures_rebate_rate decimal)",
    "CREATE TYPE IF NOT EXISTS KEYSPACE.note_from (time bigint, note text)",
    "CREATE TYPE IF NOT EXISTS KEYSPACE.invitee (\
        uid bigint, registered_at bigint, country text, commission_type text, \
        verified_at bigint, first_deposit_at bigint, first_trade_at bigint, \
        commission decimal, rebate decimal, volume decimal, \
        vip_level int, spot_rebate_rate decimal, futures_rebate_rate decimal, note text, \
        vip_levels_to_come frozen<list<frozen<level_from>>>, \
        rebate_rates_to_come frozen<list<frozen<rates_from>>>, \
        notes_to_come frozen<list<frozen<note_from>>>)",
    "CREATE TYPE IF NOT EXISTS KEYSPACE.actor (who text, role text, address text, request_id text)",
    "CREATE TYPE IF NOT EXISTS KEYSPACE.standing (\
        time bigint, source text, id text, status text, spot_rate decimal, futures_rate decimal, \
        futures_window_days int, actor frozen<actor>)",
    "CREATE TYPE IF NOT EXISTS KEYSPACE.rules (\
        time bigint, source text, id text, default_spot_rate decimal, default_futures_rate decimal, \
        default_futures_window_days int, spot_vip_max int, futures_vip_max int)",
    "CREATE TYPE IF NOT EXISTS KEYSPACE.promotion (time bigint, source text, id text, event text)",
    "CREATE TABLE IF NOT EXISTS KEYSPACE.cells (\
        code text, month date, day date, shard int, country text, chunk int, \
        position bigint, since bigint, now frozen<cell>, before frozen<cell>, \
        PRIMARY KEY ((code, month), day, shard, country, chunk))",
    "CREATE TABLE IF NOT EXISTS KEYSPACE.codes (\
        owner bigint, code text, shard int, part int, \
        position bigint, since bigint, now frozen<code>, before frozen<code>, \
        PRIMARY KEY ((owner), code, shard, part))",
    "CREATE TABLE IF NOT EXISTS KEYSPACE.invitees (\
        code text, shard int, bucket int, place int, part int, \
        position bigint, since bigint, now frozen<invitee>, before frozen<invitee>, \
        PRIMARY KEY ((code, shard, bucket), place, part))",
    "CREATE TABLE IF NOT EXISTS KEYSPACE.standings (\
        uid bigint, shard int, part int, \
        position bigint, since bigint, now frozen<list<frozen<standing>>>, before frozen<list<frozen<standing>>>, \
        PRIMARY KEY ((uid), shard, part))",
    "CREATE TABLE IF NOT EXISTS KEYSPACE.rules (\
        version int, shard int, part int, \
        position bigint, since bigint, now frozen<list<frozen<rules>>>, before frozen<list<frozen<rules>>>, \
        PRIMARY KEY ((version), shard, part))",
    "CREATE TABLE IF NOT EXISTS KEYSPACE.promotions (\
        version int, kind text, id text, shard int, part int, position bigint, since bigint, \
        now frozen<list<frozen<promotion>>>, before frozen<list<frozen<promotion>>>, \
        PRIMARY KEY ((version, kind), id, shard, part))",
    "CREATE TABLE IF NOT EXISTS KEYSPACE.joins (\
        uid bigint, campaign text, shard int, position bigint, since bigint, now boolean, before boolean, \
        PRIMARY KEY ((uid), campaign, shard))",
    "CREATE TABLE IF NOT EXISTS KEYSPACE.progress (\
        version int, shard int, position bigint, event_time bigint, head text, \
        PRIMARY KEY ((version), shard))",
    "CREATE TABLE IF NOT EXISTS KEYSPACE.shards (\
        shard int PRIMARY KEY, shards int, ledger text, publisher text, address text, \
        writing_from bigint, writing_to bigint)",
    "CREATE TABLE IF NOT EXISTS KEYSPACE.keyspace_version (name text PRIMARY KEY, version int)",
];

/// Under which name the version stands.
const NAME: &str = "tributary";

/// Makes what of the keyspace is not there, if this is the shard that does; checks the version.
pub(crate) async fn make(session: &Session, options: &ClusterOptions, shard: i32) -> Result<(), ServingError> {
    match version(session, &options.keyspace).await? {
        Some(found) => return is_ours(&options.keyspace, found),
        None if shard != MAKER => return Err(ServingError::NoKeyspace { keyspace: options.keyspace.clone() }),
        None => {}
    }
    let ClusterOptions { keyspace, replication_factor, .. } = options;
    let create = format!(
        "CREATE KEYSPACE IF NOT EXISTS {keyspace} WITH replication = \
         {{'class': 'NetworkTopologyStrategy', 'replication_factor': {replication_factor}}}"
    );
    session.query_unpaged(create, ()).await.told("make the keyspace")?;
    for table in TABLES {
        let statement = table.replace("KEYSPACE", keyspace);
        session.query_unpaged(statement, ()).await.told("make the tables")?;
    }
    session.await_schema_agreement().await.told("agree about the tables")?;
    let set = format!("INSERT INTO {keyspace}.keyspace_version (name, version) VALUES (?, ?)");
    session.query_unpaged(set, (NAME, VERSION)).await.told("keep the version")?;
    tracing::info!(keyspace, version = VERSION, replication_factor, "made the keyspace's tables");
    Ok(())
}

/// Checks that the keyspace is there and of this version.
pub(crate) async fn check(session: &Session, keyspace: &str) -> Result<(), ServingError> {
    match version(session, keyspace).await? {
        Some(found) => is_ours(keyspace, found),
        None => Err(ServingError::NoKeyspace { keyspace: keyspace.to_owned() }),
    }
}

fn is_ours(keyspace: &str, found: i32) -> Result<(), ServingError> {
    if found == VERSION {
        return Ok(());
    }
    Err(ServingError::Version { keyspace: keyspace.to_owned(), found, expected: VERSION })
}

/// The version of a keyspace; none where it has none, or is not there.
async fn version(session: &Session, keyspace: &str) -> Result<Option<i32>, ServingError> {
    const WHAT: &str = "tell the version of the keyspace";
    let table =
        "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = 'keyspace_version'";
    let found = session.query_unpaged(table, (keyspace,)).await.told(WHAT)?.into_rows_result().told(WHAT)?;
    if found.rows_num() == 0 {
        return Ok(None);
    }
    let select = format!("SELECT version FROM {keyspace}.keyspace_version WHERE name = ?");
    let found = session.query_unpaged(select, (NAME,)).await.told(WHAT)?.into_rows_result().told(WHAT)?;
    let row: Option<(i32,)> = found.maybe_first_row().told(WHAT)?;
    Ok(row.map(|(version,)| version))
}
