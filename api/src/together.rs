//! The answers of several ledgers that divide the families among them, read as they were written and made one: for who asks
//! them and has none.

pub(crate) mod read;

use std::fmt;

use ledger::Position;
use projections::query::{
    Apart, CohortFilter, DateRange, DaySums, NotOne, code_together, codes_together, cohorts_together,
    countries_together, days_in_doubt, offers_together, overview_together, positions_of_cursor, referrals_together,
    referrers_together, rewards_together, series_together,
};
use projections::views::{
    AsOf, CodeDetail, CodeRow, Cohorts, Countries, List, OfferRow, Overview, ReferralRow, Referrers, RewardRow,
    Rewards, Series,
};
use schemas::{Day, Timestamp};

use self::read::{Fields, Read};
use crate::asking::Asking;
use crate::parameters::{AS_OF, CODE, COUNTRY, CURSOR, Described, Given, ORDER, REFERRER_SORT};
use crate::problem::Problem;
use crate::query::Answer;
use crate::query::codes::{CodeReferralsParameters, CodesParameters};
use crate::query::cohorts::CohortsParameters;
use crate::query::countries::CountriesParameters;
use crate::query::offers::OffersParameters;
use crate::query::referrals::{ReferralsParameters, filter, sorted_by};
use crate::query::referrers::ReferrersParameters;
use crate::query::rewards::RewardsParameters;

/// A question of which the answers of several ledgers are made one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedOfAll {
    /// `GET /v1/overview`.
    Overview,
    /// `GET /v1/overview/series`.
    Series,
    /// `GET /v1/countries`.
    Countries,
    /// `GET /v1/cohorts`.
    Cohorts,
    /// `GET /v1/referrers`.
    Referrers,
    /// `GET /v1/rewards`.
    Rewards,
    /// `GET /v1/offers`.
    Offers,
    /// `GET /v1/referrals`.
    Referrals,
    /// `GET /v1/codes`.
    Codes,
    /// `GET /v1/codes/{code}`.
    Code,
    /// `GET /v1/codes/{code}/referrals`.
    CodeReferrals,
}

/// Answers to one question, by their ledgers' numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Together {
    answers: Answers,
    /// Where each ledger stood.
    pub positions: Vec<Position>,
    /// The latest event time in any of them.
    pub event_time: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Answers {
    Overview(Vec<Overview>),
    Series(Vec<Series>),
    Countries(Vec<Countries>),
    Cohorts(Vec<Cohorts>),
    Referrers(Vec<Referrers>),
    Rewards(Vec<Rewards>),
    Offers(Vec<List<OfferRow>>),
    /// Of the code in the path, or of that of a parameter, or all.
    Referrals(Vec<List<ReferralRow>>, IsOfPath),
    Codes(Vec<List<CodeRow>>),
    Code(Vec<CodeDetail>),
}

/// Whether a code stands in the path.
type IsOfPath = bool;

/// What is no answer to the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ledger {number} answers with what is no answer to the question")]
pub struct NoAnswer {
    /// The ledger.
    pub number: usize,
}

/// Why there is no one answer.
#[derive(Debug)]
pub enum NotTogether {
    /// The answers are none of one moment, or of one platform.
    Apart(Apart),
    /// The question is refused.
    Refused(Problem),
    /// What a ledger says is none.
    NoAnswer(NoAnswer),
}

impl AskedOfAll {
    /// The question of a path below `/v1/`, in segments.
    #[must_use]
    pub fn of(path: &[&str]) -> Option<AskedOfAll> {
        match path {
            ["overview"] => Some(AskedOfAll::Overview),
            ["overview", "series"] => Some(AskedOfAll::Series),
            ["countries"] => Some(AskedOfAll::Countries),
            ["cohorts"] => Some(AskedOfAll::Cohorts),
            ["referrers"] => Some(AskedOfAll::Referrers),
            ["rewards"] => Some(AskedOfAll::Rewards),
            ["offers"] => Some(AskedOfAll::Offers),
            ["referrals"] => Some(AskedOfAll::Referrals),
            ["codes"] => Some(AskedOfAll::Codes),
            ["codes", code] if !code.is_empty() => Some(AskedOfAll::Code),
            ["codes", code, "referrals"] if !code.is_empty() => Some(AskedOfAll::CodeReferrals),
            _ => None,
        }
    }

