//! Which questions are answered from a referrer's published rows, and of which days these have to be there: for who has the
//! rows and no ledger.

use projections::query::{DateRange, RANGE_DAYS, position_of_cursor};
use schemas::{Timestamp, Uid};

use crate::caller::Caller;
use crate::parameters::{AS_OF, BEFORE, CURSOR, Described, Given};
use crate::problem::Problem;
use crate::query::countries::CountriesParameters;
use crate::query::overview::{OverviewParameters, SeriesParameters};

/// What a question is answered from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowsNeeded {
    /// The rows of this referrer.
    pub referrer: Uid,
    /// The cells of these days.
    pub range: DateRange,
    /// Whether nobody said which days: where there is nothing in them, the answer says which days have anything.
    pub is_by_default: bool,
}

/// What a question is answered from, by its path below `/v1/` in segments; none where a referrer's rows do not answer it:
/// another question, one about all referrers, or one about the past.
///
/// # Errors
/// The refusal that the API gives, where a parameter is wrong or the caller may not ask.
pub fn rows_needed(
    path: &[&str],
    caller: &Caller,
    parameters: &[(String, String)],
    now: Timestamp,
) -> Result<Option<RowsNeeded>, Problem> {
    let known: &'static [&'static dyn Described] = match path {
        ["overview"] => OverviewParameters::ALL,
        ["overview", "series"] => SeriesParameters::ALL,
        ["countries"] => CountriesParameters::ALL,
        _ => return Ok(None),
    };
    let given = Given::of(parameters, known)?;
    let is_of_the_past = |(name, value): &(String, String)| {
        name == AS_OF.name || (name == CURSOR.name && position_of_cursor(value).is_some())
    };
    let Some(referrer) = caller.referrer_or_all(&given)?.filter(|_| !parameters.iter().any(is_of_the_past)) else {
        return Ok(None);
    };
    let asked = given.range()?;
    let mut range = asked.resolve(now, RANGE_DAYS)?;
    if path == ["overview", "series"]
        && given.get(&BEFORE)?.unwrap_or_default()
        && let Some(before) = range.before()
    {
        range.from = before.from;
    }
    let is_by_default = asked.from.is_none() && asked.to.is_none();
    Ok(Some(RowsNeeded { referrer, range, is_by_default }))
}

#[cfg(test)]
mod tests {
    use schemas::Day;

    use super::*;
    use crate::caller::Role;

    fn needed(path: &[&str], role: Role, parameters: &[(&str, &str)]) -> Result<Option<RowsNeeded>, Problem> {
        let parameters: Vec<(String, String)> =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let now = Day::parse("2026-03-31").expect("a day").start();
        rows_needed(path, &Caller::new(role, Some(Uid(7))).expect("a caller"), &parameters, now)
    }

    #[test]
    fn the_days_are_those_that_the_answer_looks_at() {
        let day = |text: &str| Day::parse(text).expect("a day");
        let range = |from: &str, to: &str| DateRange { from: day(from), to: day(to) };
        let march = [("from", "2026-03-01"), ("to", "2026-03-31"), ("uid", "9")];
        let found = needed(&["countries"], Role::Operator, &march).expect("parameters").expect("rows");
        assert_eq!(
            (found.referrer, found.range, found.is_by_default),
            (Uid(9), range("2026-03-01", "2026-03-31"), false)
        );
        let found = needed(&["overview"], Role::Affiliate, &[]).expect("parameters").expect("rows");
        assert_eq!(
            (found.referrer, found.range, found.is_by_default),
            (Uid(7), range("2026-03-02", "2026-03-31"), true)
        );
        let before = [("from", "2026-03-30"), ("to", "2026-03-31"), ("before", "true")];
        let found = needed(&["overview", "series"], Role::Affiliate, &before).expect("parameters").expect("rows");
        assert_eq!(found.range, range("2026-03-28", "2026-03-31"));
    }

    #[test]
    fn other_questions_those_about_all_and_those_about_the_past_are_not_answered_from_rows() {
        for (path, role, parameters) in [
            (&["rewards"][..], Role::Affiliate, &[][..]),
            (&["overview", "other"], Role::Affiliate, &[]),
            (&["overview"], Role::Operator, &[]),
            (&["overview"], Role::Affiliate, &[("as_of", "3")]),
        ] {
            assert_eq!(needed(path, role, parameters), Ok(None), "{path:?} {parameters:?}");
        }
        for (parameters, field) in [(&[("form", "2026-01-01")], "form"), (&[("from", "today")], "from")] {
            let refused = needed(&["overview"], Role::Affiliate, parameters).expect_err("a refusal");
            assert_eq!((refused.status(), refused.field.as_deref()), (400, Some(field)));
        }
        let refused = needed(&["overview"], Role::Affiliate, &[("uid", "8")]).expect_err("a refusal");
        assert_eq!(refused.status(), 403);
    }
}
