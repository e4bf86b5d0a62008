//! Countries: where a referrer's invitees are, by any metric. For affiliates that are approved, and for who reads any.

use api::{Problem, ProblemKind, question};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::views::{Account, AsOf, CountryRow, Standing};
use schemas::Day;

use super::entries::{Audience, Entry};
use super::layout::Page;
use super::metrics::Metric;
use super::parts;
use super::ranges::{self, Chosen, Preset};
use super::reading::Reading;
use super::tables::{Column, Numbered, Table, page_number};
use super::visit::Visit;
use crate::site::Site;
use crate::words::{Key, words};

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] =
    &[Entry { path: "/countries", label: Key("layout-menu-countries"), audience: Audience::Everyone }];

pub(super) fn router() -> Router<Site> {
    Router::new().route("/countries", get(get_countries))
}

/// The API's most rows a page: all countries there are and more.
const API_ROWS: &str = "500";

/// So many countries stand on a page: all there are, with every metric, would weigh too much.
const PAGE_ROWS: usize = 50;

/// What the page shows: the countries of a range, or why it is closed.
enum Countries {
    Open { rows: Vec<CountryRow>, from: Day, to: Day, as_of: AsOf },
    Closed(Account),
}

async fn get_countries(visit: Visit) -> Result<Response, Problem> {
    let metric = match visit.parameter("metric") {
        None => Metric::ALL.first().copied(),
        Some(name) => Metric::named(name),
    };
    let unknown = || Problem::of_field(ProblemKind::InvalidParameter, "metric", "expected a metric's name");
    let metric = metric.ok_or_else(unknown)?;
    let number = page_number(&visit)?;
    let chosen = Chosen::of(&visit, Preset::Days30)?;
    let asked = {
        let chosen = chosen.clone();
        visit.read_ledger(move |read| all_countries(read, &chosen)).await
    };
    match asked {
        Ok(Countries::Open { rows, from, to, as_of }) => {
            let rows = ranked(rows, metric);
            let page = Numbered::of(&rows, PAGE_ROWS, number);
            let main = html! {
                (ranges::picker(&visit, &chosen, Some((from, to)), None, ranges::Inside::nothing()))
                (metric_chooser(&visit, metric))
                @if rows.is_empty() { (no_rows(&visit)) } @else {
                    (bars(&visit, &rows, page.shown, metric))
                    (whole(&visit, page.shown))
                    div #countries-paging data-live { (page.paging(&visit, words!("countries-counted"))) }
                }
            };
            let page = Page {
                title: words!("countries-title"),
                section: "/countries",
                as_of: Some(as_of),
                aside: html! {},
                main,
            };
            Ok(page.show(&visit))
        }
        Ok(Countries::Closed(account)) => Ok(closed(&visit, &account)),
        Err(problem) if matches!(problem.field.as_deref(), Some("from" | "to")) => {
            let main = ranges::picker(&visit, &chosen, None, Some(&problem), ranges::Inside::nothing());
            let page =
                Page { title: words!("countries-title"), section: "/countries", as_of: None, aside: html! {}, main };
            Ok(page.show_as(&visit, problem.kind.status()))
        }
        Err(problem) => Err(problem),
    }
}

fn all_countries(read: &Reading<'_>, chosen: &Chosen) -> Result<Countries, Problem> {
    let range = chosen.resolve(read, None)?;
    let mut rows: Vec<CountryRow> = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = [("limit", Some(API_ROWS)), ("cursor", cursor.as_deref())];
        let parameters: Vec<_> = range.parameters().into_iter().chain(page).collect();
        let found = match read.ask(&parameters, question::countries()) {
            Ok(found) => found,
            Err(problem) if problem.kind == ProblemKind::NotAllowed && problem.field.is_none() => {
                return Ok(Countries::Closed(read.ask(&[], question::account())?));
            }
            Err(problem) => return Err(problem),
        };
        rows.extend(found.list.rows);
        cursor = found.list.next_cursor;
        if cursor.is_none() {
            let (from, to, as_of) = (found.from, found.to, found.list.as_of);
            return Ok(Countries::Open { rows, from, to, as_of });
        }
    }
}

/// Most of a metric first, then by country.
fn ranked(mut rows: Vec<CountryRow>, metric: Metric) -> Vec<CountryRow> {
    let steps = |row: &CountryRow| metric.of(&row.metrics).steps();
    rows.sort_by(|one, other| steps(other).cmp(&steps(one)).then_with(|| one.country.cmp(&other.country)));
    rows
}

fn metric_chooser(visit: &Visit, metric: Metric) -> Markup {
    let here = visit.here().first_page();
    let links: Vec<_> = Metric::ALL
        .iter()
        .map(|one| (one.label.say(), here.clone().with("metric", one.name), one.name == metric.name))
        .collect();
    html! {
        div.row {
            (parts::choice(words!("countries-metric"), &links))
            (parts::more(words!("countries-what-it-counts"), html! { p { (metric.definition) } }))
        }
    }
}

