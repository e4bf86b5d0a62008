//! An answer on the page: its rows as a table where it has some, and the text as it came.

use maud::{Markup, html};
use serde_json::Value;

use super::super::figures;
use super::super::language::of_the_api;
use super::super::parts;
use super::super::tables::{Column, Table};
use super::super::visit::Visit;
use super::super::words::{marked, words};
use super::asked::Asked;
use super::inside::{Answer, BYTES_MAX};
use super::ordered::Json;

/// So many rows and columns of an answer stand in its table, and so many characters of it as text.
const ROWS_MAX: usize = 100;
const COLUMNS_MAX: usize = 14;
const CHARACTERS_MAX: usize = 60_000;

impl Answer {
    pub(super) fn draw(&self, visit: &Visit, asked: &Asked) -> Markup {
        let refused = !self.status.is_success();
        let tone = if refused { "bad" } else { "good" };
        html! {
            div.row {
                (parts::badge(tone, self.status.as_str()))
                code { (self.media_type) }
                span.hint {
                    @let bytes = figures::count(self.bytes.len() as u64);
                    @if self.is_whole { (marked!("ask-bytes", bytes = bytes)) } @else { (marked!("ask-bytes-of-more", bytes = bytes)) }
                }
            }
            @if let Some(json) = self.json.as_ref().filter(|_| refused) {
                p.problem role="alert" {
                    @if let Some(field) = json.text("field") { code { (field) } ": " }
                    @let detail = json.text("detail").unwrap_or(words!("ask-refused"));
                    span lang=[of_the_api(detail)] { (detail) }
                }
            }
            @if let Some(json) = &self.json { (rows(visit, json)) (next(visit, asked, json)) }
            (self.text())
        }
    }

    /// As it came, JSON with lines of its own.
    fn text(&self) -> Markup {
        let is_text = self.media_type.starts_with("text/") || self.media_type.contains("json");
        if !is_text {
            return html! { p { (words!("ask-no-text")) } };
        }
        let pretty = self.json.as_ref().and_then(|json| serde_json::to_string_pretty(json).ok());
        let text = pretty.unwrap_or_else(|| String::from_utf8_lossy(&self.bytes).into_owned());
        let shown: String = text.chars().take(CHARACTERS_MAX).collect();
        let is_cut = shown.len() < text.len() || !self.is_whole;
        let has_table = self.json.as_ref().is_some_and(|json| table_of(json).is_some());
        html! {
            details.more open[!has_table] {
                summary { @if self.json.is_some() { (words!("ask-as-it-came-by-line")) } @else { (words!("ask-as-it-came")) } }
                pre.raw tabindex="0" aria-label=(words!("ask-as-text")) { code { (shown) } }
            }
            @if is_cut {
                p.hint {
                    (marked!("ask-cut", shown = figures::count(shown.chars().count() as u64), most = figures::count(BYTES_MAX as u64)))
                }
            }
        }
    }
}

/// The rows that an answer has: its `rows` or its `points`.
fn table_of(json: &Json) -> Option<(&'static str, Vec<&Json>)> {
    ["rows", "points"].into_iter().find_map(|name| match json.field(name)? {
        Json::List(items) if matches!(items.first(), Some(Json::Object(_))) => Some((name, items.iter().collect())),
        Json::List(_) | Json::Plain(_) | Json::Object(_) => None,
    })
}

/// What stands plainly in a row.
fn cell<'j>(row: &'j Json, field: &str) -> Option<&'j Value> {
    match row.field(field)? {
        Json::Plain(value) => Some(value),
        Json::List(_) | Json::Object(_) => None,
    }
}

fn rows(visit: &Visit, json: &Json) -> Markup {
    let Some((name, rows)) = table_of(json) else { return html! {} };
    let mut fields: Vec<&str> = Vec::new();
    for row in &rows {
        let Json::Object(of_row) = row else { continue };
        for (field, value) in of_row {
            if matches!(value, Json::Plain(_)) && !fields.contains(&&**field) {
                fields.push(field);
            }
        }
    }
    let left_out = fields.len().saturating_sub(COLUMNS_MAX);
    fields.truncate(COLUMNS_MAX);
    let is_figure = |field: &str| rows.iter().all(|row| cell(row, field).is_none_or(is_number));
    let columns: Vec<Column<'_>> = fields
        .iter()
        .map(|field| if is_figure(field) { Column::figure(field) } else { Column::text(field) }.as_of_the_api())
        .collect();
    let table = Table {
        id: "answer-table",
        caption: if name == "rows" { words!("ask-table-rows") } else { words!("ask-table-points") },
        columns: &columns,
        sorting: None,
        rows: html! {
            @for row in rows.iter().take(ROWS_MAX) {
                tr {
                    @for (at, field) in fields.iter().enumerate() {
                        @let value = cell(row, field).map(plain).unwrap_or_default();
                        @if at == 0 { th.fig scope="row" data-value=(value) lang=[of_the_api(&value)] { (value) } }
                        @else if is_figure(field) { td.num data-value=(value) { (value) } }
                        @else { td data-value=(value) lang=[of_the_api(&value)] { (value) } }
                    }
                }
            }
        },
    };
    html! {
        (table.draw(visit))
        @if rows.len() > ROWS_MAX || left_out > 0 {
            p.hint {
                @if rows.len() > ROWS_MAX { (words!("ask-first-rows", shown = ROWS_MAX, all = rows.len())) " " }
                @if left_out > 0 { (words!("ask-more-fields", count = left_out)) }
            }
        }
    }
}

fn is_number(value: &Value) -> bool {
    match value {
        Value::Number(_) | Value::Null => true,
        Value::String(text) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            digits.starts_with(|first: char| first.is_ascii_digit())
                && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        }
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// The way to the next page of a list.
fn next(visit: &Visit, asked: &Asked, json: &Json) -> Markup {
    html! {
        @if let Some(cursor) = json.text("next_cursor") {
            nav.paging aria-label=(words!("ask-pages")) {
                @if let Some(total) = cell(json, "total").and_then(Value::as_u64) { p { (marked!("ask-rows-in-all", count = figures::count(total))) } }
                a.button.small rel="next" href=(asked.with(visit, "cursor", cursor)) { (words!("tables-next-page")) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn figures_are_told_from_texts() {
        for figure in [json!(7), json!("7"), json!("-0.00000001"), json!("12.5"), json!(null)] {
            assert!(is_number(&figure), "{figure}");
        }
        for text in [json!("2026-03-01"), json!("ALPHA"), json!(""), json!("-"), json!(true), json!({}), json!("1e5")] {
            assert!(!is_number(&text), "{text}");
        }
    }

    #[test]
    fn what_has_no_rows_has_no_table() {
        let read = |text: &str| serde_json::from_str::<Json>(text).expect("JSON");
        for none in [r#"{"rows":[]}"#, r#"{"metrics":{}}"#, "[1]", r#"{"rows":[1]}"#] {
            assert!(table_of(&read(none)).is_none(), "{none}");
        }
        let points = read(r#"{"points":[{"date":"2026-03-01","x":[]}]}"#);
        assert_eq!(table_of(&points).map(|(name, rows)| (name, rows.len())), Some(("points", 1)));
    }
}
