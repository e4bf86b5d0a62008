//! Which questions are answered from a referrer's published rows, and which of these have to be there: for who has the rows and
//! no ledger.

use projections::published::PromotionKind;
use projections::query::{DateRange, RANGE_DAYS, position_of_cursor, positions_of_cursor};
use schemas::{Timestamp, Uid};

use crate::caller::Caller;
use crate::parameters::{AS_OF, BEFORE, CODE, CURSOR, Described, Given};
use crate::problem::Problem;
use crate::query::account::AccountParameters;
use crate::query::campaigns::CampaignsParameters;
use crate::query::codes::{AccountCodesParameters, CodeParameters, CodeReferralsParameters, CodesParameters};
use crate::query::countries::CountriesParameters;
use crate::query::offers::OffersParameters;
use crate::query::overview::{OverviewParameters, SeriesParameters};
use crate::query::referrals::ReferralsParameters;

/// What a question is answered from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsNeeded {
    /// The rows of this referrer: its codes, its standings, the platform's rules.
    pub referrer: Uid,
    /// The cells of some days, where any are looked at.
    pub cells: Option<CellsNeeded>,
    /// Who registered with its codes.
    pub invitees: InviteesNeeded,
    /// What is on offer.
    pub promotions: Option<PromotionKind>,
}

/// Which cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellsNeeded {
    /// Those of these days.
    pub range: DateRange,
    /// Whether nobody said which days: where there is nothing in them, the answer says which days have anything.
    pub is_by_default: bool,
}

/// Whose invitees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InviteesNeeded {
    /// None are looked at.
    None,
    /// Those of one code.
    OfCode(String),
    /// Those of all codes of the referrer.
    All,
}

/// A question that rows answer.
enum FromRows<'p> {
    /// From cells, of a range.
    Cells(&'static [&'static dyn Described]),
    /// From who registered with the code in its path, or with all.
    Invitees(&'static [&'static dyn Described], Option<&'p str>),
    /// From what holds of the referrer itself, and what is on offer to it.
    Own(&'static [&'static dyn Described], Option<PromotionKind>),
}

fn from_rows<'p>(path: &[&'p str]) -> Option<FromRows<'p>> {
    Some(match path {
        ["overview"] => FromRows::Cells(OverviewParameters::ALL),
        ["overview", "series"] => FromRows::Cells(SeriesParameters::ALL),
        ["countries"] => FromRows::Cells(CountriesParameters::ALL),
        ["referrals"] => FromRows::Invitees(ReferralsParameters::ALL, None),
        ["codes"] => FromRows::Invitees(CodesParameters::ALL, None),
        ["codes", code] => FromRows::Invitees(CodeParameters::ALL, Some(*code)),
        ["codes", code, "referrals"] => FromRows::Invitees(CodeReferralsParameters::ALL, Some(*code)),
        ["account"] => FromRows::Own(AccountParameters::ALL, None),
        ["account", "codes"] => FromRows::Own(AccountCodesParameters::ALL, None),
        ["campaigns"] => FromRows::Own(CampaignsParameters::ALL, Some(PromotionKind::Campaign)),
        ["offers"] => FromRows::Own(OffersParameters::ALL, Some(PromotionKind::Offer)),
        _ => return None,
    })
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
    let Some(question) = from_rows(path) else { return Ok(None) };
    let (FromRows::Cells(known) | FromRows::Invitees(known, _) | FromRows::Own(known, _)) = question;
    let given = Given::of(parameters, known)?;
    let is_of_the_past = |(name, value): &(String, String)| {
        let keeps_a_moment = || position_of_cursor(value).is_some() || positions_of_cursor(value).is_some();
        name == AS_OF.name || (name == CURSOR.name && keeps_a_moment())
    };
    let is_of_the_past = parameters.iter().any(is_of_the_past);
    let rows = |referrer, cells, invitees, promotions| Ok(Some(RowsNeeded { referrer, cells, invitees, promotions }));
    match question {
        FromRows::Cells(_) => match caller.referrer_or_all(&given)?.filter(|_| !is_of_the_past) {
            Some(referrer) => rows(referrer, Some(cells_needed(path, &given, now)?), InviteesNeeded::None, None),
            None => Ok(None),
        },
        FromRows::Invitees(..) | FromRows::Own(..) if is_of_the_past => Ok(None),
        FromRows::Invitees(known, code) => {
            let has_code = known.iter().any(|parameter| parameter.name() == CODE.name);
            let code = if has_code { given.get(&CODE)? } else { code.map(str::to_owned) };
            rows(caller.referrer(&given)?, None, code.map_or(InviteesNeeded::All, InviteesNeeded::OfCode), None)
        }
        FromRows::Own(_, promotions) => {
            // A period is a month or a quarter, and offers count the running one.
            let from = now.day().quarter_start();
            let range = DateRange { from, to: from.last_of_months(3) };
            let cells =
                (promotions == Some(PromotionKind::Offer)).then_some(CellsNeeded { range, is_by_default: false });
            rows(caller.referrer(&given)?, cells, InviteesNeeded::None, promotions)
        }
    }
}