    /// Whether a page of the one list follows from all rows of each ledger's alone: each is then asked for all that it has,
    /// whichever page is asked for.
    #[must_use]
    pub fn takes_all_rows(self) -> bool {
        match self {
            AskedOfAll::Countries | AskedOfAll::Cohorts | AskedOfAll::Referrers => true,
            AskedOfAll::Overview
            | AskedOfAll::Series
            | AskedOfAll::Rewards
            | AskedOfAll::Offers
            | AskedOfAll::Referrals
            | AskedOfAll::Codes
            | AskedOfAll::Code
            | AskedOfAll::CodeReferrals => false,
        }
    }

    /// Reads the ledgers' answers, by their numbers.
    ///
    /// # Errors
    /// If one is none.
    pub fn read(self, bodies: &[impl AsRef<[u8]>]) -> Result<Together, NoAnswer> {
        Ok(match self {
            AskedOfAll::Overview => {
                Together::of(read_all(bodies, read::overview)?, |overview| overview.as_of, Answers::Overview)
            }
            AskedOfAll::Series => Together::of(read_all(bodies, read::series)?, |series| series.as_of, Answers::Series),
            AskedOfAll::Countries => {
                Together::of(read_all(bodies, read::countries)?, |countries| countries.list.as_of, Answers::Countries)
            }
            AskedOfAll::Cohorts => {
                Together::of(read_all(bodies, read::cohorts)?, |cohorts| cohorts.list.as_of, Answers::Cohorts)
            }
            AskedOfAll::Referrers => {
                Together::of(read_all(bodies, read::referrers)?, |referrers| referrers.list.as_of, Answers::Referrers)
            }
            AskedOfAll::Rewards => {
                let read = read_all(bodies, read::rewards)?;
                Together::of(read, |rewards| rewards.list.as_of, Answers::Rewards)
            }
            AskedOfAll::Offers => Together::of(read_all(bodies, read::offers)?, |list| list.as_of, Answers::Offers),
            AskedOfAll::Referrals | AskedOfAll::CodeReferrals => {
                let is_of_path = self == AskedOfAll::CodeReferrals;
                let answers = |lists| Answers::Referrals(lists, is_of_path);
                Together::of(read_all(bodies, read::referrals)?, |list| list.as_of, answers)
            }
            AskedOfAll::Codes => Together::of(read_all(bodies, read::codes)?, |list| list.as_of, Answers::Codes),
            AskedOfAll::Code => Together::of(read_all(bodies, read::code)?, |code| code.as_of, Answers::Code),
        })
    }
}

fn read_all<T>(bodies: &[impl AsRef<[u8]>], read: fn(Fields) -> Read<T>) -> Result<Vec<T>, NoAnswer> {
    let answers = bodies.iter().enumerate();
    answers.map(|(number, body)| read_one(body.as_ref(), read).ok_or(NoAnswer { number })).collect()
}

fn read_one<T>(body: &[u8], read: fn(Fields) -> Read<T>) -> Read<T> {
    read(Fields::whole(body)?)
}

impl Together {
    fn of<T>(read: Vec<T>, as_of: fn(&T) -> AsOf, answers: impl FnOnce(Vec<T>) -> Answers) -> Together {
        let positions = read.iter().map(|one| as_of(one).position).collect();
        let event_time = read.iter().filter_map(|one| as_of(one).event_time).max();
        Together { answers: answers(read), positions, event_time }
    }

