//! Cohorts: invitees by the month of their registration, what has become of them, and what each month after it brought.
//! For affiliates that are approved, and for who reads any.

mod grid;

use api::{Problem, ProblemKind, question};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::views::{Account, CohortRow, Cohorts, Standing};

use self::grid::Measure;
use super::entries::{Audience, Entry};
use super::figures;
use super::layout::Page;
use super::parts;
use super::ranges::{self, Chosen, Preset};
use super::reading::Reading;
use super::tables::{Column, Table, paging};
use super::visit::Visit;
use crate::site::Site;
use crate::words::{Key, words};

const PATH: &str = "/cohorts";

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] =
    &[Entry { path: PATH, label: Key("layout-menu-cohorts"), audience: Audience::Everyone }];

/// So many months of registration stand on a page: each has as many figures as months have passed since.
const PAGE_ROWS: &str = "24";

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_cohorts))
}

/// How the page is asked for, beside its range.
#[derive(Clone)]
struct Wanted {
    chosen: Chosen,
    code: Option<String>,
    country: Option<String>,
    cursor: Option<String>,
    measure: Measure,
}

/// What the page shows: the cohorts with the codes to choose from, or why it is closed.
enum Answer {
    Open { cohorts: Cohorts, codes: Vec<String> },
    Closed(Account),
}

async fn get_cohorts(visit: Visit) -> Result<Response, Problem> {
    let text = |name| visit.parameter(name).map(str::to_owned);
    let wanted = Wanted {
        chosen: Chosen::of(&visit, Preset::Months12)?,
        code: text("code"),
        country: text("country").map(|countries| countries.to_uppercase().replace(' ', "")),
        cursor: text("cursor"),
        measure: Measure::of(&visit)?,
    };
    let asked = wanted.clone();
    match visit.read_ledger(move |read| Answer::read(read, &asked)).await {
        Ok(Answer::Open { cohorts, codes }) => {
            let as_of = Some(cohorts.list.as_of);
            let main = main(&visit, &wanted, &cohorts, &codes);
            Ok(Page { title: words!("cohorts-title"), section: PATH, as_of, aside: html! {}, main }.show(&visit))
        }
        Ok(Answer::Closed(account)) => Ok(closed(&visit, &account)),
        Err(problem) if matches!(problem.field.as_deref(), Some("from" | "to")) => {
            let main = ranges::picker(&visit, &wanted.chosen, None, Some(&problem), ranges::Inside::nothing());
            let page = Page { title: words!("cohorts-title"), section: PATH, as_of: None, aside: html! {}, main };
            Ok(page.show_as(&visit, problem.kind.status()))
        }
        Err(problem) => Err(problem),
    }
}

impl Answer {
    fn read(read: &Reading<'_>, wanted: &Wanted) -> Result<Answer, Problem> {
        let account = read.ask(&[], question::account())?;
        let range = wanted.chosen.resolve(read, wanted.code.as_deref())?;
        let narrowed = [
            ("code", wanted.code.as_deref()),
            ("country", wanted.country.as_deref()),
            ("limit", Some(PAGE_ROWS)),
            ("cursor", wanted.cursor.as_deref()),
        ];
        let parameters: Vec<_> = range.parameters().into_iter().chain(narrowed).collect();
        match read.ask(&parameters, question::cohorts()) {
            Ok(cohorts) => Ok(Answer::Open { cohorts, codes: read.code_names(account.uid)? }),
            Err(problem) if problem.kind == ProblemKind::NotAllowed && problem.field.is_none() => {
                Ok(Answer::Closed(account))
            }
            Err(problem) => Err(problem),
        }
    }
}

