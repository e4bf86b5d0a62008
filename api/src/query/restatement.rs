//! What was learned between two positions about one period (SPEC 6). `until` decides of which state it is asked, as
//! `as_of` does for other questions; its own `as_of` is where the learning begins.

use axum::extract::State;
use ledger::Position;
use projections::views;
use replay::AsOf;

use super::{Answer, Asked};
use crate::app::App;
use crate::as_of::{moment_problem, until_of};
use crate::asking::Asking;
use crate::openapi::Refusals;
use crate::parameters::{AS_OF_BEGINNING, CODE, Given, UNTIL, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::views::Restatement;

parameters! { RestatementParameters: UID, FROM, TO, CODE, AS_OF_BEGINNING, UNTIL, LIMIT, CURSOR }

/// What was learned about a range between two positions.
///
/// # Errors
/// The refusal that the API gives.
pub fn restatement(asked: &Asked<'_>) -> Result<views::Restatement, Problem> {
    let given = Given::of(asked.parameters, RestatementParameters::ALL)?;
    let uid = asked.caller.referrer(&given)?;
    let code = given.get(&CODE)?;
    let (range, page) = (given.range()?, given.page()?);
    let since = since(asked, &given)?;
    Ok(asked.view.restatement(uid, range, code.as_deref(), since, asked.present, &page)?)
}

/// The position after which the learning begins; 0 where nothing was known yet.
fn since(asked: &Asked<'_>, given: &Given<'_>) -> Result<Position, Problem> {
    let begins = given.require(&AS_OF_BEGINNING)?;
    if let (AsOf::Time(begins), Some(AsOf::Time(ends))) = (begins, given.get(&UNTIL)?)
        && begins > ends
    {
        // Also where no entry lies between the two.
        let detail = format!("{begins} lies after until ({ends})");
        return Err(Problem::of_field(ProblemKind::InvalidParameter, AS_OF_BEGINNING.name, detail));
    }
    begins.position_or_nothing(asked.ledger).map_err(|error| moment_problem(AS_OF_BEGINNING.name, &error))
}

/// The entries between two positions of the ledger that changed what a referrer, or one of its codes, earned in a range
/// of UTC days (the last 30 by default), and what it came to before and after.
#[utoipa::path(
    get, path = "/v1/restatement", tag = "rewards", params(RestatementParameters),
    responses((status = 200, body = Restatement), Refusals)
)]
pub(crate) async fn get_restatement(State(app): State<App>, asking: Asking) -> Result<Answer, Problem> {
    let answer = |asked: &Asked<'_>, _: &_| Answer::shown(restatement(asked)?);
    match until_of(&asking.parameters)? {
        None => app.answer_now(asking, answer).await,
        Some(moment) => {
            let about = asking.referrer();
            app.answer_as_of(asking, about, (moment, UNTIL.name), answer).await
        }
    }
}
