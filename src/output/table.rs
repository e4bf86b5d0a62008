//! Aligned columns: numbers right, texts left. On a terminal they are those that matter most, as many as it is wide.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table};

use super::columns::{Column, Columns, UnknownColumn};
use super::importance::rank;
use super::rows::{Cell, Rows, Told, is_number};
use super::terminal::{printable, shortened};

/// The most letters of a cell: whatever has more, as the bytes of a quarantined event, is whole in the other formats.
const CELL_LETTERS_MAX: usize = 120;
/// The same on a terminal that is not wide enough for all columns.
const NARROW_CELL_LETTERS_MAX: usize = 40;
/// Blanks between columns.
const GAP: u16 = 2;

/// An answer as a table, and the columns that are left out of it. What was compared stands before the rows; a single
/// answer stands upright, a name and its value a line, and its lists below it.
pub(super) fn render(
    told: &Told,
    columns: &Columns,
    kind: &str,
    width: Option<u16>,
) -> Result<(String, Vec<String>), UnknownColumn> {
    if told.is_one {
        return one(&told.rows, columns, width);
    }
    let mut text = String::new();
    if let Some(compared) = &told.compared {
        text.push_str(&side_by_side(compared, width));
        text.push('\n');
    }
    let (rows, left_out) = listed(&told.rows, columns, kind, width)?;
    text.push_str(&rows);
    Ok((text, left_out))
}

/// The rows under the columns that are wanted, or as many of them as a terminal of this width has place for.
fn listed(
    rows: &Rows,
    columns: &Columns,
    kind: &str,
    width: Option<u16>,
) -> Result<(String, Vec<String>), UnknownColumn> {
    if rows.columns.is_empty() {
        return Ok(("no rows\n".to_owned(), Vec::new()));
    }
    let columns_wanted = columns.of(rows, kind)?;
    let (Columns::Fitting, Some(width)) = (columns, width) else {
        return Ok((finished(&laid_out(rows, &columns_wanted, CELL_LETTERS_MAX)), Vec::new()));
    };
    let fitting = |letters| fitting(rows, &columns_wanted, kind, letters, width);
    let are_all = |shown: &[Column]| {
        columns_wanted.iter().filter(|column| !is_of_lists(rows, column)).all(|column| shown.contains(column))
    };
    let (shown, letters) = match fitting(CELL_LETTERS_MAX) {
        shown if are_all(&shown) => (shown, CELL_LETTERS_MAX),
        _ => (fitting(NARROW_CELL_LETTERS_MAX), NARROW_CELL_LETTERS_MAX),
    };
    let mut table = laid_out(rows, &shown, letters);
    // A single column may be wider than the terminal.
    fit(&mut table, Some(width));
    let left_out = columns_wanted.iter().filter(|column| !shown.contains(column));
    Ok((finished(&table), left_out.map(|column| printable(&column.name)).collect()))
}

/// The columns that fit beside each other, taken by importance: those without any value after the others, lists of objects
/// never.
fn fitting(rows: &Rows, columns: &[Column], kind: &str, letters: usize, width: u16) -> Vec<Column> {
    let widths = laid_out(rows, columns, letters).column_max_content_widths();
    let is_empty = |column: &Column| column.at.is_none_or(|at| rows.cells(at).next().is_none());
    let mut order: Vec<usize> = (0..columns.len()).filter(|at| !is_of_lists(rows, &columns[*at])).collect();
    order.sort_by_key(|at| (is_empty(&columns[*at]), rank(kind, &columns[*at].name)));
    let (mut chosen, mut taken) = (Vec::new(), 0u16);
    for at in order {
        let together = taken.saturating_add(widths[at]).saturating_add(if chosen.is_empty() { 0 } else { GAP });
        if chosen.is_empty() || together <= width {
            chosen.push(at);
            taken = together;
        }
    }
    chosen.sort_unstable();
    chosen.into_iter().map(|at| columns[at].clone()).collect()
}

fn is_of_lists(rows: &Rows, column: &Column) -> bool {
    column.at.is_some_and(|at| rows.cells(at).any(|cell| matches!(cell, Cell::List(_))))
}

