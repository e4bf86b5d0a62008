//! A referrer's rows, of all shards, as they were at the positions that these had published: read with how far the shards
//! were, so that nothing of a step that is under way gets in.

mod cells;
mod invitees;
mod own;
mod promotions;

use std::collections::BTreeMap;

use api::{CellsNeeded, RowsNeeded};
use ledger::{Actor, Position};
use projections::published::{CodeRows, PromotionKind, ReferrerRows};
use projections::query::DateRange;
use schemas::Timestamp;
use scylla::client::session::Session;
use scylla::statement::prepared::PreparedStatement;

use self::own::Own;
use crate::cluster::ClusterOptions;
use crate::error::{ServingError, Told};
use crate::progress::{Progress, ProgressReader, ShardRow};
use crate::schema::{self, VERSION};

/// So many partitions are read at a time.
const AT_ONCE: usize = 16;
/// So many rows come in one piece.
const PAGE: i32 = 5_000;
/// How often rows are read that had been overtaken meanwhile.
const TRIES: usize = 5;

/// How far all shards had published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AsOf {
    /// By shard.
    pub(crate) positions: Vec<Position>,
    /// The latest event time in any of them.
    pub(crate) event_time: Option<Timestamp>,
}

/// A referrer's rows at one moment.
pub(crate) struct Found {
    pub(crate) rows: ReferrerRows,
    /// Who gave it its standings, in their order.
    pub(crate) actors: Vec<Option<Actor>>,
    pub(crate) as_of: AsOf,
    /// Whether the rows are of all days that its codes have anything on.
    pub(crate) is_whole: bool,
}

/// Of which days cells are wanted.
#[derive(Clone, Copy, Debug)]
enum Days {
    None,
    Within(DateRange),
    All,
}

/// Reads rows.
pub(crate) struct Reading {
    session: Session,
    keyspace: String,
    progress: ProgressReader,
    cells: PreparedStatement,
    codes: PreparedStatement,
    invitees: PreparedStatement,
    standings: PreparedStatement,
    rules: PreparedStatement,
    promotions: PreparedStatement,
    joins: PreparedStatement,
}

impl Reading {
    pub(crate) async fn open(options: &ClusterOptions) -> Result<Reading, ServingError> {
        let session = options.connect().await?;
        let keyspace = options.keyspace.clone();
        schema::check(&session, &keyspace).await?;
        let select = async |columns: &str, table: &str, which: &str| {
            let statement =
                format!("SELECT {columns}, position, since, now, before FROM {keyspace}.{table} WHERE {which}");
            let mut prepared = session.prepare(statement).await.told("prepare a statement")?;
            prepared.set_is_idempotent(true);
            prepared.set_page_size(PAGE);
            Ok::<PreparedStatement, ServingError>(prepared)
        };
        let cells = select("day, shard, country", "cells", "code = ? AND month = ? AND day >= ? AND day <= ?").await?;
        let codes = select("code, shard, part", "codes", "owner = ?").await?;
        let invitees = select("place, part", "invitees", "code = ? AND shard = ? AND bucket = ?").await?;
        let standings = select("shard", "standings", "uid = ?").await?;
        let rules = select("shard", "rules", "version = ?").await?;
        let promotions = select("id, shard", "promotions", "version = ? AND kind = ?").await?;
        let joins = select("campaign, shard", "joins", "uid = ?").await?;
        let progress = ProgressReader::prepare(&session, &keyspace).await?;
        Ok(Reading { session, keyspace, progress, cells, codes, invitees, standings, rules, promotions, joins })
    }

    /// The shards that there are, with their addresses.
    pub(crate) async fn shards(&self) -> Result<Vec<ShardRow>, ServingError> {
        self.progress.shards(&self.session).await
    }

    /// How far all shards have published.
    pub(crate) async fn as_of(&self) -> Result<AsOf, ServingError> {
        let (shards, progress) =
            tokio::try_join!(self.progress.shards(&self.session), self.progress.progress(&self.session))?;
        let incomplete = |shard: i32, of: i32| ServingError::Incomplete { keyspace: self.keyspace.clone(), shard, of };
        let of = shards.first().map_or(1, |row| row.shards);
        let position_of = |shard: i32| {
            let progress = progress.iter().find(|progress| progress.shard == shard);
            progress.map(|Progress { position, .. }| *position).ok_or_else(|| incomplete(shard, of))
        };
        let positions = (0..of).map(position_of).collect::<Result<_, _>>()?;
        Ok(AsOf { positions, event_time: progress.iter().filter_map(|progress| progress.event_time).max() })
    }