    /// The days of which it has to be known what a referrer earned in each ledger ([`earned_by_day`]), before there is one
    /// answer; none in most cases.
    #[must_use]
    pub fn days_in_doubt(&self) -> Option<DateRange> {
        match &self.answers {
            Answers::Rewards(parts) => days_in_doubt(parts),
            Answers::Overview(_)
            | Answers::Series(_)
            | Answers::Countries(_)
            | Answers::Cohorts(_)
            | Answers::Referrers(_)
            | Answers::Offers(_)
            | Answers::Referrals(..)
            | Answers::Codes(_)
            | Answers::Code(_) => None,
        }
    }

    /// The one answer to who asked. Its `as_of` is that of no ledger: who asked them says what it reflects.
    ///
    /// # Errors
    /// If there is none.
    pub fn answer(self, asking: &Asking, by_day: &[DaySums]) -> Result<Answer, NotTogether> {
        let is_of_the_past = is_of_the_past(&asking.parameters);
        let given = |known: &'static [&'static dyn Described]| Given::of(&asking.parameters, known);
        Ok(match self.answers {
            Answers::Overview(parts) => Answer::shown(overview_together(&parts)?)?,
            Answers::Series(parts) => Answer::shown(series_together(&parts)?)?,
            Answers::Countries(parts) => {
                let page = given(CountriesParameters::ALL)?.page()?;
                Answer::shown(countries_together(parts, &page, is_of_the_past)?)?
            }
            Answers::Cohorts(parts) => {
                let given = given(CohortsParameters::ALL)?;
                let filter = CohortFilter { code: given.get(&CODE)?, country: given.get(&COUNTRY)? };
                Answer::shown(cohorts_together(parts, &filter, &given.page()?, is_of_the_past)?)?
            }
            Answers::Referrers(parts) => {
                let given = given(ReferrersParameters::ALL)?;
                let sort = given.get(&REFERRER_SORT)?.unwrap_or_default();
                let by = (sort, given.get(&ORDER)?.unwrap_or_default());
                Answer::shown(referrers_together(parts, by, &given.page()?, is_of_the_past)?)?
            }
            Answers::Rewards(parts) => {
                let limit = given(RewardsParameters::ALL)?.page()?.limit;
                Answer::shown(rewards_together(parts, limit, by_day, is_of_the_past)?)?
            }
            Answers::Offers(parts) => {
                let referrer = asking.caller.referrer(&given(OffersParameters::ALL)?)?;
                Answer::shown(offers_together(referrer, parts, is_of_the_past)?)?
            }
            Answers::Referrals(parts, is_of_path) => {
                let known = if is_of_path { CodeReferralsParameters::ALL } else { ReferralsParameters::ALL };
                let given = given(known)?;
                let code = if is_of_path { Some(asking.path.first().to_owned()) } else { given.get(&CODE)? };
                let (referrer, filter) = (asking.caller.referrer(&given)?, filter(&given, code)?);
                let page = (given.page()?.limit, is_of_the_past);
                Answer::shown(referrals_together(parts, (referrer, &filter), sorted_by(&given)?, page)?)?
            }
            Answers::Codes(parts) => {
                let referrer = asking.caller.referrer(&given(CodesParameters::ALL)?)?;
                Answer::shown(codes_together(referrer, parts, is_of_the_past)?)?
            }
            Answers::Code(parts) => Answer::shown(code_together(&parts)?)?,
        })
    }
}

/// Whether a question names a moment: by itself, or by the cursor of a list as of one.
#[must_use]
pub fn is_of_the_past(parameters: &[(String, String)]) -> bool {
    let names_one = |(name, value): &(String, String)| {
        name == AS_OF.name || (name == CURSOR.name && positions_of_cursor(value).is_some())
    };
    parameters.iter().any(names_one)
}

/// The last day of a range, as `GET /v1/overview` tells it: that of its moment, where no range was given. None where it is no
/// such answer.
#[must_use]
pub fn last_day(overview: &[u8]) -> Option<Day> {
    read_one(overview, read::overview).map(|overview| overview.to)
}

