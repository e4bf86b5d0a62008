//! What was quarantined and why, whole: for operators.

use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ingest::Handle;
use ledger::{
    Act, ActKind, LedgerError, LedgerReader, Quarantine, QuarantineFilter, QuarantineId, QuarantineRow as Kept,
    QuarantineState,
};
use projections::View;
use projections::query::{read_cursor, write_cursor};
use projections::views::AsOf;

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::caller::{Caller, Privilege};
use crate::openapi::Refusals;
use crate::parameters::{CURSOR, FROM, Given, ORIGIN, QUARANTINE_STATE, RAW, REASON, TO, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::views::{List, QuarantineAct, QuarantineRow, Shown};

parameters! { QuarantineParameters: QUARANTINE_STATE, REASON, ORIGIN, FROM, TO, RAW, LIMIT, CURSOR }
parameters! { QuarantinedParameters: }

/// A page ends before it has more raw bytes than this, whatever its limit: one event may have millions.
const PAGE_RAW_BYTES_MAX: usize = 8 * 1024 * 1024;

/// So many rows are looked at while the state stands still.
const ROWS_TOGETHER: usize = 1_024;

/// Where the quarantine is looked at: in a state that stands still, or in one that may move on between two looks.
trait Look {
    fn look<T>(&self, look: impl FnOnce(&Quarantine) -> T) -> T;
}

impl Look for View<'_> {
    fn look<T>(&self, look: impl FnOnce(&Quarantine) -> T) -> T {
        look(self.quarantine())
    }
}

impl Look for Handle {
    fn look<T>(&self, look: impl FnOnce(&Quarantine) -> T) -> T {
        self.read(|view| look(view.quarantine()))
    }
}

pub(crate) fn quarantine(asked: &Asked<'_>) -> Result<List<QuarantineRow>, Problem> {
    list(asked.view, asked.ledger, asked.caller, asked.parameters, asked.view.as_of())
}

/// One of them, in whatever state.
pub(crate) fn quarantined(asked: &Asked<'_>, id: &str) -> Result<QuarantineRow, Problem> {
    asked.caller.require(Privilege::SeeOperation)?;
    Given::of(asked.parameters, QuarantinedParameters::ALL)?;
    let kept = id_of_path(id).and_then(|id| asked.view.quarantine().get(id)).ok_or_else(|| not_there(id))?;
    row(asked.ledger, kept, Bytes::Whole)
}

fn list(
    source: &impl Look,
    ledger: &LedgerReader,
    caller: &Caller,
    parameters: &[(String, String)],
    as_of: AsOf,
) -> Result<List<QuarantineRow>, Problem> {
    caller.require(Privilege::SeeOperation)?;
    let given = Given::of(parameters, QuarantineParameters::ALL)?;
    let filter = filter_of(&given)?;
    let bytes = if given.get(&RAW)?.unwrap_or(true) { Bytes::Whole } else { Bytes::LeftOut };
    let request = given.page()?;
    let shown = request.cursor.as_deref().map(|text| after_cursor(text, &filter)).transpose()?;
    // Where the total is known, only the page's own rows are looked at.
    let known = source.look(|quarantine| quarantine.count_chosen(&filter));
    let (mut page, mut found, mut raw_bytes, mut is_full) = (Vec::<QuarantineRow>::new(), 0, 0, false);
    let mut after = if known.is_some() { shown } else { None };
    while !(is_full && known.is_some()) {
        let piece: Vec<Kept> = source.look(|quarantine| quarantine.after(after).take(ROWS_TOGETHER).collect());
        let Some(last) = piece.last() else { break };
        after = Some(last.id);
        for kept in piece {
            if !ledger.is_chosen(&filter, &kept).map_err(|error| Problem::internal(&error))? {
                continue;
            }
            found += 1;
            if is_full || shown.is_some_and(|shown| kept.id <= shown) {
                continue;
            }
            raw_bytes += match bytes {
                Bytes::Whole => kept.location.length as usize,
                Bytes::LeftOut => 0,
            };
            is_full = page.len() == request.limit || (raw_bytes > PAGE_RAW_BYTES_MAX && !page.is_empty());
            if !is_full {
                page.push(row(ledger, kept, bytes)?);
            }
        }
    }
    let next_cursor = if is_full { page.last().map(|row| cursor_after(&filter, QuarantineId(row.id))) } else { None };
    Ok(List { rows: page, total: known.unwrap_or(found), next_cursor, as_of: as_of.shown() })
}