    /// The rows of a referrer that are needed.
    pub(crate) async fn referrer(&self, needed: &RowsNeeded) -> Result<Found, ServingError> {
        let days = needed.cells.map_or(Days::None, |CellsNeeded { range, .. }| Days::Within(range));
        self.patiently(needed, days).await
    }

    /// The same, with its cells of all days.
    pub(crate) async fn referrer_ever(&self, needed: &RowsNeeded) -> Result<Found, ServingError> {
        self.patiently(needed, Days::All).await
    }

    async fn patiently(&self, needed: &RowsNeeded, days: Days) -> Result<Found, ServingError> {
        for _ in 0..TRIES {
            match self.try_referrer(needed, days).await {
                Err(ServingError::Overtaken) => {}
                done => return done,
            }
        }
        Err(ServingError::Overtaken)
    }

    async fn try_referrer(&self, needed: &RowsNeeded, days: Days) -> Result<Found, ServingError> {
        let RowsNeeded { referrer: uid, invitees, promotions: kind, .. } = needed;
        let (uid, as_of) = (*uid, self.as_of().await?);
        let rules = async {
            // What cells come to hangs on no rule: they were rated.
            if matches!(days, Days::None) { self.rules(&as_of).await } else { Ok(Vec::new()) }
        };
        let promotions = async {
            match kind {
                Some(kind) => self.promotions(*kind, &as_of).await,
                None => Ok(Vec::new()),
            }
        };
        let joined = async {
            match kind {
                Some(PromotionKind::Campaign) => self.joined(uid, &as_of).await,
                Some(PromotionKind::Offer) | None => Ok(Vec::new()),
            }
        };
        let (codes, standings) = (self.codes(uid, &as_of), self.standings(uid, &as_of));
        let (codes, standings, rules, promotions, joined) =
            tokio::try_join!(codes, standings, rules, promotions, joined)?;
        let (mut cells, is_whole) = match days {
            Days::None => (BTreeMap::new(), true),
            Days::Within(range) => self.cells(&codes, Some(range), &as_of).await?,
            Days::All => self.cells(&codes, None, &as_of).await?,
        };
        let mut invitees = self.invitees(&codes, invitees, &as_of).await?;
        let rows = codes.into_iter().map(|(code, own)| {
            let Own { created_at, terms, .. } = own;
            let slices = cells.remove(&code).unwrap_or_default();
            let invitees = invitees.remove(&code).unwrap_or_default();
            CodeRows { code, created_at, terms: terms.into_values().collect(), invitees, slices }
        });
        let codes = rows.collect();
        let (standings, actors) = standings.into_iter().unzip();
        let event_time = as_of.event_time;
        let rows = ReferrerRows { event_time, codes, standings, rules, promotions, joined };
        Ok(Found { rows, actors, as_of, is_whole })
    }
}

impl AsOf {
    /// What a row said at these positions; none of a shard that is none of theirs.
    fn choose<T>(
        &self,
        (shard, position, since): (i32, i64, i64),
        now: T,
        before: T,
    ) -> Result<Option<T>, ServingError> {
        let published = usize::try_from(shard).ok().and_then(|shard| self.positions.get(shard));
        let Some(published) = published.map(|position| *position as i64) else { return Ok(None) };
        if position <= published {
            Ok(Some(now))
        } else if since <= published {
            Ok(Some(before))
        } else {
            Err(ServingError::Overtaken)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_it_said_when_its_shard_had_published_so_far() {
        let as_of = AsOf { positions: vec![5, 9], event_time: None };
        let choose = |shard: i32, position: i64, since: i64| as_of.choose((shard, position, since), "now", "before");
        assert_eq!(choose(0, 5, 2).expect("a row"), Some("now"));
        assert_eq!(choose(0, 8, 5).expect("a row"), Some("before"), "the step is under way");
        assert!(matches!(choose(0, 9, 8), Err(ServingError::Overtaken)), "another step has come since");
        assert_eq!(choose(1, 9, 8).expect("a row"), Some("now"));
        assert_eq!(choose(2, 1, 0).expect("a row"), None, "there are two shards");
    }
}
