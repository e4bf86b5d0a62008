//! What was done by whom: for operators and auditors. It is read where it lies in the ledger; in memory is where that is.

use std::ops::Range;

use axum::extract::State;
use ledger::{ActKind, DeedFilter, DeedRow, Deeds, EventReader, LedgerReader};
use projections::query::{read_cursor, write_cursor};
use schemas::Timestamp;

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::caller::Privilege;
use crate::openapi::Refusals;
use crate::parameters::{ACTOR_ROLE, CURSOR, EVENT_TYPE, FROM, Given, TO, WHO, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::views::{AuditEvent, AuditRow, List, Shown};

parameters! { AuditParameters: WHO, ACTOR_ROLE, EVENT_TYPE, FROM, TO, LIMIT, CURSOR }

/// What was done, newest first.
///
/// # Errors
/// The refusal that the API gives.
pub fn audit(asked: &Asked<'_>) -> Result<List<AuditRow>, Problem> {
    asked.caller.require(Privilege::SeeOperation)?;
    let given = Given::of(asked.parameters, AuditParameters::ALL)?;
    let filter = filter_of(&given)?;
    let request = given.page()?;
    let shown = request.cursor.as_deref().map(|text| before_cursor(text, &filter)).transpose()?;
    let (ledger, deeds) = (asked.ledger, asked.view.state.index().deeds());
    // Where nothing is left out the total is known, and only the page's own rows are read.
    let known = filter.takes_all().then(|| deeds.rows());
    let frames = frames_of(ledger, deeds, &filter)?;
    let first = match (known, shown) {
        (Some(_), Some(shown)) => (deeds.frame_of(shown) + 1).min(frames.end),
        _ => frames.end,
    };
    let (mut page, mut found, mut is_full) = (Vec::<AuditRow>::new(), 0, false);
    for place in (frames.start..first).rev().filter_map(|number| deeds.frame(number)) {
        if is_full && known.is_some() {
            break;
        }
        let rows = ledger.deed_rows(place, &filter).map_err(|error| Problem::internal(&error))?;
        for row in rows.into_iter().rev() {
            found += 1;
            if is_full || shown.is_some_and(|shown| row.number >= shown) {
                continue;
            }
            is_full = page.len() == request.limit;
            if !is_full {
                page.push(audit_row(ledger, row)?);
            }
        }
    }
    let next_cursor = if is_full { page.last().map(|row| cursor_before(&filter, row.id)) } else { None };
    Ok(List { rows: page, total: known.unwrap_or(found), next_cursor, as_of: asked.view.as_of().shown() })
}

/// Which deeds the parameters choose.
fn filter_of(given: &Given<'_>) -> Result<DeedFilter, Problem> {
    let (from, to) = (given.get(&FROM)?, given.get(&TO)?);
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Problem::of_field(ProblemKind::InvalidParameter, FROM.name, "it lies after to"));
    }
    Ok(DeedFilter {
        who: given.get(&WHO)?,
        role: given.get(&ACTOR_ROLE)?,
        event_type: given.get(&EVENT_TYPE)?,
        from: from.map(|day| day.start()),
        before: to.map(|day| day.end()),
    })
}

/// The frames that were recorded when the filter says. Later ones were never recorded earlier.
fn frames_of(ledger: &LedgerReader, deeds: &Deeds, filter: &DeedFilter) -> Result<Range<usize>, Problem> {
    let first_at = |moment: Option<Timestamp>, none: usize| -> Result<usize, Problem> {
        let Some(moment) = moment else { return Ok(none) };
        let (mut low, mut high) = (0, deeds.frames());
        while low < high {
            let middle = low.midpoint(high);
            let Some(place) = deeds.frame(middle) else { break };
            let recorded_at = ledger.deeds_recorded_at(place).map_err(|error| Problem::internal(&error))?;
            if recorded_at < moment { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    };
    Ok(first_at(filter.from, 0)?..first_at(filter.before, deeds.frames())?)
}

fn audit_row(ledger: &LedgerReader, row: DeedRow) -> Result<AuditRow, Problem> {
    let named = |position: u64| -> Result<AuditEvent, Problem> {
        let event = ledger.event(position).map_err(|error| Problem::internal(&error))?;
        Ok(AuditEvent {
            source: event.source.to_string(),
            id: event.id.to_string(),
            event_type: event.event_type().name(),
            time: event.time,
            position,
        })
    };
    let event = row.event().map(named).transpose()?;
    let DeedRow { number, position, recorded_at, actor, events, quarantined, act } = row;
    let what = act.as_ref().map_or("events", |act| match act.kind {
        ActKind::Discarded => "discarded",
        ActKind::Replaced => "replaced",
        ActKind::Redriven => "redriven",
    });
    Ok(AuditRow {
        id: number,
        position,
        recorded_at,
        actor: actor.into(),
        what,
        events,
        quarantined,
        event,
        quarantine_id: act.as_ref().map(|act| act.id.0),
        reason: act.map(|act| act.why),
    })
}

/// The list that a cursor belongs to.
const LIST: &str = "audit";

/// What a cursor holds of its question: who, role, type, and both ends of the range.
type Question = (Option<String>, Option<String>, Option<String>, Option<i64>, Option<i64>);

fn question(filter: &DeedFilter) -> Question {
    (
        filter.who.clone(),
        filter.role.clone(),
        filter.event_type.map(|event_type| event_type.name().to_owned()),
        filter.from.map(|from| from.0),
        filter.before.map(|before| before.0),
    )
}

/// A cursor of this list holds its question and the number of the last row.
fn cursor_before(filter: &DeedFilter, last: u64) -> String {
    write_cursor(&(LIST, question(filter), last))
}

fn before_cursor(text: &str, filter: &DeedFilter) -> Result<u64, Problem> {
    let refused = |detail: &str| Problem::of_field(ProblemKind::InvalidParameter, CURSOR.name, detail);
    let held = read_cursor::<(String, Question, u64)>(text).filter(|(list, _, _)| list == LIST);
    let (_, asked, last) = held.ok_or_else(|| {
        refused("not a cursor that this list gave, or not whole: give `next_cursor` as it stands in the answer")
    })?;
    if asked != question(filter) {
        return Err(refused("it belongs to another question: filters must stay as they were"));
    }
    Ok(last)
}

/// What was done by whom, newest first: commands, events sent in, and decisions on quarantined events. What came from Kafka
/// or from files was done by nobody that is known, and is not in it.
#[utoipa::path(
    get, path = "/v1/audit", tag = "operation", params(AuditParameters),
    responses((status = 200, body = List<AuditRow>), Refusals)
)]
pub(crate) async fn get_audit(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_now(asking, |asked, _| Answer::json(&audit(asked)?)).await
}