/// Which events the parameters choose; without a state, those that are open.
fn filter_of(given: &Given<'_>) -> Result<QuarantineFilter, Problem> {
    let (from, to) = (given.get(&FROM)?, given.get(&TO)?);
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Problem::of_field(ProblemKind::InvalidParameter, FROM.name, "it lies after to"));
    }
    Ok(QuarantineFilter {
        state: Some(given.get(&QUARANTINE_STATE)?.unwrap_or(QuarantineState::Open)),
        reason: given.get(&REASON)?,
        origin: given.get(&ORIGIN)?,
        from: from.map(|day| day.start()),
        before: to.map(|day| day.end()),
    })
}

/// Whether a row holds the bytes of its event. Where they are left out, they are not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bytes {
    Whole,
    LeftOut,
}

/// A row with what the ledger holds of its event.
pub(crate) fn row(ledger: &LedgerReader, kept: Kept, bytes: Bytes) -> Result<QuarantineRow, Problem> {
    let read = || -> Result<QuarantineRow, LedgerError> {
        let (rejection, origin) = ledger.quarantined_because(kept.location)?;
        let raw = match bytes {
            Bytes::Whole => Some(STANDARD.encode(ledger.quarantined(kept.location)?.raw)),
            Bytes::LeftOut => None,
        };
        let act = kept.act.map(|place| ledger.act(place)).transpose()?;
        Ok(QuarantineRow {
            id: kept.id.0,
            state: kept.state.as_str(),
            reason: rejection.reason.as_str(),
            field: rejection.field,
            detail: rejection.detail,
            origin,
            received_at: kept.received_at,
            repeated: kept.repeated,
            act: act.map(act_row),
            raw,
        })
    };
    read().map_err(|error| Problem::internal(&error))
}

fn act_row(act: Act) -> QuarantineAct {
    QuarantineAct {
        kind: match act.kind {
            ActKind::Discarded => "discarded",
            ActKind::Replaced => "replaced",
            ActKind::Redriven => "redriven",
        },
        by: act.by,
        at: act.at,
        why: act.why,
        position: Some(act.position).filter(|position| *position > 0),
    }
}

/// A number in a path. What cannot be one is not there.
pub(crate) fn id_of_path(text: &str) -> Option<QuarantineId> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().map(QuarantineId)
}

pub(crate) fn not_there(id: &str) -> Problem {
    Problem::new(ProblemKind::NotFound, format!("nothing is in quarantine under number {id}"))
}

/// The list that a cursor belongs to.
const LIST: &str = "quarantine";

/// What a cursor holds of its question: state, reason, origin, and both ends of the range.
type Question = (Option<String>, Option<String>, Option<String>, Option<i64>, Option<i64>);

fn question(filter: &QuarantineFilter) -> Question {
    (
        filter.state.map(|state| state.as_str().to_owned()),
        filter.reason.map(|reason| reason.as_str().to_owned()),
        filter.origin.clone(),
        filter.from.map(|from| from.0),
        filter.before.map(|before| before.0),
    )
}

/// A cursor of this list holds its question and the id of the last row.
#[must_use]
pub fn cursor_after(filter: &QuarantineFilter, last: QuarantineId) -> String {
    write_cursor(&(LIST, question(filter), last.0))
}

/// The id that a cursor of this list holds.
///
/// # Errors
/// 400 if it is none, or belongs to another question.
pub fn after_cursor(text: &str, filter: &QuarantineFilter) -> Result<QuarantineId, Problem> {
    let refused = |detail: &str| Problem::of_field(ProblemKind::InvalidParameter, CURSOR.name, detail);
    let held = read_cursor::<(String, Question, u64)>(text).filter(|(list, _, _)| list == LIST);
    let (_, asked, last) = held.ok_or_else(|| {
        refused("not a cursor that this list gave, or not whole: give `next_cursor` as it stands in the answer")
    })?;
    if asked != question(filter) {
        return Err(refused("it belongs to another question: filters must stay as they were"));
    }
    Ok(QuarantineId(last))
}

/// What is in quarantine, oldest first, with its bytes as they came: by default what is open. A page ends early where
/// they are many.
#[utoipa::path(
    get, path = "/v1/quarantine", tag = "operation", params(QuarantineParameters),
    responses((status = 200, body = List<QuarantineRow>), Refusals)
)]
pub(crate) async fn get_quarantine(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    let ledger = app.ledger()?.clone();
    // In pieces: the state does not stand still while origins are read.
    app.question(move || {
        let as_of = ledger.read(|view| view.as_of());
        Answer::json(&list(&ledger, &ledger.reader(), &asking.caller, &asking.parameters, as_of)?)
    })
    .await?
}

/// One quarantined event, whole, in whatever state.
#[utoipa::path(
    get, path = "/v1/quarantine/{id}", tag = "operation",
    params(("id" = u64, Path, description = "Its number."), QuarantinedParameters),
    responses((status = 200, body = QuarantineRow), Refusals)
)]
pub(crate) async fn get_quarantined(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_now(asking, |asked, path| Answer::json(&quarantined(asked, path.first())?)).await
}
