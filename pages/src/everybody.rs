//! Everybody's numbers: the metrics of all referrers together, and each referrer with anything in the range. For
//! operators and analysts.

use api::{Privilege, Problem, question};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::views::{Overview, ReferrerRow, Referrers, Standing};

use super::entries::{Audience, Entry};
use super::figures;
use super::layout::Page;
use super::metrics::Metric;
use super::parts;
use super::ranges::{self, Chosen, Preset};
use super::reading::Reading;
use super::tables::{Column, Sorting, Table, paging};
use super::visit::Visit;
use crate::site::Site;
use crate::words::{Key, words};

const PATH: &str = "/operator/referrers";

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] =
    &[Entry { path: PATH, label: Key("layout-menu-everybody"), audience: Audience::Analysts }];

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_referrers))
}

/// What the page shows, of one state.
struct Answers {
    overview: Overview,
    referrers: Referrers,
}

/// How the list is asked for, beside its range.
#[derive(Clone)]
struct Wanted {
    chosen: Chosen,
    sort: Option<String>,
    order: Option<String>,
    cursor: Option<String>,
}

async fn get_referrers(visit: Visit) -> Result<Response, Problem> {
    visit.caller.require(Privilege::ReadAny)?;
    let text = |name| visit.parameter(name).map(str::to_owned);
    let chosen = Chosen::of(&visit, Preset::Days30)?;
    let wanted = Wanted { chosen, sort: text("sort"), order: text("order"), cursor: text("cursor") };
    let asked = wanted.clone();
    match visit.read_platform(move |read| Answers::read(read, &asked)).await {
        Ok(answers) => {
            let as_of = Some(answers.overview.as_of);
            let main = main(&visit, &wanted, &answers);
            Ok(Page { title: words!("everybody-title"), section: PATH, as_of, aside: html! {}, main }.show(&visit))
        }
        Err(problem) if matches!(problem.field.as_deref(), Some("from" | "to")) => {
            let main = ranges::picker(&visit, &wanted.chosen, None, Some(&problem), ranges::Inside::nothing());
            let page = Page { title: words!("everybody-title"), section: PATH, as_of: None, aside: html! {}, main };
            Ok(page.show_as(&visit, problem.kind.status()))
        }
        Err(problem) => Err(problem),
    }
}

impl Answers {
    fn read(read: &Reading<'_>, wanted: &Wanted) -> Result<Answers, Problem> {
        let range = wanted.chosen.resolve_for_everybody(read)?;
        let [from, to] = range.parameters();
        let list = [
            from,
            to,
            ("sort", wanted.sort.as_deref()),
            ("order", wanted.order.as_deref()),
            ("cursor", wanted.cursor.as_deref()),
        ];
        Ok(Answers {
            overview: read.ask_without_uid(&[from, to], question::overview())?,
            referrers: read.ask_without_uid(&list, question::referrers())?,
        })
    }
}

fn main(visit: &Visit, wanted: &Wanted, answers: &Answers) -> Markup {
    let Answers { overview, referrers } = answers;
    let list = &referrers.list;
    html! {
        (ranges::picker(visit, &wanted.chosen, Some((referrers.from, referrers.to)), None, ranges::Inside::nothing()))
        section aria-labelledby="everybody-title" {
            h2.visually-hidden #everybody-title { (words!("everybody-together")) }
            div.cards.even.even-4 { @for metric in Metric::ALL { (card(metric, overview)) } }
        }
        @if list.rows.is_empty() {
            (parts::empty(words!("everybody-nothing"), html! {
                a.button href=(visit.here().without("from").without("to").first_page().with("range", Preset::All.as_str())) { (words!("ranges-look-at-all")) }
            }))
        } @else {
            (table(visit, wanted, &list.rows))
            (paging(visit, list.total, list.next_cursor.as_deref(), words!("everybody-counted")))
        }
    }
}

fn card(metric: Metric, overview: &Overview) -> Markup {
    html! {
        article.card.metric id={ "card-" (metric.name) } data-live {
            h3 { (metric.label) span.unit { " " (metric.unit) } }
            div.metric-figure { (metric.of(&overview.metrics).short()) }
            (parts::more(words!("everybody-counts"), html! { p { (metric.definition) } }))
        }
    }
}

fn table(visit: &Visit, wanted: &Wanted, rows: &[ReferrerRow]) -> Markup {
    let labels: Vec<String> = Metric::ALL.iter().map(Metric::heading).collect();
    let metrics = Metric::ALL.iter().zip(&labels).map(|(metric, label)| Column::figure(label).sorted_by(metric.name));
    let mut columns = vec![
        Column::text(words!("everybody-referrer")).sorted_by("uid"),
        Column::text(words!("everybody-standing")).sorted_by("status"),
        Column::figure(words!("everybody-codes")).sorted_by("codes"),
    ];
    columns.extend(metrics);
    let sorting = Sorting {
        by: wanted.sort.as_deref().unwrap_or("total_rewards"),
        is_descending: wanted.order.as_deref() != Some("asc"),
    };
    let table = Table {
        id: "referrers-table",
        caption: words!("everybody-caption"),
        columns: &columns,
        sorting: Some(sorting),
        rows: html! {
            @for row in rows {
                tr {
                    th scope="row" { a href=(visit.link("/").with("uid", row.uid)) { (row.uid) } }
                    td { (standing(row.status)) }
                    td.num { (figures::count(row.codes)) }
                    @for metric in Metric::ALL { td.num { (metric.of(&row.metrics).bare()) } }
                }
            }
        },
    };
    html! { div #referrers-list data-live { (table.draw(visit)) } }
}

fn standing(status: Standing) -> Markup {
    match status {
        Standing::Approved => parts::badge("good", words!("everybody-approved")),
        Standing::Suspended => parts::badge("bad", words!("everybody-suspended")),
        Standing::None => parts::badge("plain", words!("everybody-no-affiliate")),
    }
}