/// A single answer: names and values, then each list of objects under its name.
fn one(rows: &Rows, columns: &Columns, width: Option<u16>) -> Result<(String, Vec<String>), UnknownColumn> {
    let lists = lists_of(rows);
    let known: Vec<String> = rows
        .columns
        .iter()
        .cloned()
        .chain(lists.iter().flat_map(|(name, list)| list.columns.iter().map(move |column| format!("{name}_{column}"))))
        .collect();
    if let Columns::Named(names) = columns
        && let Some(unknown) = names.iter().find(|name| !known.contains(name))
    {
        return Err(UnknownColumn::new(unknown, &known.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    let is_list = |name: &str| lists.iter().any(|(list, _)| list == name);
    let names: Vec<&String> = match columns {
        Columns::Named(names) => names.iter().filter(|name| rows.columns.contains(name)).collect(),
        Columns::Fitting | Columns::All => rows.columns.iter().collect(),
    };
    let names: Vec<&String> = names.into_iter().filter(|name| !is_list(name)).collect();
    let mut text = if names.is_empty() { String::new() } else { upright(rows, &names, width) };
    let mut left_out = Vec::new();
    for (name, list) in &lists {
        let Some(wanted) = of_list(columns, name) else { continue };
        let (table, lacks) = listed(list, &wanted, name, width)?;
        let gap = if text.is_empty() { "" } else { "\n" };
        text.push_str(&format!("{gap}{}\n{table}", printable(name)));
        left_out.extend(lacks.into_iter().map(|column| format!("{name}_{column}")));
    }
    Ok((text, left_out))
}

/// The lists of objects in a single answer, by name.
fn lists_of(rows: &Rows) -> Vec<(String, Rows)> {
    let list = |(at, name): (usize, &String)| match rows.cell(0, at)? {
        Cell::List(text) => Some((name.clone(), Rows::of_list(text).ok()?)),
        Cell::Plain(_) => None,
    };
    rows.columns.iter().enumerate().filter_map(list).collect()
}

/// The columns that are wanted of a list in a single answer; none where nothing of it is.
fn of_list(columns: &Columns, name: &str) -> Option<Columns> {
    let Columns::Named(names) = columns else { return Some(columns.clone()) };
    if names.iter().any(|named| named == name) {
        return Some(Columns::Fitting);
    }
    let prefix = format!("{name}_");
    let of_it: Vec<String> = names.iter().filter_map(|named| named.strip_prefix(&prefix)).map(str::to_owned).collect();
    (!of_it.is_empty()).then_some(Columns::Named(of_it))
}

fn upright(rows: &Rows, names: &[&String], width: Option<u16>) -> String {
    let mut table = plain_table();
    for name in names {
        let value = rows.columns.iter().position(|known| known == *name).and_then(|at| rows.text(0, at));
        table.add_row([printable(name), shortened(value.unwrap_or_default(), CELL_LETTERS_MAX)]);
    }
    pad(&mut table, 2);
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    fit(&mut table, width);
    finished(&table)
}

fn side_by_side(compared: &Rows, width: Option<u16>) -> String {
    let columns = compared.columns.iter().enumerate();
    let columns: Vec<Column> = columns.map(|(at, name)| Column { name: name.clone(), at: Some(at) }).collect();
    let mut table = laid_out(compared, &columns, CELL_LETTERS_MAX);
    fit(&mut table, width);
    finished(&table)
}

/// A table as wide as it comes.
fn laid_out(rows: &Rows, columns: &[Column], letters: usize) -> Table {
    let mut table = plain_table();
    table.set_header(columns.iter().map(|column| printable(&column.name)));
    for row in 0..rows.rows.len() {
        let text = |column: &Column| column.at.and_then(|at| rows.text(row, at)).unwrap_or_default();
        table.add_row(columns.iter().map(|column| shortened(text(column), letters)));
    }
    pad(&mut table, columns.len());
    for (column, at) in columns.iter().zip(0..) {
        let texts =
            || column.at.into_iter().flat_map(|at| (0..rows.rows.len()).filter_map(move |row| rows.text(row, at)));
        let mut texts = texts().filter(|text| !text.is_empty()).peekable();
        let are_numbers = texts.peek().is_some() && texts.all(is_number);
        if let Some(column) = table.column_mut(at).filter(|_| are_numbers) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn pad(table: &mut Table, columns: usize) {
    for at in 0..columns {
        if let Some(column) = table.column_mut(at) {
            column.set_padding((0, if at + 1 == columns { 0 } else { GAP }));
        }
    }
}

/// Lets cells go on in the next line where the terminal ends.
fn fit(table: &mut Table, width: Option<u16>) {
    if let Some(width) = width {
        table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
    }
}

fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}

fn finished(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