/// A country's code with its name: a script knows the names, in the viewer's language.
fn country(code: &str) -> Markup {
    html! {
        @if code == "ZZ" { (words!("countries-unknown")) " " span.unit { "ZZ" } }
        @else { span data-country=(code) { (code) } }
    }
}

/// The bars of those shown, on the scale of all.
fn bars(visit: &Visit, rows: &[CountryRow], shown: &[CountryRow], metric: Metric) -> Markup {
    let steps = |row: &CountryRow| metric.of(&row.metrics).steps();
    let least = rows.iter().map(steps).min().unwrap_or(0).min(0);
    let most = rows.iter().map(steps).max().unwrap_or(0).max(0);
    let title = words!("countries-by-country", metric = metric.label);
    let label = words!("metrics-with-unit", label = metric.label, unit = metric.unit);
    html! {
        div.countries #countries-bars data-live {
            (Table {
                id: "countries-ranked",
                caption: &title,
                columns: &[Column::text(words!("countries-country")), Column::text(words!("charts-bar")), Column::figure(&label)],
                sorting: None,
                rows: html! {
                    @for row in shown {
                        tr {
                            th scope="row" { (country(&row.country)) }
                            td.bar-cell { (bar(steps(row), least, most)) }
                            td.num { (metric.of(&row.metrics).bare()) }
                        }
                    }
                },
            }.draw(visit))
        }
    }
}

/// A bar from 0, on a line from the least to the most; in tenths of a per cent.
fn bar(steps: i128, least: i128, most: i128) -> Markup {
    let span = (most - least).max(1);
    let place = |steps: i128| (steps - least) * 1_000 / span;
    let (from, to) = (place(steps.min(0)), place(steps.max(0)));
    // What is not 0 is seen, be it as thin as a line.
    let wide = if steps == 0 { 0 } else { (to - from).max(2) };
    let tenths = |of: i128| format!("{}.{}%", of / 10, of % 10);
    html! {
        svg.bar width="100%" height="18" aria-hidden="true" {
            @if wide > 0 { rect class=(if steps < 0 { "k2" } else { "k1" }) x=(tenths(from)) y="0" height="18" width=(tenths(wide)) {} }
        }
    }
}

/// Every metric of the countries shown.
fn whole(visit: &Visit, rows: &[CountryRow]) -> Markup {
    let labels: Vec<String> = Metric::ALL.iter().map(Metric::heading).collect();
    let columns: Vec<Column<'_>> = std::iter::once(Column::text(words!("countries-country")))
        .chain(labels.iter().map(|label| Column::figure(label)))
        .collect();
    parts::section(
        "countries-all",
        words!("countries-all-metrics"),
        html! {
            div #countries-whole data-live { (Table {
                id: "countries-table",
                caption: words!("countries-every-metric"),
                columns: &columns,
                sorting: None,
                rows: html! {
                    @for row in rows {
                        tr {
                            th scope="row" { (country(&row.country)) }
                            @for (metric, label) in Metric::ALL.iter().zip(&labels) {
                                td class=(if metric.name == "total_rewards" { "num matters" } else { "num" }) data-label=(label) { (metric.of(&row.metrics).bare()) }
                            }
                        }
                    }
                },
            }.draw_as_cards(visit)) }
        },
    )
}

fn no_rows(visit: &Visit) -> Markup {
    let link = visit.here().without("from").without("to").first_page().with("range", Preset::All.as_str());
    parts::empty(words!("countries-none"), html! { a.button href=(link) { (words!("ranges-look-at-all")) } })
}

/// Why the page is closed to an affiliate, and what opens it.
fn closed(visit: &Visit, account: &Account) -> Response {
    let (says, next) = match account.status {
        Standing::None => (
            words!("countries-not-yet"),
            html! { a.button.primary href={ (visit.link("/account")) "#apply" } { (words!("account-apply-to-become")) } },
        ),
        Standing::Suspended => (
            words!("countries-suspended"),
            html! { a.button href=(visit.link("/account")) { (words!("account-see-standing")) } },
        ),
        // Whoever is approved is not refused.
        Standing::Approved => (words!("countries-closed"), html! {}),
    };
    let main = parts::empty(says, next);
    let as_of = Some(account.as_of);
    let page = Page { title: words!("countries-title"), section: "/countries", as_of, aside: html! {}, main };
    page.show(visit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_begin_at_0_and_what_is_not_0_is_seen() {
        let drawn = |steps, least, most| bar(steps, least, most).into_string();
        assert!(drawn(50, 0, 100).contains("x=\"0.0%\"") && drawn(50, 0, 100).contains("width=\"50.0%\""));
        assert!(drawn(-50, -100, 100).contains("x=\"25.0%\"") && drawn(-50, -100, 100).contains("k2"));
        assert!(drawn(1, 0, 1_000_000).contains("width=\"0.2%\""));
        assert!(!drawn(0, 0, 100).contains("rect"));
        assert!(!drawn(0, 0, 0).contains("rect"));
    }
}
