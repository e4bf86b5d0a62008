//! Which moment a question is about: the present, or an earlier position that its `as_of`, or the cursor of a list
//! as of one, names (SPEC 6).

use ingest::{AsOfError, Handle, SnapshotError};
use ledger::Position;
use projections::query::position_of_cursor;
use replay::{AsOf, MomentError, PastError};

use crate::parameters::{AS_OF, CURSOR, UNTIL};
use crate::problem::{Problem, ProblemKind};

/// The questions that are always about the present: they take no `as_of` (SPEC 6).
const OF_THE_PRESENT: &[&str] = &["status", "quarantine", "audit", "feed"];

/// The moment that a question is about, by its path below `/v1/` in segments; none for the present.
///
/// # Errors
/// If what names it is neither a position nor a date nor a time.
pub fn moment_asked(path: &[&str], parameters: &[(String, String)]) -> Result<Option<AsOf>, Problem> {
    match path {
        [first, ..] if OF_THE_PRESENT.contains(first) => Ok(None),
        ["restatement"] => until_of(parameters),
        _ => moment_of(parameters),
    }
}

/// The same for a question that takes `as_of`.
pub(crate) fn moment_of(parameters: &[(String, String)]) -> Result<Option<AsOf>, Problem> {
    named_by(AS_OF.name, parameters)
}

/// The same for a restatement, which is about the moment where it ends.
pub fn until_of(parameters: &[(String, String)]) -> Result<Option<AsOf>, Problem> {
    named_by(UNTIL.name, parameters)
}

fn named_by(name: &str, parameters: &[(String, String)]) -> Result<Option<AsOf>, Problem> {
    let given = |name: &str| parameters.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    match given(name) {
        Some(text) => AsOf::parse(text).map(Some).map_err(|error| moment_problem(name, &error)),
        None => Ok(given(CURSOR.name).and_then(position_of_cursor).map(AsOf::Position)),
    }
}

/// The position of a moment that a parameter of this name gave.
pub(crate) fn position_of(ledger: &Handle, moment: AsOf, name: &str) -> Result<Position, Problem> {
    ledger.position_as_of(moment).map_err(|error| moment_problem(name, &error))
}

/// A moment that this ledger does not have, or that is none.
pub fn moment_problem(name: &str, error: &MomentError) -> Problem {
    match error {
        MomentError::Read(error) => Problem::internal(error),
        MomentError::Unreadable
        | MomentError::Unclear(_)
        | MomentError::Zero
        | MomentError::BeyondEnd { .. }
        | MomentError::BeforeFirst { .. }
        | MomentError::Empty => Problem::of_field(ProblemKind::InvalidParameter, name, error.to_string()),
    }
}

impl From<SnapshotError> for Problem {
    fn from(error: SnapshotError) -> Problem {
        match error {
            SnapshotError::TooMany { .. } => Problem::new(ProblemKind::Unavailable, error.to_string()),
        }
    }
}

impl From<AsOfError> for Problem {
    fn from(error: AsOfError) -> Problem {
        match error {
            AsOfError::Past(error) => error.into(),
            AsOfError::Snapshot(error) => error.into(),
        }
    }
}

impl From<PastError> for Problem {
    fn from(error: PastError) -> Problem {
        match error {
            PastError::Busy { .. } => Problem::new(ProblemKind::Unavailable, error.to_string()),
            PastError::Replay(error) => Problem::internal(&error),
        }
    }
}
