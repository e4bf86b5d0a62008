//! What a what-if came to: a chart of the largest differences, and a table of all of them.

use maud::{Markup, html};
use schemas::Usd;
use serde_json::Value;

use crate::charts::{Bucket, Chart, Kind, Series};
use crate::figures::{self, Figure};
use crate::parts;
use crate::tables::{Column, Numbered, Table};
use crate::visit::Visit;

/// So many rows stand on a page.
const PAGE_ROWS: usize = 40;
/// So many bars are drawn: of the largest differences, or of the last days.
const BARS_MAX: usize = 40;
const DAYS_MAX: usize = 45;

const AMOUNTS: [(&str, &str); 3] = [("commission", "Commission"), ("rebate", "Rebate"), ("total", "Total")];
const MOMENTS: [&str; 3] = ["before", "after", "difference"];

/// The difference of a job that is done; `number` is that of the page of its rows.
pub(super) fn difference(visit: &Visit, number: usize, job: &Value) -> Markup {
    let rows = job["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
    let by = job["by"].as_str().unwrap_or("total");
    html! {
        (facts(job, by))
        (sum_cards(&job["sum"]))
        @if rows.is_empty() {
            (parts::empty("These rules make no difference.", html! { p { "No amount of any key changes." } }))
        } @else {
            @if by != "total" { (chart(rows, by)) }
            (table(visit, number, rows, &job["sum"], by))
        }
    }
}

fn key_label(by: &str) -> &'static str {
    match by {
        "referrer" => "Referrer",
        "code" => "Code",
        "day" => "UTC day",
        "month" => "UTC month",
        "country" => "Country",
        "product" => "Product",
        _ => "Key",
    }
}

fn facts(job: &Value, by: &str) -> Markup {
    let day = |name: &str, otherwise: &str| job[name].as_str().unwrap_or(otherwise).to_owned();
    html! {
        dl.facts {
            dt { "Ledger up to position" } dd { (figures::count(job["as_of"]["position"].as_u64().unwrap_or_default())) }
            dt { "Days" } dd { (day("from", "from always")) " to " (day("to", "the end")) }
            dt { "Difference by" } dd { (if by == "total" { "all in one" } else { key_label(by) }) }
        }
    }
}

/// An amount of a row, as the API wrote it.
fn amount(row: &Value, what: &str, when: &str) -> Usd {
    row[format!("{what}_{when}")].as_str().and_then(|text| Usd::parse(text).ok()).unwrap_or_default()
}

fn sum_cards(sum: &Value) -> Markup {
    html! {
        div.cards #what-if-sum {
            @for (what, label) in AMOUNTS {
                div.card {
                    h2.glance-label { (label) ", difference" }
                    p.glance-figure { (signed(amount(sum, what, "difference"))) span.unit { " USD" } }
                    p.hint { (figures::money(amount(sum, what, "before"))) " before, " (figures::money(amount(sum, what, "after"))) " after" }
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
        Series { label: "Commission", colour: 1, figures: figures_of("commission") },
        Series { label: "Rebate", colour: 2, figures: figures_of("rebate") },
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
        let title = if shown.len() < rows.len() {
            format!("Differences, the last {DAYS_MAX} {by}s")
        } else {
            "Differences".into()
        };
        return (shown, title);
    }
    let mut shown: Vec<&Value> = rows.iter().collect();
    shown.sort_by_key(|row| std::cmp::Reverse(amount(row, "total", "difference").0.unsigned_abs()));
    shown.truncate(BARS_MAX);
    let title =
        if shown.len() < rows.len() { format!("The {BARS_MAX} largest differences") } else { "Differences".into() };
    (shown, title)
}

fn table(visit: &Visit, number: usize, rows: &[Value], sum: &Value, by: &str) -> Markup {
    let page = Numbered::of(rows, PAGE_ROWS, number);
    let cells = |row: &Value| {
        html! {
            @for (what, _) in AMOUNTS {
                @for when in MOMENTS {
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
        tr.sum { th scope="row" { "Sum of all" } (cells(sum)) }
    };
    let labels: Vec<String> =
        AMOUNTS.iter().flat_map(|(_, label)| MOMENTS.iter().map(move |when| format!("{label} {when}, USD"))).collect();
    let mut columns = vec![Column::text(key_label(by))];
    columns.extend(labels.iter().map(|label| Column::figure(label)));
    let table = Table {
        id: "what-if-rows",
        caption: "Amounts in the ledger, under these rules, and the second less the first",
        columns: &columns,
        sorting: None,
        rows: table_rows,
    };
    html! {
        (table.draw(visit))
        (page.paging(visit, "rows"))
    }
}
