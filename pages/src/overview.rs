//! The overview: the default code, the metrics of a range with their course, programs and campaigns in short.

mod cards;
mod choice;
mod course;
mod default_code;
mod programs;

use api::{Problem, ProblemKind, query};
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use projections::query::CodeSplit;
use projections::views::{Account, CampaignRow, Overview, Series};
use schemas::Day;

use self::choice::Choice;
use super::entries::{Audience, Entry};
use super::layout::Page;
use super::ranges::{self, Chosen, Preset};
use super::reading::Reading;
use super::visit::{Visit, see_other};
use crate::guide_page;
use crate::site::Site;

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] = &[Entry { path: "/", label: "Overview", audience: Audience::Everyone }];

/// A chart has so many buckets at most, or the page grows heavy.
const BUCKETS_MAX: i32 = 62;

pub(super) fn router() -> Router<Site> {
    Router::new()
        .route("/", get(get_overview))
        .route("/overview/programs", get(programs::get_programs))
        .route("/overview/cards", post(choice::post_cards))
}

/// What the page is asked for, beside whose data and as of when.
#[derive(Clone)]
struct Wanted {
    chosen: Chosen,
    code: Option<String>,
    interval: Option<String>,
}

/// Everything that the page shows.
struct Answers {
    overview: Overview,
    /// The same of as many days before; none for all time, or where dates do not go back so far.
    before: Option<Overview>,
    series: Series,
    account: Account,
    default_code: Option<CodeSplit>,
    codes: Vec<String>,
    campaigns: Vec<CampaignRow>,
    /// Where the range holds nothing: the first and the last day that hold something.
    held: Option<(Day, Day)>,
}

async fn get_overview(visit: Visit) -> Result<Response, Problem> {
    if let Some(guide) = guide_page::begin_here(&visit) {
        return Ok(see_other(&guide.to_string()));
    }
    let wanted = Wanted {
        chosen: Chosen::of(&visit, Preset::Days30)?,
        code: visit.parameter("code").map(str::to_owned),
        interval: visit.parameter("interval").map(str::to_owned),
    };
    let asked = wanted.clone();
    match visit.read_ledger(move |read| Answers::read(read, &asked)).await {
        Ok(answers) => {
            let page = Page {
                title: "Overview",
                section: "/",
                as_of: Some(answers.overview.as_of),
                aside: html! {},
                main: main(&visit, &wanted, &answers),
            };
            Ok(page.show(&visit))
        }
        Err(problem) if is_about_range(&problem) => {
            let main = ranges::picker(&visit, &wanted.chosen, None, Some(&problem), ranges::Inside::nothing());
            let page = Page { title: "Overview", section: "/", as_of: None, aside: html! {}, main };
            Ok(page.show_as(&visit, StatusCode::BAD_REQUEST))
        }
        Err(problem) => Err(problem),
    }
}

/// Whether what is wrong can be mended where the range is chosen.
fn is_about_range(problem: &Problem) -> bool {
    problem.kind == ProblemKind::InvalidParameter && matches!(problem.field.as_deref(), Some("from" | "to"))
}

impl Answers {
    fn read(read: &Reading<'_>, wanted: &Wanted) -> Result<Answers, Problem> {
        let code = ("code", wanted.code.as_deref());
        let range = wanted.chosen.resolve(read, wanted.code.as_deref())?;
        let [from, to] = range.parameters();
        let overview = read.ask(&[from, to, code], query::overview::overview)?;
        let (first, last) = (overview.from, overview.to);
        let before = match wanted.chosen.preset() {
            Some(Preset::All) => None,
            Some(_) | None => match range_before(first, last) {
                Some((from, to)) => {
                    let (from, to) = (from.to_string(), to.to_string());
                    Some(read.ask(&[("from", Some(&from)), ("to", Some(&to)), code], query::overview::overview)?)
                }
                None => None,
            },
        };
        let interval = course::interval(first, last, wanted.interval.as_deref());
        let series = read.ask(&[from, to, code, ("interval", Some(interval))], query::overview::series)?;
        let account = read.ask(&[], query::account::account)?;
        let referrer = account.uid;
        let default_code = account.default_code.as_deref();
        let view = read.asked().view;
        let default_code = default_code.map(|code| view.code_split(referrer, code)).transpose()?;
        Ok(Answers {
            before,
            series,
            account,
            default_code,
            codes: view.code_names(referrer),
            campaigns: read.ask(&[], query::campaigns::campaigns)?.rows,
            held: if overview.metrics == Default::default() { read.ask_held(wanted.code.as_deref())? } else { None },
            overview,
        })
    }
}

/// As many days before a range; none where there are no dates for them.
fn range_before(first: Day, last: Day) -> Option<(Day, Day)> {
    let from = Day(first.0.checked_sub(last.0 - first.0 + 1)?);
    (from >= Day::FIRST).then(|| (from, first.plus(-1)))
}

fn main(visit: &Visit, wanted: &Wanted, answers: &Answers) -> Markup {
    let overview = &answers.overview;
    let choice = Choice::of(&visit.visitor);
    html! {
        (default_code::show(visit, answers))
        (ranges::picker(visit, &wanted.chosen, Some((overview.from, overview.to)), None, ranges::Inside { names: &["code"], fields: code_field(wanted, answers) }))
        @if answers.codes.is_empty() && overview.metrics == Default::default() {
            div.empty {
                p { "Nobody has come by a code yet. Make one and share its link: what your invitees bring appears here." }
                @if visit.may_command() { a.button.primary href=(visit.link("/codes")) { "To the codes" } }
            }
        }
        @if let Some((from, to)) = answers.held { (ranges::elsewhere(visit, from, to)) }
        (cards::show(visit, &choice, answers))
        (choice::form(visit, &choice))
        (course::show(visit, choice.shown().next(), answers))
        (programs::show(visit, answers))
    }
}

fn code_field(wanted: &Wanted, answers: &Answers) -> Markup {
    html! {
        @if !answers.codes.is_empty() {
            div.field {
                label for="range-code" { "Code" }
                select #range-code name="code" {
                    option value="" { "All codes" }
                    @for code in &answers.codes { option value=(code) selected[wanted.code.as_ref() == Some(code)] { (code) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_before_is_as_long_or_there_is_none() {
        let day = |text| Day::parse(text).expect("a day");
        for (first, last, expected) in [
            ("2026-03-01", "2026-03-31", Some(("2026-01-29", "2026-02-28"))),
            ("0000-01-02", "0000-01-02", Some(("0000-01-01", "0000-01-01"))),
            ("0000-01-02", "0000-01-03", None),
            ("0000-01-01", "9999-12-31", None),
        ] {
            let expected = expected.map(|(from, to)| (day(from), day(to)));
            assert_eq!(range_before(day(first), day(last)), expected, "{first} {last}");
        }
    }
}
