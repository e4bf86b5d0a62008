//! How far each shard has published, and who publishes it.
//!
//! `progress` is what readers go by: it is written after the rows it stands for. `shards` is the publishers' own: who
//! publishes a shard is decided in lightweight transactions, and so is which step it begins, so that one that was overtaken
//! begins nothing more.

use ledger::Position;
use schemas::Timestamp;
use scylla::client::session::Session;
use scylla::statement::Consistency;
use scylla::statement::prepared::PreparedStatement;
use scylla::value::{CqlValue, Row};

use crate::error::{ServingError, Told};
use crate::schema::VERSION;

/// How far a shard has published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) shard: i32,
    pub(crate) position: Position,
    pub(crate) event_time: Option<Timestamp>,
    /// The head of the ledger at the frame that holds the position.
    pub(crate) head: String,
}

/// Who publishes a shard, and what it has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShardRow {
    pub(crate) shard: i32,
    /// How many shards there are.
    pub(crate) shards: i32,
    /// The hash of the first frame of its ledger.
    pub(crate) ledger: String,
    pub(crate) publisher: String,
    /// Where it can be asked; empty where nobody said.
    pub(crate) address: String,
    pub(crate) writing_from: Position,
    pub(crate) writing_to: Position,
}

type ShardColumns = (i32, i32, String, String, String, i64, i64);

impl ShardRow {
    fn of((shard, shards, ledger, publisher, address, from, to): ShardColumns) -> ShardRow {
        // Positions have 47 bits.
        let (writing_from, writing_to) = (from as Position, to as Position);
        ShardRow { shard, shards, ledger, publisher, address, writing_from, writing_to }
    }
}

/// The statements that read both tables.
pub(crate) struct ProgressReader {
    progress: PreparedStatement,
    shards: PreparedStatement,
}

impl ProgressReader {
    pub(crate) async fn prepare(session: &Session, keyspace: &str) -> Result<ProgressReader, ServingError> {
        Ok(ProgressReader {
            progress: prepare(
                session,
                &format!("SELECT shard, position, event_time, head FROM {keyspace}.progress WHERE version = ?"),
            )
            .await?,
            shards: prepare(
                session,
                &format!(
                    "SELECT shard, shards, ledger, publisher, address, writing_from, writing_to FROM {keyspace}.shards"
                ),
            )
            .await?,
        })
    }

    /// How far all shards have published, by number.
    pub(crate) async fn progress(&self, session: &Session) -> Result<Vec<Progress>, ServingError> {
        const WHAT: &str = "tell how far shards have published";
        let found = session.execute_unpaged(&self.progress, (VERSION,)).await.told(WHAT)?;
        let found = found.into_rows_result().told(WHAT)?;
        let rows = found.rows::<(i32, i64, Option<i64>, String)>().told(WHAT)?;
        let rows = rows.map(|row| {
            let (shard, position, event_time, head) = row.told(WHAT)?;
            let event_time = event_time.map(Timestamp);
            Ok(Progress { shard, position: position as Position, event_time, head })
        });
        rows.collect()
    }

    /// All shards' rows, by number.
    pub(crate) async fn shards(&self, session: &Session) -> Result<Vec<ShardRow>, ServingError> {
        const WHAT: &str = "tell which shards there are";
        let found = session.execute_unpaged(&self.shards, ()).await.told(WHAT)?.into_rows_result().told(WHAT)?;
        let rows = found.rows::<ShardColumns>().told(WHAT)?;
        let mut shards = rows.map(|row| Ok(ShardRow::of(row.told(WHAT)?))).collect::<Result<Vec<_>, ServingError>>()?;
        shards.sort_unstable_by_key(|row| row.shard);
        Ok(shards)
    }
}

/// The statements of a publisher.
pub(crate) struct Claims {
    read: PreparedStatement,
    first: PreparedStatement,
    take: PreparedStatement,
    begin: PreparedStatement,
    reach: PreparedStatement,
}

