//! A ledger being published, a step at a time: from the position that was published to that at which the state stands.
//!
//! A step is begun in the shard's row, its rows are written, and then it is said that it is done. One that was broken off
//! is written once more from its beginning to its end, before the next one: its rows have its own position as timestamp
//! whoever writes them, so nothing that it left behind can stay. Who begins nothing more, because another has taken the
//! shard, can only finish what that other one has written anew.

use ingest::Handle;
use ledger::{Head, LedgerReader, Position};
use projections::State;
use scylla::client::session::Session;
use tokio::runtime::Runtime;

use crate::cluster::ClusterOptions;
use crate::error::ServingError;
use crate::progress::{Claims, Progress, ProgressReader, ShardRow};
use crate::rows::{Row, RowWriter, Span};
use crate::schema;

/// So many rows are gathered before they are written.
const TOGETHER: usize = 2_048;

/// Which shard a ledger is, and where it can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its number, from 0.
    pub shard: u32,
    /// How many there are; 1 where one ledger holds all families.
    pub shards: u32,
    /// The address of its API, for who asks what is not answered from rows; empty: nobody is told.
    pub address: String,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Up to which position everything is published.
    pub position: Position,
    /// How many rows were written.
    pub rows: u64,
}

/// Publishes a ledger.
pub struct Publisher {
    handle: Handle,
    identity: Identity,
    options: ClusterOptions,
    /// Its own name among all that ever publish.
    name: String,
    runtime: Runtime,
    connected: Option<Connected>,
    /// Up to which position everything is published; none before the shard is taken.
    published: Option<Position>,
    /// The state as of there, as long as it is held.
    before: Option<State>,
    /// The state at which the step ends that is under way, likewise.
    pending: Option<State>,
    /// Who had the shard when it was last seen that it is another's, and what that one had begun.
    lost: Option<(String, Position)>,
}

/// A session with its statements.
struct Connected {
    session: Session,
    claims: Claims,
    progress: ProgressReader,
    writer: RowWriter,
}

impl Publisher {
    /// Nothing is done yet.
    ///
    /// # Errors
    /// If a thread cannot be had.
    pub fn new(handle: Handle, identity: Identity, options: ClusterOptions) -> Result<Publisher, ServingError> {
        options.check()?;
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(1).thread_name("publishing").enable_all();
        let runtime = runtime.build().map_err(|error| ServingError::Process(error.to_string()))?;
        let name = format!("{:032x}", rand::random::<u128>());
        Ok(Publisher {
            handle,
            identity,
            options,
            name,
            runtime,
            connected: None,
            published: None,
            before: None,
            pending: None,
            lost: None,
        })
    }

    /// Publishes up to where the ledger stands. A ledger without events publishes nothing. Must not be called on a thread
    /// of a runtime.
    ///
    /// # Errors
    /// If it cannot: then the next step finishes this one.
    pub fn step(&mut self, is_over: &dyn Fn() -> bool) -> Result<Step, ServingError> {
        if self.handle.position() == 0 {
            return Ok(Step::default());
        }
        let done = self.try_step(is_over);
        if done.is_err() {
            // How far it came is asked for again.
            self.published = None;
        }
        done
    }

    /// Lets go of the states that are held to go on from: the next step has them made again. For one that cannot go on for
    /// long, while the ledger does.
    pub fn let_go(&mut self) {
        (self.before, self.pending, self.connected) = (None, None, None);
    }

