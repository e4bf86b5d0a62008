//! What came in, day by day: entries recorded, and events quarantined by reason. For who sees the operation.

use axum::extract::State;
use ledger::QuarantineRow;
use projections::query::DateRange;
use schemas::{Reason, Timestamp};

use super::{Answer, Asked};
use crate::app::App;
use crate::asking::Asking;
use crate::caller::Privilege;
use crate::openapi::Refusals;
use crate::parameters::{FROM, Given, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::views::{Intake, IntakeDay, Shown};

parameters! { IntakeParameters: FROM, TO }

/// The days of a range where nothing is said.
const RANGE_DAYS: i32 = 30;
/// So many days a range may have: for each the ledger is looked through for where it ends.
const DAYS_MAX: i32 = 400;

/// What came in on each day of a range. It costs a step for each event in quarantine, and a search for each day.
///
/// # Errors
/// The refusal that the API gives.
pub fn intake(asked: &Asked<'_>) -> Result<Intake, Problem> {
    asked.caller.require(Privilege::SeeOperation)?;
    let given = Given::of(asked.parameters, IntakeParameters::ALL)?;
    let range = given.range()?.resolve(asked.present, RANGE_DAYS)?;
    if range.to.0 - range.from.0 >= DAYS_MAX {
        let detail = format!("more than {DAYS_MAX} days: ask for a shorter range");
        return Err(Problem::of_field(ProblemKind::InvalidParameter, FROM.name, detail));
    }
    let mut points = recorded(asked, range)?;
    for row in asked.view.quarantine().after(None) {
        count(&mut points, range, &row);
    }
    Ok(Intake {
        from: range.from,
        to: range.to,
        recorded: points.iter().map(|day| day.recorded).sum(),
        quarantined: points.iter().map(|day| day.quarantined).sum(),
        points,
        as_of: asked.view.as_of().shown(),
    })
}

/// The days with how many entries were recorded on each.
fn recorded(asked: &Asked<'_>, range: DateRange) -> Result<Vec<IntakeDay>, Problem> {
    let end = asked.view.as_of().position;
    let before = |moment: Timestamp| {
        let position = asked.ledger.position_at(Timestamp(moment.0 - 1)).map_err(|error| Problem::internal(&error))?;
        Ok::<_, Problem>(position.min(end))
    };
    let mut behind = before(range.from.start())?;
    let mut points = Vec::new();
    for date in (range.from.0..=range.to.0).map(schemas::Day) {
        let upto = before(date.end())?;
        points.push(IntakeDay {
            date,
            recorded: upto - behind,
            quarantined: 0,
            too_large: 0,
            malformed: 0,
            unknown_type: 0,
            invalid_field: 0,
            conflict: 0,
        });
        behind = upto;
    }
    Ok(points)
}

fn count(points: &mut [IntakeDay], range: DateRange, row: &QuarantineRow) {
    let at = row.received_at.day().0 - range.from.0;
    let Some(day) = usize::try_from(at).ok().and_then(|at| points.get_mut(at)) else { return };
    let of_reason = match row.reason {
        Reason::TooLarge => &mut day.too_large,
        Reason::Malformed => &mut day.malformed,
        Reason::UnknownType => &mut day.unknown_type,
        Reason::InvalidField => &mut day.invalid_field,
        Reason::Conflict => &mut day.conflict,
    };
    *of_reason += 1;
    day.quarantined += 1;
}

/// What came in on each UTC day of a range, at most 400, the last 30 by default: how many entries were recorded, and how
/// many of the events that arrived are in quarantine, by reason; one that got in by another try is not.
#[utoipa::path(
    get, path = "/v1/intake", tag = "operation", params(IntakeParameters),
    responses((status = 200, body = Intake), Refusals)
)]
pub(crate) async fn get_intake(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    app.answer_now(asking, |asked, _| Answer::json(&intake(asked)?)).await
}
