//! A referrer's rows, of all shards, as they were at the positions that these had published: read with how far the shards
//! were, so that nothing of a step that is under way gets in.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use ledger::Position;
use projections::published::{CodeRows, PublishedCell, PublishedCode, PublishedStanding, ReferrerRows, SliceRows};
use projections::query::DateRange;
use schemas::{Day, Timestamp, Uid};
use scylla::client::session::Session;
use scylla::statement::prepared::PreparedStatement;
use scylla::value::CqlDate;

use crate::cluster::ClusterOptions;
use crate::columns::{CellColumns, CodeColumns, StandingColumns, country, date, day};
use crate::error::{ServingError, Told};
use crate::progress::{Progress, ProgressReader, ShardRow};
use crate::schema;

/// So many cells an answer is made of at most: of each some 300 bytes are read.
const CELLS_MAX: usize = 1_000_000;
/// So many months of codes are read at a time.
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
    pub(crate) as_of: AsOf,
    /// Whether the rows are of all days that its codes have anything on.
    pub(crate) is_whole: bool,
}

/// Of which days cells are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Days {
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
    standings: PreparedStatement,
}

type CellRow = (CqlDate, i32, String, i64, i64, CellColumns, CellColumns);
/// A cell with its shard, country and day.
type CellFound = ((i32, String, Day), PublishedCell);
/// A code and a month of it, with the days between which cells are wanted.
type MonthAsked = (String, Day, (Day, Day));
type CodeRow = (String, i32, i64, i64, CodeColumns, CodeColumns);
type StandingsRow = (i32, i64, i64, Option<Vec<StandingColumns>>, Option<Vec<StandingColumns>>);

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
        let codes = select("code, shard", "codes", "owner = ?").await?;
        let standings = select("shard", "standings", "uid = ?").await?;
        let progress = ProgressReader::prepare(&session, &keyspace).await?;
        Ok(Reading { session, keyspace, progress, cells, codes, standings })
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

    /// A referrer's rows.
    pub(crate) async fn referrer(&self, uid: Uid, days: Days) -> Result<Found, ServingError> {
        for _ in 0..TRIES {
            match self.try_referrer(uid, days).await {
                Err(ServingError::Overtaken) => {}
                done => return done,
            }
        }
        Err(ServingError::Overtaken)
    }

    async fn try_referrer(&self, uid: Uid, days: Days) -> Result<Found, ServingError> {
        let as_of = self.as_of().await?;
        let (codes, standings) = tokio::try_join!(self.codes(uid, &as_of), self.standings(uid, &as_of))?;
        let (months, is_whole) = months_of(&codes, days);
        let mut found: BTreeMap<String, BTreeMap<(i32, String), SliceRows>> = BTreeMap::new();
        let mut count = 0;
        let as_of_rows = &as_of;
        let reads = months.into_iter().map(|(code, month, days)| self.month(code, month, days, as_of_rows));
        let mut reads = stream::iter(reads).buffer_unordered(AT_ONCE);
        while let Some((code, cells)) = reads.try_next().await? {
            count += cells.len();
            if count > CELLS_MAX {
                return Err(ServingError::TooManyRows { most: CELLS_MAX });
            }
            let slices = found.entry(code).or_default();
            for ((shard, text, day), cell) in cells {
                let known = country(&text)?;
                let slice = slices.entry((shard, text)).or_default();
                slice.country = known;
                slice.cells.push((day, cell));
            }
        }
        drop(reads);
        let rows = codes.into_iter().map(|(code, row)| {
            let slices = found.remove(&code).unwrap_or_default().into_values().collect();
            CodeRows { code, created_at: row.created_at, slices }
        });
        let rows = ReferrerRows { event_time: as_of.event_time, codes: rows.collect(), standings };
        Ok(Found { rows, as_of, is_whole })
    }

    /// A referrer's codes, as all shards together have them: one that any knows is there, from the earliest time on.
    async fn codes(&self, uid: Uid, as_of: &AsOf) -> Result<BTreeMap<String, PublishedCode>, ServingError> {
        const WHAT: &str = "tell a referrer's codes";
        let mut codes: BTreeMap<String, PublishedCode> = BTreeMap::new();
        let found = self.session.execute_iter(self.codes.clone(), (uid.0 as i64,)).await.told(WHAT)?;
        let mut rows = found.rows_stream::<CodeRow>().told(WHAT)?;
        while let Some((code, shard, position, since, now, before)) = rows.try_next().await.told(WHAT)? {
            let row = as_of.choose((shard, position, since), now, before)?;
            let Some(row) = row.and_then(|row| row.code()) else { continue };
            let held = codes.entry(code).or_insert(row);
            held.created_at = held.created_at.min(row.created_at);
            held.days = match (held.days, row.days) {
                (Some((first, last)), Some((from, to))) => Some((first.min(from), last.max(to))),
                (held, row) => held.or(row),
            };
        }
        Ok(codes)
    }

    /// A referrer's standings, as all shards together have them.
    async fn standings(&self, uid: Uid, as_of: &AsOf) -> Result<Vec<PublishedStanding>, ServingError> {
        const WHAT: &str = "tell a referrer's standings";
        let mut standings: Vec<PublishedStanding> = Vec::new();
        let found = self.session.execute_unpaged(&self.standings, (uid.0 as i64,)).await.told(WHAT)?;
        let found = found.into_rows_result().told(WHAT)?;
        for row in found.rows::<StandingsRow>().told(WHAT)? {
            let (shard, position, since, now, before) = row.told(WHAT)?;
            let row = as_of.choose((shard, position, since), now.unwrap_or_default(), before.unwrap_or_default())?;
            for standing in row.unwrap_or_default() {
                let standing = standing.standing(uid)?;
                if !standings.contains(&standing) {
                    standings.push(standing);
                }
            }
        }
        Ok(standings)
    }

    /// The cells of a code in a month, as far as they lie between two days.
    async fn month(
        &self,
        code: String,
        month: Day,
        (from, to): (Day, Day),
        as_of: &AsOf,
    ) -> Result<(String, Vec<CellFound>), ServingError> {
        const WHAT: &str = "tell a code's cells";
        let values = (code.as_str(), date(month), date(from), date(to));
        let found = self.session.execute_iter(self.cells.clone(), values).await.told(WHAT)?;
        let mut rows = found.rows_stream::<CellRow>().told(WHAT)?;
        let mut cells = Vec::new();
        while let Some((of, shard, country, position, since, now, before)) = rows.try_next().await.told(WHAT)? {
            if let Some(cell) = as_of.choose((shard, position, since), now, before)? {
                cells.push(((shard, country, day(of)), cell.cell()?));
                if cells.len() > CELLS_MAX {
                    return Err(ServingError::TooManyRows { most: CELLS_MAX });
                }
            }
        }
        Ok((code, cells))
    }
}

/// The months of codes in which cells are wanted, each with the days between which they lie; and whether these are all that
/// the codes have.
fn months_of(codes: &BTreeMap<String, PublishedCode>, days: Days) -> (Vec<MonthAsked>, bool) {
    let (mut months, mut is_whole) = (Vec::new(), true);
    for (code, row) in codes {
        let Some((first, last)) = row.days else { continue };
        let (from, to) = match days {
            Days::All => (first, last),
            Days::Within(range) => (range.from.max(first), range.to.min(last)),
        };
        is_whole &= (from, to) == (first, last);
        let mut month = from.month_start();
        while from <= to && month <= to {
            months.push((code.clone(), month, (from, to)));
            month = month.month_plus(1);
        }
    }
    (months, is_whole)
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