fn main(visit: &Visit, wanted: &Wanted, cohorts: &Cohorts, codes: &[String]) -> Markup {
    let list = &cohorts.list;
    html! {
        (ranges::picker(visit, &wanted.chosen, Some((cohorts.from, cohorts.to)), None, ranges::Inside { names: &["code", "country"], fields: html! { (code_field(wanted, codes)) (country_field(wanted)) } }))
        (measure_chooser(visit, wanted))
        @if list.rows.is_empty() {
            (parts::empty(words!("cohorts-nobody"), html! {
                a.button href=(visit.here().without("from").without("to").first_page().with("range", Preset::All.as_str())) { (words!("ranges-look-at-all")) }
            }))
        } @else {
            (counts(visit, cohorts))
            (grid::show(visit, &list.rows, wanted.measure))
            (paging(visit, list.total, list.next_cursor.as_deref(), words!("cohorts-counted")))
        }
    }
}

fn code_field(wanted: &Wanted, codes: &[String]) -> Markup {
    html! {
        @if !codes.is_empty() {
            div.field {
                label for="cohorts-code" { (words!("cohorts-code")) }
                select #cohorts-code name="code" {
                    option value="" { (words!("cohorts-all-codes")) }
                    @for code in codes { option value=(code) selected[wanted.code.as_ref() == Some(code)] { (code) } }
                }
            }
        }
    }
}

fn country_field(wanted: &Wanted) -> Markup {
    html! {
        div.field {
            label for="cohorts-country" { (words!("cohorts-countries")) }
            input #cohorts-country name="country" type="text" value=[&wanted.country] placeholder="DE, FR, ZZ" autocomplete="off";
        }
    }
}

/// What is shown of the months.
fn measure_chooser(visit: &Visit, wanted: &Wanted) -> Markup {
    let here = visit.here().first_page();
    let links: Vec<_> = Measure::ALL
        .iter()
        .map(|one| (one.label(), here.clone().with("measure", one.name()), *one == wanted.measure))
        .collect();
    html! {
        div.row {
            (parts::choice(words!("cohorts-by-month"), &links))
            (parts::more(words!("metrics-what-is-counted"), html! {
                p { (words!("cohorts-what")) " " (wanted.measure.definition()) }
            }))
        }
    }
}

/// The list of those who registered in the month.
fn referrals(visit: &Visit, cohorts: &Cohorts, row: &CohortRow) -> Markup {
    let link = visit.link("/referrals").with("registered_from", row.month).with("registered_to", row.month.month_end());
    let link = cohorts.code.iter().fold(link, |link, code| link.with("code", code));
    let link = cohorts.country.iter().fold(link, |link, countries| link.with("country", countries.join(",")));
    html! { a href=(link) { (row.month_text()) } }
}

/// What has become of each cohort.
fn counts(visit: &Visit, cohorts: &Cohorts) -> Markup {
    let columns = [
        Column::text(words!("cohorts-registered-in")),
        Column::figure(words!("cohorts-registered")),
        Column::figure(words!("metrics-verified")),
        Column::figure(words!("metrics-deposited")),
        Column::figure(words!("metrics-traded")),
    ];
    Table {
        id: "cohorts-table",
        caption: words!("cohorts-caption"),
        columns: &columns,
        sorting: None,
        rows: html! {
            @for row in &cohorts.list.rows {
                tr {
                    th scope="row" { (referrals(visit, cohorts, row)) }
                    td.num { (figures::count(row.registered)) }
                    td.num { (figures::count(row.verified)) }
                    td.num { (figures::count(row.deposited)) }
                    td.num { (figures::count(row.first_time_trade)) }
                }
            }
        },
    }
    .draw(visit)
}

/// Why the page is closed to an affiliate, and what opens it.
fn closed(visit: &Visit, account: &Account) -> Response {
    let standing = html! { a.button href=(visit.link("/account")) { (words!("account-see-standing")) } };
    let main = match account.status {
        Standing::None => parts::empty(
            words!("cohorts-not-yet"),
            html! { a.button.primary href={ (visit.link("/account")) "#apply" } { (words!("account-apply-to-become")) } },
        ),
        Standing::Suspended | Standing::Approved => parts::empty(words!("cohorts-closed"), standing),
    };
    Page { title: words!("cohorts-title"), section: PATH, as_of: Some(account.as_of), aside: html! {}, main }
        .show(visit)
}
