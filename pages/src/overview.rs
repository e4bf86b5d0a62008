//! The overview: the default code, the metrics of a range with their course, programs and campaigns in short.

mod cards;
mod changes;
mod choice;
mod course;
mod default_code;
mod programs;

use api::{Problem, ProblemKind, question};
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use projections::query::CodeSplit;
use projections::views::{Account, CampaignRow, Changes, Overview, Series, SeriesBefore};
use schemas::Day;

use self::choice::Choice;
use super::entries::{Audience, Entry};
use super::layout::Page;
use super::ranges::{self, Chosen, Preset};
use super::reading::Reading;
use super::visit::{Visit, see_other};
use crate::guide_page;
use crate::site::Site;
use crate::words::{Key, words};

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] =
    &[Entry { path: "/", label: Key("layout-menu-overview"), audience: Audience::Everyone }];

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
    /// With the range before, but of all time, or where dates do not go back so far.
    series: Series,
    /// What changed the terms in these days; none where nobody tells it now.
    changes: Option<Changes>,
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
                title: words!("overview-title"),
                section: "/",
                as_of: Some(answers.overview.as_of),
                aside: html! {},
                main: main(&visit, &wanted, &answers),
            };
            Ok(page.show(&visit))
        }
        Err(problem) if is_about_range(&problem) => {
            let main = ranges::picker(&visit, &wanted.chosen, None, Some(&problem), ranges::Inside::nothing());
            let page = Page { title: words!("overview-title"), section: "/", as_of: None, aside: html! {}, main };
            Ok(page.show_as(&visit, StatusCode::BAD_REQUEST))
        }
        Err(problem) => Err(problem),
    }
}

/// Whether what is wrong can be mended where the range is chosen.
fn is_about_range(problem: &Problem) -> bool {
    problem.kind == ProblemKind::InvalidParameter && matches!(problem.field.as_deref(), Some("from" | "to"))
}

/// Whether nobody answers now.
fn is_away(problem: &Problem) -> bool {
    matches!(problem.kind, ProblemKind::Unavailable | ProblemKind::Misdirected)
}

impl Answers {
    /// The range before.
    fn before(&self) -> Option<&SeriesBefore> {
        self.series.before.as_ref()
    }

    fn read(read: &Reading<'_>, wanted: &Wanted) -> Result<Answers, Problem> {
        let code = ("code", wanted.code.as_deref());
        let range = wanted.chosen.resolve(read, wanted.code.as_deref())?;
        let [from, to] = range.parameters();
        let overview = read.ask(&[from, to, code], question::overview())?;
        let (first, last) = (overview.from, overview.to);
        let interval = course::interval(first, last, wanted.interval.as_deref());
        // Nothing lies before all time.
        let before = ("before", (wanted.chosen.preset() != Some(Preset::All)).then_some("true"));
        let series = read.ask(&[from, to, code, ("interval", Some(interval)), before], question::series())?;
        let (first, last) = (first.to_string(), last.to_string());
        let (first, last) = (("from", Some(first.as_str())), ("to", Some(last.as_str())));
        let changes = match read.ask(&[first, last, code], question::changes()) {
            // Rows tell the figures, and ledgers what changed: a page goes on while these are away.
            Err(problem) if !read.is_here() && is_away(&problem) => None,
            changes => Some(changes?),
        };
        let account = read.ask(&[], question::account())?;
        let referrer = account.uid;
        let default_code = account.default_code.as_deref();
        let default_code = default_code.map(|code| read.code_split(referrer, code)).transpose()?;
        Ok(Answers {
            series,
            changes,
            account,
            default_code,
            codes: read.code_names(referrer)?,
            campaigns: read.ask(&[], question::campaigns())?.rows,
            held: if overview.metrics == Default::default() { read.ask_held(wanted.code.as_deref())? } else { None },
            overview,
        })
    }
}

fn main(visit: &Visit, wanted: &Wanted, answers: &Answers) -> Markup {
    let overview = &answers.overview;
    let choice = Choice::of(&visit.visitor);
    html! {
        (default_code::show(visit, answers))
        (ranges::picker(visit, &wanted.chosen, Some((overview.from, overview.to)), None, ranges::Inside { names: &["code"], fields: code_field(wanted, answers) }))
        @if answers.codes.is_empty() && overview.metrics == Default::default() {
            div.empty {
                p { (words!("overview-nobody-yet")) }
                @if visit.may_command() { a.button.primary href=(visit.link("/codes")) { (words!("overview-to-codes")) } }
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
                label for="range-code" { (words!("overview-code")) }
                select #range-code name="code" {
                    option value="" { (words!("overview-all-codes")) }
                    @for code in &answers.codes { option value=(code) selected[wanted.code.as_ref() == Some(code)] { (code) } }
                }
            }
        }
    }
}
