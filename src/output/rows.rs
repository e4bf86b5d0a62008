//! The rows of an answer: its `rows`, else its `points`, else itself as one; nested fields joined by `_`.

use serde_json::value::RawValue;

use super::json::Json;

/// Cells under columns; one that a row lacks, or has as null, is missing.
pub(super) struct Rows {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<Option<String>>>,
    /// What is said of rows that are not here, a line each.
    pub(super) more: Option<String>,
    /// Whether the answer itself is the one row.
    pub(super) single: bool,
}

impl Rows {
    /// Finds the rows of an answer. Several answers, one a line, are a row each.
    pub(super) fn of_answer(answer: &[u8]) -> Result<Rows, serde_json::Error> {
        let text = String::from_utf8_lossy(answer);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let mut rows = Rows { columns: Vec::new(), rows: Vec::new(), more: None, single: false };
        match Json::read(&text) {
            Ok(answer) => {
                let mut said: Vec<String> = hint(&answer).into_iter().collect();
                let list =
                    ["rows", "points"].into_iter().find_map(|name| match Json::read(answer.field(name)?.get()) {
                        Ok(Json::List(_, members)) => Some(members),
                        _ => None,
                    });
                match list {
                    Some(members) => {
                        for member in &members {
                            rows.add(member)?;
                        }
                        said.extend(more(&answer, members.len()));
                    }
                    None => {
                        rows.single = true;
                        rows.add_value(answer.without("hint"))?;
                    }
                }
                rows.more = (!said.is_empty()).then(|| said.join("\n"));
            }
            Err(_) if lines.len() > 1 => {
                for line in lines {
                    rows.add_value(Json::read(line)?)?;
                }
            }
            Err(_) if lines.is_empty() => {}
            Err(error) => return Err(error),
        }
        Ok(rows)
    }

    fn add(&mut self, row: &RawValue) -> Result<(), serde_json::Error> {
        self.add_value(Json::read(row.get())?)
    }

    fn add_value(&mut self, row: Json) -> Result<(), serde_json::Error> {
        let mut cells = Vec::new();
        flatten("", row, &mut cells)?;
        let mut row = vec![None; self.columns.len()];
        for (column, cell) in cells {
            match self.columns.iter().position(|known| *known == column) {
                Some(at) => row[at] = cell,
                None => {
                    self.columns.push(column);
                    row.push(cell);
                }
            }
        }
        self.rows.push(row);
        Ok(())
    }

    /// The cell of a row under a column.
    pub(super) fn cell(&self, row: usize, column: usize) -> Option<&str> {
        self.rows.get(row)?.get(column)?.as_deref()
    }
}

fn flatten(name: &str, value: Json, cells: &mut Vec<(String, Option<String>)>) -> Result<(), serde_json::Error> {
    let named = |name: &str| if name.is_empty() { "value".to_owned() } else { name.to_owned() };
    match value {
        Json::Null => cells.push((named(name), None)),
        Json::Plain(text) | Json::Text(text) => cells.push((named(name), Some(text))),
        // What has many values stays JSON: a cell holds one text.
        Json::List(text, _) => cells.push((named(name), Some(text))),
        Json::Object(fields) => {
            for (field, value) in fields {
                let name = if name.is_empty() { field } else { format!("{name}_{field}") };
                flatten(&name, Json::read(value.get())?, cells)?;
            }
        }
    }
    Ok(())
}

/// What the list says of rows beyond those it holds.
fn more(answer: &Json, shown: usize) -> Option<String> {
    let read = |name: &str| answer.field(name).and_then(|value| Json::read(value.get()).ok());
    let Some(Json::Text(cursor)) = read("next_cursor") else { return None };
    let of = match read("total") {
        Some(Json::Plain(total)) => format!(" of {total}"),
        _ => String::new(),
    };
    Some(format!("{shown}{of} rows; go on with cursor={cursor}"))
}

/// What the answer says of days that it does not show.
fn hint(answer: &Json) -> Option<String> {
    let read = |json: &Json, name: &str| json.field(name).and_then(|value| Json::read(value.get()).ok());
    match read(&read(answer, "hint")?, "detail")? {
        Json::Text(detail) => Some(detail.chars().filter(|letter| !letter.is_control()).collect()),
        Json::Null | Json::Plain(_) | Json::List(..) | Json::Object(_) => None,
    }
}

/// Whether a text is a number: those are aligned right, and are no formula in a sheet.
pub(super) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}