fn cells_needed(path: &[&str], given: &Given<'_>, now: Timestamp) -> Result<CellsNeeded, Problem> {
    let asked = given.range()?;
    let mut range = asked.resolve(now, RANGE_DAYS)?;
    if path == ["overview", "series"]
        && given.get(&BEFORE)?.unwrap_or_default()
        && let Some(before) = range.before()
    {
        range.from = before.from;
    }
    Ok(CellsNeeded { range, is_by_default: asked.from.is_none() && asked.to.is_none() })
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
        let rows = |referrer, range, is_by_default| RowsNeeded {
            referrer,
            cells: Some(CellsNeeded { range, is_by_default }),
            invitees: InviteesNeeded::None,
            promotions: None,
        };
        let found = needed(&["countries"], Role::Operator, &march).expect("parameters").expect("rows");
        assert_eq!(found, rows(Uid(9), range("2026-03-01", "2026-03-31"), false));
        let found = needed(&["overview"], Role::Affiliate, &[]).expect("parameters").expect("rows");
        assert_eq!(found, rows(Uid(7), range("2026-03-02", "2026-03-31"), true));
        let before = [("from", "2026-03-30"), ("to", "2026-03-31"), ("before", "true")];
        let found = needed(&["overview", "series"], Role::Affiliate, &before).expect("parameters").expect("rows");
        assert_eq!(found, rows(Uid(7), range("2026-03-28", "2026-03-31"), false));
    }

    #[test]
    fn the_invitees_are_those_of_the_code_that_is_named_or_of_all_and_offers_look_at_the_quarter() {
        let of_code = |code: &str| InviteesNeeded::OfCode(code.to_owned());
        for (path, parameters, invitees) in [
            (&["referrals"][..], &[][..], InviteesNeeded::All),
            (&["referrals"], &[("code", "ALPHA"), ("q", "a")], of_code("ALPHA")),
            (&["codes"], &[], InviteesNeeded::All),
            (&["codes", "ALPHA"], &[], of_code("ALPHA")),
            (&["codes", "ALPHA", "referrals"], &[("sort", "note")], of_code("ALPHA")),
            (&["account"], &[], InviteesNeeded::None),
            (&["account", "codes"], &[], InviteesNeeded::None),
        ] {
            let found = needed(path, Role::Affiliate, parameters).expect("parameters").expect("rows");
            assert_eq!(found, RowsNeeded { referrer: Uid(7), cells: None, invitees, promotions: None }, "{path:?}");
        }
        let found = needed(&["offers"], Role::Affiliate, &[]).expect("parameters").expect("rows");
        let day = |text: &str| Day::parse(text).expect("a day");
        let range = DateRange { from: day("2026-01-01"), to: day("2026-03-31") };
        let cells = Some(CellsNeeded { range, is_by_default: false });
        let promotions = Some(PromotionKind::Offer);
        assert_eq!(found, RowsNeeded { referrer: Uid(7), cells, invitees: InviteesNeeded::None, promotions });
        let refused = needed(&["referrals"], Role::Operator, &[]).expect_err("nobody is named");
        assert_eq!((refused.status(), refused.field.as_deref()), (400, Some("uid")));
    }

    #[test]
    fn other_questions_those_about_all_and_those_about_the_past_are_not_answered_from_rows() {
        for (path, role, parameters) in [
            (&["rewards"][..], Role::Affiliate, &[][..]),
            (&["overview", "other"], Role::Affiliate, &[]),
            (&["overview"], Role::Operator, &[]),
            (&["overview"], Role::Affiliate, &[("as_of", "3")]),
            (&["referrals"], Role::Affiliate, &[("as_of", "3")]),
            (&["referrals", "8"], Role::Affiliate, &[]),
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