impl Claims {
    pub(crate) async fn prepare(session: &Session, keyspace: &str) -> Result<Claims, ServingError> {
        let mut read = prepare(
            session,
            &format!(
                "SELECT shard, shards, ledger, publisher, address, writing_from, writing_to FROM {keyspace}.shards \
                 WHERE shard = ?"
            ),
        )
        .await?;
        // What a transaction under way comes to is seen too.
        read.set_consistency(Consistency::Serial);
        Ok(Claims {
            read,
            first: prepare(
                session,
                &format!(
                    "INSERT INTO {keyspace}.shards (shard, shards, ledger, publisher, address, writing_from, writing_to) \
                     VALUES (?, ?, ?, ?, ?, ?, ?) IF NOT EXISTS"
                ),
            )
            .await?,
            take: prepare(
                session,
                &format!("UPDATE {keyspace}.shards SET publisher = ?, address = ? WHERE shard = ? IF publisher = ?"),
            )
            .await?,
            begin: prepare(
                session,
                &format!("UPDATE {keyspace}.shards SET writing_from = ?, writing_to = ? WHERE shard = ? IF publisher = ?"),
            )
            .await?,
            reach: prepare(
                session,
                &format!(
                    "INSERT INTO {keyspace}.progress (version, shard, position, event_time, head) VALUES (?, ?, ?, ?, ?) \
                     USING TIMESTAMP ?"
                ),
            )
            .await?,
        })
    }

    /// A shard's row, if it has one.
    pub(crate) async fn read(&self, session: &Session, shard: i32) -> Result<Option<ShardRow>, ServingError> {
        const WHAT: &str = "tell who publishes the shard";
        let found = session.execute_unpaged(&self.read, (shard,)).await.told(WHAT)?.into_rows_result().told(WHAT)?;
        Ok(found.maybe_first_row::<ShardColumns>().told(WHAT)?.map(ShardRow::of))
    }

    /// Makes a shard's row. Whether there was none.
    pub(crate) async fn make(&self, session: &Session, row: &ShardRow) -> Result<bool, ServingError> {
        let ShardRow { shard, shards, ledger, publisher, address, .. } = row;
        let values = (shard, shards, ledger, publisher, address, 0i64, 0i64);
        is_applied(session.execute_unpaged(&self.first, values).await.told("take the shard")?)
    }

    /// Takes a shard over from a publisher. Whether that one had it still.
    pub(crate) async fn take(
        &self,
        session: &Session,
        shard: i32,
        (publisher, address): (&str, &str),
        from: &str,
    ) -> Result<bool, ServingError> {
        let values = (publisher, address, shard, from);
        is_applied(session.execute_unpaged(&self.take, values).await.told("take the shard")?)
    }

    /// Says which step is begun. Whether the publisher has the shard still.
    pub(crate) async fn begin(
        &self,
        session: &Session,
        shard: i32,
        (from, to): (Position, Position),
        publisher: &str,
    ) -> Result<bool, ServingError> {
        let values = (from as i64, to as i64, shard, publisher);
        is_applied(session.execute_unpaged(&self.begin, values).await.told("begin to publish")?)
    }

    /// Says that all rows up to a position are there.
    pub(crate) async fn reach(&self, session: &Session, reached: &Progress) -> Result<(), ServingError> {
        let Progress { shard, position, event_time, head } = reached;
        let position = *position as i64;
        let values = (VERSION, shard, position, event_time.map(|time| time.0), head, position);
        session.execute_unpaged(&self.reach, values).await.map(drop).told("say how far it has published")
    }
}

async fn prepare(session: &Session, statement: &str) -> Result<PreparedStatement, ServingError> {
    let mut prepared = session.prepare(statement).await.told("prepare a statement")?;
    // A transaction that is asked for again finds that it was done, or not.
    prepared.set_is_idempotent(!statement.contains(" IF "));
    Ok(prepared)
}

/// Whether a transaction was carried out: its first column says so.
fn is_applied(result: scylla::response::query_result::QueryResult) -> Result<bool, ServingError> {
    const WHAT: &str = "say what became of a transaction";
    let found = result.into_rows_result().told(WHAT)?;
    let row: Row = found.first_row().told(WHAT)?;
    Ok(matches!(row.columns.first(), Some(Some(CqlValue::Boolean(true)))))
}