    fn try_step(&mut self, is_over: &dyn Fn() -> bool) -> Result<Step, ServingError> {
        let mut rows = 0;
        let mut published = match self.published {
            Some(published) => published,
            None => {
                let (published, broken_off) = self.take_shard()?;
                if broken_off > published {
                    let target = match self.pending.take().filter(|state| state.position() == broken_off) {
                        Some(state) => state,
                        None => state_at(&self.handle, broken_off)?,
                    };
                    rows += self.write_to(published, target, is_over)?;
                    broken_off
                } else {
                    published
                }
            }
        };
        self.published = Some(published);
        let state = self.handle.read(|view| view.state.clone());
        if state.position() > published {
            let (shard, span) = (self.shard(), (published, state.position()));
            let Connected { session, claims, .. } = self.connected()?;
            if !self.runtime.block_on(claims.begin(session, shard, span, &self.name))? {
                self.lost = Some(Default::default());
                return Err(ServingError::Taken { keyspace: self.options.keyspace.clone(), shard });
            }
            published = state.position();
            rows += self.write_to(span.0, state, is_over)?;
            self.published = Some(published);
        }
        Ok(Step { position: published, rows })
    }

    // Shards are at most 100,000.
    fn shard(&self) -> i32 {
        self.identity.shard as i32
    }

    /// Takes the shard. Up to where it is published, and to where a step was begun.
    fn take_shard(&mut self) -> Result<(Position, Position), ServingError> {
        if self.connected.is_none() {
            let connected = self.runtime.block_on(Connected::open(&self.options, self.shard()))?;
            self.connected = Some(connected);
        }
        self.leave_to_another()?;
        let reader = self.handle.reader();
        let ledger = head_of(&reader, 1)?.hex();
        let connected = self.connected()?;
        let Connected { session, claims, progress, .. } = connected;
        if let Some(row) = self.runtime.block_on(claims.read(session, self.shard()))? {
            self.fits(&row, &ledger)?;
        }
        self.published_of(&reader, session, progress)?;
        let row = self.runtime.block_on(self.own_row(connected, &ledger))?;
        // Once more: who had it until now may have finished one step and begun another.
        let published = self.published_of(&reader, session, progress)?;
        let end = reader.durable_position();
        if row.writing_to > end {
            return Err(ServingError::Diverged { position: row.writing_to, end });
        }
        Ok((published, row.writing_to))
    }

    /// Up to where the shard is published; 0 where it is not.
    fn published_of(
        &self,
        reader: &LedgerReader,
        session: &Session,
        progress: &ProgressReader,
    ) -> Result<Position, ServingError> {
        let all = self.runtime.block_on(progress.progress(session))?;
        match all.into_iter().find(|progress| progress.shard == self.shard()) {
            Some(Progress { position, head, .. }) => {
                self.is_of_this_ledger(reader, position, &head)?;
                Ok(position)
            }
            None => Ok(0),
        }
    }

    /// Whether a shard's row is of this ledger, and of as many shards.
    fn fits(&self, row: &ShardRow, ledger: &str) -> Result<(), ServingError> {
        let (keyspace, expected) = (|| self.options.keyspace.clone(), self.identity.shards as i32);
        if row.ledger != ledger {
            let found = row.ledger.clone();
            return Err(ServingError::OtherLedger { keyspace: keyspace(), shard: row.shard, found });
        }
        if row.shards != expected {
            return Err(ServingError::OtherCount { keyspace: keyspace(), found: row.shards, expected });
        }
        Ok(())
    }