/// What a referrer earned by day, as `GET /v1/overview/series` by days tells it; none where it is no such answer.
#[must_use]
pub fn earned_by_day(series: &[u8]) -> Option<DaySums> {
    read_one(series, read::earned_by_day)
}

/// A record of an export in NDJSON; none where it is no such line.
pub(crate) fn record_of_line(line: &str) -> Option<RewardRow> {
    read::record(line.as_bytes())
}

impl From<Apart> for NotTogether {
    fn from(apart: Apart) -> NotTogether {
        NotTogether::Apart(apart)
    }
}

impl From<NotOne> for NotTogether {
    fn from(none: NotOne) -> NotTogether {
        match none {
            NotOne::Apart(apart) => NotTogether::Apart(apart),
            NotOne::Refused(refusal) => NotTogether::Refused(refusal.into()),
        }
    }
}

impl From<Problem> for NotTogether {
    fn from(problem: Problem) -> NotTogether {
        NotTogether::Refused(problem)
    }
}

impl fmt::Display for NotTogether {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotTogether::Apart(apart) => apart.fmt(out),
            NotTogether::Refused(problem) => problem.fmt(out),
            NotTogether::NoAnswer(none) => none.fmt(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use projections::views::{self, RewardKind};
    use schemas::{Country, Metric, OfferKind, Period, Product, Rate, Relationship, Threshold, Uid, Usd};

    use super::*;
    use crate::asking::PathNames;
    use crate::caller::Caller;
    use crate::came::Came;
    use crate::scope::Scope;
    use crate::views::Shown;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    fn list<T>(rows: Vec<T>, total: u64, next_cursor: Option<&str>) -> List<T> {
        let as_of = views::AsOf { position: 812, event_time: Timestamp::parse("2026-03-01T09:30:00.123456Z") };
        List { rows, total, next_cursor: next_cursor.map(str::to_owned), as_of }
    }

    fn rewards(kind: RewardKind, rows: Vec<views::RewardRow>) -> Rewards {
        let detail = "nothing \"here\" \u{e9}".to_owned();
        let hint = rows.is_empty().then(|| views::Hint { detail, from: day("2025-01-01"), to: day("2025-02-01") });
        let (from, to) = (day("2026-02-23"), day("2026-03-01"));
        Rewards { uid: Uid(7), kind, from, to, hint, list: list(rows, 9, Some("c")) }
    }

    fn record(kind: RewardKind, fee: i128, amount: i128) -> views::RewardRow {
        let counterparty = |of| (kind == of).then_some(Uid(9_007_199_254_740_991));
        views::RewardRow {
            date: day("2026-03-01"),
            kind,
            invitee_uid: counterparty(RewardKind::Commission),
            referrer_uid: counterparty(RewardKind::Shared),
            product: Product::Margin,
            trades: 3,
            fee_usd: Usd(fee),
            amount: Usd(amount),
        }
    }

    fn offer() -> OfferRow {
        let condition = |metric, current, target| views::ConditionProgress { metric, current, target, met: false };
        let usd = |units| Threshold::Usd(Usd(units));
        let conditions = vec![
            condition(Metric::SpotFees, usd(-1), usd(150_000_000)),
            condition(Metric::NewSpotTraders, Threshold::Count(2), Threshold::Count(3)),
        ];
        let tier = views::TierProgress { name: "gold".to_owned(), reward: "500".to_owned(), conditions, met: false };
        OfferRow {
            id: "A/B".to_owned(),
            kind: OfferKind::Evaluation,
            title: "t".to_owned(),
            url: "/u".to_owned(),
            period: views::RunningPeriod { kind: Period::Quarter, from: day("2026-01-01"), to: day("2026-03-31") },
            eligible: true,
            tiers: vec![tier],
            reached: None,
            next: Some("gold".to_owned()),
        }
    }

    fn referral(country: Option<&str>) -> ReferralRow {
        let time = Timestamp::parse("2026-03-01T09:30:00.123456Z").expect("a time");
        ReferralRow {
            uid: Uid(1),
            registered_at: time,
            code: "ALPHA".to_owned(),
            country: country.and_then(Country::parse),
            verified_at: None,
            first_deposit_at: Some(time),
            first_trade_at: None,
            commission: Usd(-150_000_000),
            rebate: Usd(0),
            volume: Usd(i128::pow(10, 30)),
            vip_level: 20,
            commission_type: Relationship::Futures,
            spot_rebate_rate: Rate(1_000_000),
            futures_rebate_rate: Rate(1),
            note: "\u{e9} \"q\"".to_owned(),
        }
    }

    fn code(note: &str) -> CodeRow {
        CodeRow {
            code: "ALPHA".to_owned(),
            created_at: Timestamp(1),
            referrals: 12,
            commission: Usd(1),
            spot_rate: Rate(150_000),
            futures_rate: Rate(0),
            spot_rebate_rate: Rate(50_000),
            futures_rebate_rate: Rate(1),
            note: note.to_owned(),
            is_default: true,
            link: "https://exchange.example/r/ALPHA".to_owned(),
        }
    }

    fn written(answer: impl Shown) -> Vec<u8> {
        serde_json::to_vec(&answer.shown()).expect("JSON")
    }

    #[test]
    fn what_was_written_is_read_as_it_was() {
        for kind in [RewardKind::Commission, RewardKind::Shared] {
            let rows = vec![record(kind, -1, i128::pow(10, 37)), record(kind, 150_000_000, 0)];
            for answer in [rewards(kind, rows), rewards(kind, Vec::new())] {
                assert_eq!(read_one(&written(answer.clone()), read::rewards), Some(answer));
            }
        }
        for answer in [list(vec![offer(), offer()], 2, None), list(Vec::new(), 0, None)] {
            assert_eq!(read_one(&written(answer.clone()), read::offers), Some(answer));
        }
        let answer = list(vec![referral(Some("DE")), referral(None)], 2, Some("c"));
        assert_eq!(read_one(&written(answer.clone()), read::referrals), Some(answer));
        let answer = list(vec![code(""), code("\n")], 2, None);
        assert_eq!(read_one(&written(answer.clone()), read::codes), Some(answer));
        let answer = CodeDetail { row: code("x"), as_of: AsOf { position: 3, event_time: None } };
        assert_eq!(read_one(&written(answer.clone()), read::code), Some(answer));
        let series = br#"{"uid":7,"points":[{"date":"2026-03-01","total_rewards":"-0.5","traded":1}],"as_of":{}}"#;
        assert_eq!(earned_by_day(series), Some(vec![(day("2026-03-01"), Usd(-50_000_000))]));
    }

    #[test]
    fn what_is_no_answer_is_read_as_none_and_of_whom_is_told() {
        let rows = vec![record(RewardKind::Commission, 1, 1)];
        let whole = String::from_utf8(written(rewards(RewardKind::Commission, rows))).expect("UTF-8");
        for (from, to) in
            [("\"2026-03-01\"", "\"2026-02-30\""), ("margin", "swap"), ("\"0.00000001\"", "0.1"), ("812", "-1")]
        {
            let other = whole.replacen(from, to, 1);
            assert_ne!(other, whole, "{from}");
            assert_eq!(AskedOfAll::Rewards.read(&[&whole, &other]), Err(NoAnswer { number: 1 }), "{other}");
        }
        assert_eq!(AskedOfAll::Offers.read(&["{}"]), Err(NoAnswer { number: 0 }));
        let together = AskedOfAll::Rewards.read(&[&whole, &whole]).expect("answers");
        assert_eq!(together.positions, [812, 812]);
        let (caller, path) = (Caller::affiliate(Uid(7)), PathNames::none());
        let asking = Asking {
            caller,
            path,
            parameters: Vec::new(),
            scope: Scope::Ledger,
            came: Came::default(),
            now_at_least: None,
        };
        let none = together.answer(&asking, &[]).expect_err("one record of two ledgers");
        assert!(matches!(none, NotTogether::Apart(Apart::Twice)), "{none}");
    }
}
