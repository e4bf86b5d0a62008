//! What a what-if came to: a chart of the largest differences, and a table of all of them.

use maud::{Markup, html};
use schemas::Usd;
use serde_json::Value;

use crate::charts::{Bucket, Chart, Kind, Series};
use crate::figures::{self, Figure};
use crate::parts;
use crate::tables::{Column, Numbered, Table};
use crate::visit::Visit;
use crate::words::{Key, marked, words};

/// So many rows stand on a page.
const PAGE_ROWS: usize = 40;
/// So many bars are drawn: of the largest differences, or of the last days.
const BARS_MAX: usize = 40;
const DAYS_MAX: usize = 45;

const AMOUNTS: [(&str, Key); 3] =
    [("commission", Key("what-if-commission")), ("rebate", Key("what-if-rebate")), ("total", Key("what-if-total"))];
const MOMENTS: [(&str, Key); 3] =
    [("before", Key("what-if-before")), ("after", Key("what-if-after")), ("difference", Key("what-if-difference"))];

/// The difference of a job that is done; `number` is that of the page of its rows.
pub(super) fn difference(visit: &Visit, number: usize, job: &Value) -> Markup {
    let rows = job["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
    let by = job["by"].as_str().unwrap_or("total");
    html! {
        (facts(job, by))
        (sum_cards(&job["sum"]))
        @if rows.is_empty() {
            (parts::empty(words!("what-if-no-difference"), html! { p { (words!("what-if-no-amount-changes")) } }))
        } @else {
            @if by != "total" { (chart(rows, by)) }
            (table(visit, number, rows, &job["sum"], by))
        }
    }
}

fn key_label(by: &str) -> &'static str {
    match by {
        "referrer" => words!("what-if-referrer"),
        "code" => words!("what-if-code"),
        "day" => words!("what-if-day"),
        "month" => words!("what-if-month"),
        "country" => words!("what-if-country"),
        "product" => words!("what-if-product"),
        _ => words!("what-if-key"),
    }
}

fn facts(job: &Value, by: &str) -> Markup {
    let day = |name: &str, otherwise: &str| job[name].as_str().unwrap_or(otherwise).to_owned();
    html! {
        dl.facts {
            dt { (words!("what-if-up-to-position")) } dd { (figures::count(job["as_of"]["position"].as_u64().unwrap_or_default())) }
            dt { (words!("what-if-days")) }
            dd { (words!("what-if-from-to", from = day("from", words!("what-if-from-always")), to = day("to", words!("what-if-to-the-end")))) }
            dt { (words!("what-if-difference-by")) } dd { (if by == "total" { words!("what-if-in-one") } else { key_label(by) }) }
        }
    }
}

/// An amount of a row, as the API wrote it.
fn amount(row: &Value, what: &str, when: &str) -> Usd {
    row[format!("{what}_{when}")].as_str().and_then(|text| Usd::parse(text).ok()).unwrap_or_default()
}

fn sum_cards(sum: &Value) -> Markup {
    html! {
        div class="cards even even-3" #what-if-sum {
            @for (what, label) in AMOUNTS {
                @let difference = amount(sum, what, "difference");
                div.card {
                    h2.glance-label { (words!("what-if-difference-of", amount = label)) span.unit { " USD" } }
                    div.glance-figure { @if difference.0 > 0 { "+" } (Figure::Money(difference).short()) }
                    @let (before, after) = (amount(sum, what, "before"), amount(sum, what, "after"));
                    p.hint { (marked!("what-if-before-and-after", before = figures::money(before), after = figures::money(after))) }
                }
            }
        }
    }
}

/// A difference: its sign is always said.
fn signed(usd: Usd) -> Markup {
    html! { @if usd.0 > 0 { "+" } (figures::amount(usd)) }
}

fn key_text(row: &Value) -> String {
    row["key"].as_str().map_or_else(|| row["key"].to_string(), str::to_owned)
}

fn chart(rows: &[Value], by: &str) -> Markup {
    let (shown, title) = drawn(rows, by);
    let buckets: Vec<Bucket> = shown
        .iter()
        .map(|row| {
            let name = key_text(row);
            let short = if by == "day" { name.get(5..).unwrap_or(&name).to_owned() } else { name.clone() };
            Bucket { name, short }
        })
        .collect();
    let figures_of =
        |what: &str| shown.iter().map(|row| Figure::Money(amount(row, what, "difference"))).collect::<Vec<_>>();
    let series = [
        Series { label: words!("what-if-commission"), colour: 1, figures: figures_of("commission") },
        Series { label: words!("what-if-rebate"), colour: 2, figures: figures_of("rebate") },
    ];
    let chart = Chart {
        id: "differences",
        title: &title,
        unit: "USD",
        bucket: key_label(by),
        kind: Kind::StackedBars,
        buckets: &buckets,
        series: &series,
        before: None,
        marks: &[],
    };
    chart.draw()
}

/// What is drawn: the last days or months, or the keys with the largest differences.
fn drawn<'a>(rows: &'a [Value], by: &str) -> (Vec<&'a Value>, String) {
    if by == "day" || by == "month" {
        let shown: Vec<&Value> = rows.iter().skip(rows.len().saturating_sub(DAYS_MAX)).collect();
        let title = match (shown.len() < rows.len(), by) {
            (false, _) => words!("what-if-differences").to_owned(),
            (true, "day") => words!("what-if-last-days", count = DAYS_MAX),
            (true, _) => words!("what-if-last-months", count = DAYS_MAX),
        };
        return (shown, title);
    }
    let mut shown: Vec<&Value> = rows.iter().collect();
    shown.sort_by_key(|row| std::cmp::Reverse(amount(row, "total", "difference").0.unsigned_abs()));
    shown.truncate(BARS_MAX);
    let title = if shown.len() < rows.len() {
        words!("what-if-largest", count = BARS_MAX)
    } else {
        words!("what-if-differences").to_owned()
    };
    (shown, title)
}

fn table(visit: &Visit, number: usize, rows: &[Value], sum: &Value, by: &str) -> Markup {
    let page = Numbered::of(rows, PAGE_ROWS, number);
    let cells = |row: &Value| {
        html! {
            @for (what, _) in AMOUNTS {
                @for (when, _) in MOMENTS {
                    td.num { @if when == "difference" { (signed(amount(row, what, when))) } @else { (figures::amount(amount(row, what, when))) } }
                }
            }
        }
    };
    let table_rows = html! {
        @for row in page.shown {
            tr {
                th scope="row" {
                    @if by == "referrer" { a href=(visit.link("/").with("uid", key_text(row))) { (key_text(row)) } }
                    @else { bdi { (key_text(row)) } }
                }
                (cells(row))
            }
        }
        tr.sum { th scope="row" { (words!("what-if-sum-of-all")) } (cells(sum)) }
    };
    let columns_of = |amount: Key| MOMENTS.map(|(_, when)| words!("what-if-column", amount = amount, when = when));
    let labels: Vec<String> = AMOUNTS.into_iter().flat_map(|(_, label)| columns_of(label)).collect();
    let mut columns = vec![Column::text(key_label(by))];
    columns.extend(labels.iter().map(|label| Column::figure(label)));
    let table = Table {
        id: "what-if-rows",
        caption: words!("what-if-rows-caption"),
        columns: &columns,
        sorting: None,
        rows: table_rows,
    };
    html! {
        (table.draw(visit))
        (page.paging(visit, words!("what-if-rows")))
    }
}
