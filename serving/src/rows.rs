//! Rows being written: each as it is and as it was, under the position as timestamp, so that a repetition and a late writer
//! change nothing.

use futures_util::{StreamExt, TryStreamExt, stream};
use ledger::{LedgerReader, Position};
use projections::published::{INVITEES_A_BUCKET, PublishedChange, PublishedStanding};
use scylla::client::session::Session;
use scylla::statement::prepared::PreparedStatement;
use scylla::value::CqlDate;

use crate::columns::{
    CellColumns, CodeColumns, InviteeColumns, PromotionColumns, RulesColumns, StandingColumns, country_text, date,
};
use crate::error::{ServingError, Told};
use crate::schema::VERSION;

/// So many rows are under way at a time: more only wait in the cluster.
const AT_ONCE: usize = 128;

const WHAT: &str = "write a row";

/// A row to be written.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are the large ones")]
pub(crate) enum Row {
    Cell {
        code: String,
        month: CqlDate,
        day: CqlDate,
        country: String,
        chunk: i32,
        now: CellColumns,
        before: CellColumns,
    },
    Code {
        owner: i64,
        code: String,
        part: i32,
        now: CodeColumns,
        before: CodeColumns,
    },
    Invitee {
        code: String,
        bucket: i32,
        place: i32,
        part: i32,
        now: InviteeColumns,
        before: InviteeColumns,
    },
    Standings {
        uid: i64,
        part: i32,
        now: Vec<StandingColumns>,
        before: Vec<StandingColumns>,
    },
    Rules {
        part: i32,
        now: Vec<RulesColumns>,
        before: Vec<RulesColumns>,
    },
    Promotion {
        kind: &'static str,
        id: String,
        part: i32,
        now: Vec<PromotionColumns>,
        before: Vec<PromotionColumns>,
    },
    Joined {
        uid: i64,
        campaign: String,
    },
}

impl Row {
    /// The row of a change. Who gave a referrer its standing is looked up in the ledger.
    pub(crate) fn of(change: PublishedChange<'_>, reader: &LedgerReader) -> Result<Row, ServingError> {
        // Uids have 53 bits. Parts and places are of what is held in memory: there are fewer than 2^31.
        Ok(match change {
            PublishedChange::Cell { code, country, day, chunk, before, now } => Row::Cell {
                code: code.to_owned(),
                month: date(day.month_start()),
                day: date(day),
                country: country_text(country),
                chunk: i32::from(chunk),
                now: CellColumns::of(now),
                before: CellColumns::of(before),
            },
            PublishedChange::Code { owner, code, part, before, now } => Row::Code {
                owner: owner.0 as i64,
                code: code.to_owned(),
                part: part as i32,
                now: CodeColumns::of(now),
                before: CodeColumns::of(before),
            },
            PublishedChange::Invitee { code, place, part, before, now } => Row::Invitee {
                code: code.to_owned(),
                bucket: (place / INVITEES_A_BUCKET) as i32,
                place: place as i32,
                part: part as i32,
                now: InviteeColumns::of(now),
                before: InviteeColumns::of(before),
            },
            PublishedChange::Standings { uid, part, before, now } => {
                let columns = |standings: Vec<PublishedStanding>| {
                    let with_actors = standings.into_iter().map(|standing| {
                        let actor = reader.actor(standing.position)?;
                        Ok(StandingColumns::of(standing, actor))
                    });
                    with_actors.collect::<Result<_, ServingError>>()
                };
                Row::Standings { uid: uid.0 as i64, part: part as i32, now: columns(now)?, before: columns(before)? }
            }
            PublishedChange::Rules { part, before, now } => {
                let columns = |rules: Vec<_>| rules.into_iter().map(RulesColumns::of).collect();
                Row::Rules { part: part as i32, now: columns(now), before: columns(before) }
            }
            PublishedChange::Promotion { kind, id, part, before, now } => {
                let columns = |states: Vec<_>| states.into_iter().map(PromotionColumns::of).collect();
                let (kind, id) = (kind.as_str(), id.to_owned());
                Row::Promotion { kind, id, part: part as i32, now: columns(now), before: columns(before) }
            }
            PublishedChange::Joined { uid, campaign } => {
                Row::Joined { uid: uid.0 as i64, campaign: campaign.to_owned() }
            }
        })
    }
}

