//! A statement asked: planned, held to reading alone, run, and written as it comes.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};

use datafusion::common::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{SQLOptions, SessionContext};
use futures_util::StreamExt;

use crate::error::SqlError;
use crate::limits::{Limits, STATEMENT_BYTES_MAX};
use crate::refusal::refused;
use crate::session::session;
use crate::size;
use crate::subject::Subject;
use crate::writing::{Form, Writer};

/// How often it is looked whether it was broken off.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// What was read of a long statement is let go of step by step.
const STACK_BYTES: usize = 64 << 20;

/// What DataFusion says where what is laid aside is more than may be.
const NO_ROOM: &str = "used disk space during the spilling process has exceeded";

/// What is asked, and how.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// One statement that reads.
    pub statement: &'q str,
    /// In which form its rows are written.
    pub form: Form,
    /// How many rows are written at most.
    pub rows_max: Option<u64>,
    /// What it may take.
    pub limits: Limits,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Rows.
    pub rows: u64,
    /// Whether there are more.
    pub has_more: bool,
}

/// Asks, and writes the answer. `is_broken_off` is asked now and then.
///
/// # Errors
/// If it is no statement that reads what is there, it comes to nothing, it takes more than it may, what is written is not
/// taken, or it was broken off. What was written until then is no answer.
pub fn ask(
    subject: Arc<dyn Subject>,
    question: &Question<'_>,
    out: &mut (dyn Write + Send),
    is_broken_off: &(dyn Fn() -> bool + Sync),
) -> Result<Answered, SqlError> {
    std::thread::scope(|scope| {
        let asking = || run(subject, question, out, is_broken_off);
        let asking = Builder::new().name("sql".to_owned()).stack_size(STACK_BYTES).spawn_scoped(scope, asking)?;
        asking.join().map_err(|_| SqlError::Failed("the thread that asks broke off".to_owned()))?
    })
}

fn run(
    subject: Arc<dyn Subject>,
    question: &Question<'_>,
    out: &mut (dyn Write + Send),
    is_broken_off: &(dyn Fn() -> bool + Sync),
) -> Result<Answered, SqlError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build()?;
    let begun = Instant::now();
    let bounds = Bounds { begun, time: question.limits.time, is_broken_off };
    runtime.block_on(async {
        let session = session(subject, &question.limits).map_err(|error| failed(&error))?;
        let stream = bounds.within(begin(&session, question.statement)).await??;
        write(stream, question, out, &bounds).await
    })
}

/// Plans a statement, and begins to run it.
async fn begin(session: &SessionContext, statement: &str) -> Result<SendableRecordBatchStream, SqlError> {
    if statement.len() > STATEMENT_BYTES_MAX {
        let told = format!("the statement has {} bytes, of which {STATEMENT_BYTES_MAX} are taken", statement.len());
        return Err(SqlError::Refused(told));
    }
    let refuse = |error: DataFusionError| refused(&error, statement);
    let state = session.state();
    let read = state.sql_to_statement(statement, &state.config_options().sql_parser.dialect).map_err(refuse)?;
    size::check(&read)?;
    let plan = state.statement_to_plan(read).await.map_err(refuse)?;
    reads_alone(&plan)?;
    names_are_apart(&plan)?;
    let frame = session.execute_logical_plan(plan).await.map_err(refuse)?;
    // Types are brought together here: what is wrong with them is the statement's. What a constant comes to is seen when it runs.
    let plan = frame.create_physical_plan().await.map_err(refuse)?;
    datafusion::physical_plan::execute_stream(plan, session.task_ctx()).map_err(|error| failed(&error))
}

/// Holds that a statement changes nothing, no file either.
fn reads_alone(plan: &LogicalPlan) -> Result<(), SqlError> {
    let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    reading.verify_plan(plan).map_err(|error| {
        let said = error.strip_backtrace();
        let what = said.rsplit(": ").next().unwrap_or_default();
        SqlError::Refused(format!(
            "{what} is not done here: statements read the ledger and nothing else (select, with, values, explain, describe, show)"
        ))
    })
}

/// Holds that each column of an answer has a name of its own, as JSON and Parquet need.
fn names_are_apart(plan: &LogicalPlan) -> Result<(), SqlError> {
    let mut names = BTreeSet::new();
    match plan.schema().fields().iter().find(|field| !names.insert(field.name())) {
        None => Ok(()),
        Some(twice) => {
            let name = twice.name();
            Err(SqlError::Refused(format!("two columns are called {name}: give one another name (… as other_{name})")))
        }
    }
}

async fn write(
    mut stream: SendableRecordBatchStream,
    question: &Question<'_>,
    out: &mut (dyn Write + Send),
    bounds: &Bounds<'_>,
) -> Result<Answered, SqlError> {
    let mut writer = Writer::begin(question.form, stream.schema(), out)?;
    let mut answered = Answered { rows: 0, has_more: false };
    while let Some(batch) = bounds.within(stream.next()).await? {
        let batch = batch.map_err(|error| failed(&error))?;
        let room = question.rows_max.map_or(u64::MAX, |most| most - answered.rows);
        let rows = usize::try_from(room).unwrap_or(usize::MAX).min(batch.num_rows());
        writer.write(&batch.slice(0, rows))?;
        answered.rows += rows as u64;
        if rows < batch.num_rows() {
            answered.has_more = true;
            break;
        }
    }
    writer.finish()?;
    Ok(answered)
}

/// Why what was begun came to nothing.
fn failed(error: &DataFusionError) -> SqlError {
    let root = error.find_root();
    // It comes as a failure of a disk.
    if root.to_string().contains(NO_ROOM) {
        return SqlError::TooLarge("the question needs to lay more aside than it may (--spill)".to_owned());
    }
    match root {
        DataFusionError::ResourcesExhausted(said) => {
            let said = said.lines().next().unwrap_or_default();
            SqlError::TooLarge(format!("the question needs more than it may have (--memory): {said}"))
        }
        DataFusionError::External(cause) => SqlError::Failed(cause.to_string()),
        DataFusionError::Execution(said) => SqlError::Failed(said.clone()),
        DataFusionError::ArrowError(cause, _) => SqlError::Failed(cause.to_string()),
        other => SqlError::Failed(other.strip_backtrace()),
    }
}

/// When a question ends before its end.
struct Bounds<'b> {
    begun: Instant,
    time: Option<Duration>,
    is_broken_off: &'b (dyn Fn() -> bool + Sync),
}

impl Bounds<'_> {
    /// What comes of something, if it comes in time and is not broken off.
    async fn within<T>(&self, coming: impl Future<Output = T>) -> Result<T, SqlError> {
        let mut coming = std::pin::pin!(coming);
        loop {
            self.check()?;
            if let Ok(come) = tokio::time::timeout(BETWEEN_LOOKS, &mut coming).await {
                return Ok(come);
            }
        }
    }

    fn check(&self) -> Result<(), SqlError> {
        if (self.is_broken_off)() {
            return Err(SqlError::Interrupted);
        }
        match self.time {
            Some(limit) if self.begun.elapsed() >= limit => Err(SqlError::TimeIsUp { limit }),
            Some(_) | None => Ok(()),
        }
    }
}
