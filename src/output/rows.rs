//! The rows of an answer: its `rows`, else its `points`, else itself as one; nested fields joined by `_`.

use serde_json::value::RawValue;

use super::json::Json;

/// Cells under columns; one that a row lacks, or has as null, is missing.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<Option<Cell>>>,
}

/// What a row has under a column.
pub(super) enum Cell {
    /// A text, a number, or what has many values of such, as JSON.
    Plain(String),
    /// A list of objects, as JSON.
    List(String),
}

/// An answer, taken apart.
#[derive(Default)]
pub(super) struct Told {
    pub(super) rows: Rows,
    /// Whether the answer itself is the one row.
    pub(super) is_one: bool,
    /// What stands in `before`, `after` and `difference`: a row for each name.
    pub(super) compared: Option<Rows>,
    /// What is said of rows that are not here, a line each.
    pub(super) more: Option<String>,
}

/// What is answered in lines, of which a single one is a row too.
const OF_LINES: &str = "feed";

/// The fields of an answer that are shown side by side, where it has all of them.
const COMPARED: [&str; 3] = ["before", "after", "difference"];

impl Told {
    /// Finds the rows of an answer to what `kind` asked. Several answers, one a line, are a row each.
    pub(super) fn of_answer(answer: &[u8], kind: &str) -> Result<Told, serde_json::Error> {
        let text = String::from_utf8_lossy(answer);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let mut told = Told::default();
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
                        told.compared = compared(&answer)?;
                        told.rows = Rows::of_members(&members)?;
                        said.extend(more(&answer, members.len()));
                    }
                    None => {
                        told.is_one = kind != OF_LINES;
                        told.rows.add(answer.without("hint"))?;
                    }
                }
                told.more = (!said.is_empty()).then(|| said.join("\n"));
            }
            Err(_) if lines.len() > 1 => {
                for line in lines {
                    told.rows.add(Json::read(line)?)?;
                }
            }
            Err(_) if lines.is_empty() => {}
            Err(error) => return Err(error),
        }
        Ok(told)
    }
}

impl Rows {
    fn of_members(members: &[Box<RawValue>]) -> Result<Rows, serde_json::Error> {
        let mut rows = Rows::default();
        for member in members {
            rows.add(Json::read(member.get())?)?;
        }
        Ok(rows)
    }

    /// The rows of a list, as JSON; none if it is no list.
    pub(super) fn of_list(text: &str) -> Result<Rows, serde_json::Error> {
        match Json::read(text)? {
            Json::List(_, members) => Rows::of_members(&members),
            Json::Null | Json::Plain(_) | Json::Text(_) | Json::Object(_) => Ok(Rows::default()),
        }
    }

    fn add(&mut self, row: Json) -> Result<(), serde_json::Error> {
        let mut cells = Vec::new();
        flatten("", row, &mut cells)?;
        let mut row: Vec<Option<Cell>> = self.columns.iter().map(|_| None).collect();
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
    pub(super) fn cell(&self, row: usize, column: usize) -> Option<&Cell> {
        self.rows.get(row)?.get(column)?.as_ref()
    }

    /// Its text.
    pub(super) fn text(&self, row: usize, column: usize) -> Option<&str> {
        match self.cell(row, column)? {
            Cell::Plain(text) | Cell::List(text) => Some(text),
        }
    }

    /// What the rows have under a column, without those that have nothing.
    pub(super) fn cells(&self, column: usize) -> impl Iterator<Item = &Cell> {
        (0..self.rows.len()).filter_map(move |row| self.cell(row, column))
    }
}

fn flatten(name: &str, value: Json, cells: &mut Vec<(String, Option<Cell>)>) -> Result<(), serde_json::Error> {
    let named = |name: &str| if name.is_empty() { "value".to_owned() } else { name.to_owned() };
    match value {
        Json::Null => cells.push((named(name), None)),
        Json::Plain(text) | Json::Text(text) => cells.push((named(name), Some(Cell::Plain(text)))),
        // What has many values stays JSON: a cell holds one text.
        Json::List(text, members) => {
            let is_of_objects = members.iter().any(|member| member.get().starts_with('{'));
            cells.push((named(name), Some(if is_of_objects { Cell::List(text) } else { Cell::Plain(text) })));
        }
        Json::Object(fields) => {
            for (field, value) in fields {
                let name = if name.is_empty() { field } else { format!("{name}_{field}") };
                flatten(&name, Json::read(value.get())?, cells)?;
            }
        }
    }
    Ok(())
}

/// What the answer compares: under `name` that of a figure, and beside it the figure before, after, and the difference.
fn compared(answer: &Json) -> Result<Option<Rows>, serde_json::Error> {
    let mut sides = Vec::new();
    for name in COMPARED {
        let Some(value) = answer.field(name) else { return Ok(None) };
        let mut cells = Vec::new();
        flatten("", Json::read(value.get())?, &mut cells)?;
        sides.push(cells);
    }
    let names: Vec<String> = sides[0].iter().map(|(name, _)| name.clone()).collect();
    let mut rows =
        Rows { columns: ["name"].iter().chain(&COMPARED).map(ToString::to_string).collect(), rows: Vec::new() };
    for name in names {
        let figures = sides.iter_mut().map(|cells| cells.iter_mut().find(|(known, _)| *known == name)?.1.take());
        let figures: Vec<Option<Cell>> = figures.collect();
        rows.rows.push([Some(Cell::Plain(name))].into_iter().chain(figures).collect());
    }
    Ok(Some(rows))
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