/// From which position to which rows are written, and of which shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) shard: i32,
    pub(crate) since: Position,
    pub(crate) position: Position,
}

/// The statements that rows are written with.
pub(crate) struct RowWriter {
    cell: PreparedStatement,
    code: PreparedStatement,
    invitee: PreparedStatement,
    standings: PreparedStatement,
    rules: PreparedStatement,
    promotion: PreparedStatement,
    joined: PreparedStatement,
}

impl RowWriter {
    pub(crate) async fn prepare(session: &Session, keyspace: &str) -> Result<RowWriter, ServingError> {
        let insert = async |table: &str, key: &str, places: &str| {
            let statement = format!(
                "INSERT INTO {keyspace}.{table} ({key}, shard, position, since, now, before) \
                 VALUES ({places}, ?, ?, ?, ?, ?) USING TIMESTAMP ?"
            );
            let mut prepared = session.prepare(statement).await.told("prepare a statement")?;
            prepared.set_is_idempotent(true);
            Ok::<PreparedStatement, ServingError>(prepared)
        };
        Ok(RowWriter {
            cell: insert("cells", "code, month, day, country, chunk", "?, ?, ?, ?, ?").await?,
            code: insert("codes", "owner, code, part", "?, ?, ?").await?,
            invitee: insert("invitees", "code, bucket, place, part", "?, ?, ?, ?").await?,
            standings: insert("standings", "uid, part", "?, ?").await?,
            rules: insert("rules", "version, part", "?, ?").await?,
            promotion: insert("promotions", "version, kind, id, part", "?, ?, ?, ?").await?,
            joined: insert("joins", "uid, campaign", "?, ?").await?,
        })
    }

    /// Writes rows, in any order. If one cannot be written the others may or may not be: to write all of them again is the
    /// same.
    pub(crate) async fn write(&self, session: &Session, rows: Vec<Row>, span: Span) -> Result<(), ServingError> {
        let writes = rows.into_iter().map(|row| self.write_one(session, row, span));
        stream::iter(writes).buffer_unordered(AT_ONCE).try_collect().await
    }

    async fn write_one(&self, session: &Session, row: Row, span: Span) -> Result<(), ServingError> {
        let Span { shard, .. } = span;
        // Positions have 47 bits.
        let (position, since) = (span.position as i64, span.since as i64);
        let done = match row {
            Row::Cell { code, month, day, country, chunk, now, before } => {
                let values = (code, month, day, country, chunk, shard, position, since, now, before, position);
                session.execute_unpaged(&self.cell, values).await
            }
            Row::Code { owner, code, part, now, before } => {
                let values = (owner, code, part, shard, position, since, now, before, position);
                session.execute_unpaged(&self.code, values).await
            }
            Row::Invitee { code, bucket, place, part, now, before } => {
                let values = (code, bucket, place, part, shard, position, since, now, before, position);
                session.execute_unpaged(&self.invitee, values).await
            }
            Row::Standings { uid, part, now, before } => {
                let values = (uid, part, shard, position, since, now, before, position);
                session.execute_unpaged(&self.standings, values).await
            }
            Row::Rules { part, now, before } => {
                let values = (VERSION, part, shard, position, since, now, before, position);
                session.execute_unpaged(&self.rules, values).await
            }
            Row::Promotion { kind, id, part, now, before } => {
                let values = (VERSION, kind, id, part, shard, position, since, now, before, position);
                session.execute_unpaged(&self.promotion, values).await
            }
            Row::Joined { uid, campaign } => {
                let values = (uid, campaign, shard, position, since, true, false, position);
                session.execute_unpaged(&self.joined, values).await
            }
        };
        done.map(drop).told(WHAT)
    }
}