    /// Of a shard that was lost to another publisher: it is left to that one as long as it has begun something since it was
    /// last looked at.
    fn leave_to_another(&mut self) -> Result<(), ServingError> {
        let Some(lost) = self.lost.take() else { return Ok(()) };
        let (shard, Connected { session, claims, .. }) = (self.shard(), self.connected()?);
        let found = match self.runtime.block_on(claims.read(session, shard)) {
            Ok(found) => found,
            Err(error) => {
                self.lost = Some(lost);
                return Err(error);
            }
        };
        match found.filter(|row| row.publisher != self.name).map(|row| (row.publisher, row.writing_to)) {
            Some(seen) if seen != lost => {
                self.lost = Some(seen);
                Err(ServingError::Taken { keyspace: self.options.keyspace.clone(), shard })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn is_of_this_ledger(&self, reader: &LedgerReader, position: Position, head: &str) -> Result<(), ServingError> {
        let end = reader.durable_position();
        if position > end || head_of(reader, position)?.to_string() != head {
            return Err(ServingError::Diverged { position, end });
        }
        Ok(())
    }

    /// The shard's row, with this publisher in it.
    async fn own_row(
        &self,
        Connected { session, claims, .. }: &Connected,
        ledger: &str,
    ) -> Result<ShardRow, ServingError> {
        let Identity { shards, address, .. } = &self.identity;
        let shard = self.shard();
        loop {
            let Some(found) = claims.read(session, shard).await? else {
                let row = ShardRow {
                    shard,
                    shards: *shards as i32,
                    ledger: ledger.to_owned(),
                    publisher: self.name.clone(),
                    address: address.clone(),
                    writing_from: 0,
                    writing_to: 0,
                };
                claims.make(session, &row).await?;
                continue;
            };
            self.fits(&found, ledger)?;
            if found.publisher == self.name {
                return Ok(found);
            }
            claims.take(session, shard, (&self.name, address), &found.publisher).await?;
        }
    }

    fn connected(&self) -> Result<&Connected, ServingError> {
        self.connected.as_ref().ok_or_else(|| ServingError::Process("there is no session".to_owned()))
    }

    /// Writes all rows that changed from a published position to a state, and that they are there.
    fn write_to(
        &mut self,
        published: Position,
        target: State,
        is_over: &dyn Fn() -> bool,
    ) -> Result<u64, ServingError> {
        let before = match self.before.take().filter(|state| state.position() == published) {
            Some(state) => state,
            None => state_at(&self.handle, published)?,
        };
        let span = Span { shard: self.shard(), since: published, position: target.position() };
        let written = self.write_between(&before, &target, span, is_over);
        match &written {
            Ok(_) => self.before = Some(target),
            // It is begun, and written once more.
            Err(_) => (self.before, self.pending) = (Some(before), Some(target)),
        }
        written
    }

    fn write_between(
        &self,
        before: &State,
        target: &State,
        span: Span,
        is_over: &dyn Fn() -> bool,
    ) -> Result<u64, ServingError> {
        let Connected { session, claims, writer, .. } = self.connected()?;
        let write = |rows: Vec<Row>| {
            if is_over() {
                return Err(ServingError::Ended);
            }
            self.runtime.block_on(writer.write(session, rows, span))
        };
        let reader = self.handle.reader();
        let (mut rows, mut gathered) = (0, Vec::with_capacity(TOGETHER));
        target.each_published(before, &reader, &mut |change| {
            rows += 1;
            gathered.push(Row::of(change, &reader)?);
            if gathered.len() == TOGETHER { write(std::mem::take(&mut gathered)) } else { Ok(()) }
        })?;
        write(gathered)?;
        let head = head_of(&reader, span.position)?.to_string();
        let event_time = target.as_of().event_time;
        let reached = Progress { shard: span.shard, position: span.position, event_time, head };
        self.runtime.block_on(claims.reach(session, &reached))?;
        Ok(rows)
    }
}

impl Connected {
    async fn open(options: &ClusterOptions, shard: i32) -> Result<Connected, ServingError> {
        let session = options.connect().await?;
        schema::make(&session, options, shard).await?;
        let claims = Claims::prepare(&session, &options.keyspace).await?;
        let progress = ProgressReader::prepare(&session, &options.keyspace).await?;
        let writer = RowWriter::prepare(&session, &options.keyspace).await?;
        Ok(Connected { session, claims, progress, writer })
    }
}

/// The head of the frame that holds a position, from 1 on.
fn head_of(reader: &LedgerReader, position: Position) -> Result<Head, ServingError> {
    let frame = reader.frames_from(position)?.next().transpose()?;
    let frame = frame.ok_or(ServingError::Diverged { position, end: reader.durable_position() })?;
    Ok(Head::at(&frame.cursor_after()))
}

/// The state as of a position. Copies of a state share what is not changed.
fn state_at(handle: &Handle, position: Position) -> Result<State, ServingError> {
    if position == 0 {
        return Ok(State::new());
    }
    Ok(handle.read_as_of(position, |view| view.state.clone())?)
}
