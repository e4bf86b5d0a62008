//! Aligned columns: numbers right, texts left. Nothing that an answer holds can steer the terminal.

use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::rows::{Rows, is_number};

/// The rows as a table. On a terminal it is as wide as that at most; a single answer too wide for it stands
/// upright, a field a line.
pub(super) fn render(rows: &Rows, width: Option<u16>) -> Vec<u8> {
    if rows.columns.is_empty() {
        return b"no rows\n".to_vec();
    }
    let flat = laid_out(rows, None);
    let fits = width.is_none_or(|width| flat.lines().all(|line| line.chars().count() <= usize::from(width)));
    let text = if fits {
        flat
    } else if rows.single {
        upright(rows)
    } else {
        laid_out(rows, width)
    };
    text.into_bytes()
}

fn laid_out(rows: &Rows, width: Option<u16>) -> String {
    let mut table = plain_table();
    match width {
        Some(width) => table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table.set_header(rows.columns.iter().map(|column| printable(column)));
    for row in 0..rows.rows.len() {
        table.add_row((0..rows.columns.len()).map(|column| shortened(rows.cell(row, column).unwrap_or_default())));
    }
    for at in 0..rows.columns.len() {
        let cells = || (0..rows.rows.len()).filter_map(|row| rows.cell(row, at)).filter(|cell| !cell.is_empty());
        let numbers = cells().next().is_some() && cells().all(is_number);
        if let Some(column) = table.column_mut(at) {
            column.set_padding((0, if at + 1 == rows.columns.len() { 0 } else { 2 }));
            if numbers {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    finished(&table)
}

fn upright(rows: &Rows) -> String {
    let mut table = plain_table();
    table.set_content_arrangement(ContentArrangement::Disabled);
    for (column, at) in rows.columns.iter().zip(0..) {
        table.add_row([printable(column), printable(rows.cell(0, at).unwrap_or_default())]);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, 2));
    }
    if let Some(column) = table.column_mut(1) {
        column.set_padding((0, 0));
    }
    finished(&table)
}

fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
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

/// The most letters of a cell of a table: whatever has more, as the bytes of a quarantined event, is whole in the other
/// formats.
const CELL_LETTERS_MAX: usize = 120;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(CELL_LETTERS_MAX) {
        Some((end, _)) => format!("{}…", printable(&text[..end])),
        None => printable(text),
    }
}

/// The text without what would move the cursor, ring the bell, or turn the direction of the line.
fn printable(text: &str) -> String {
    let steers = |char: char| {
        char.is_control() || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut safe = String::with_capacity(text.len());
    for char in text.chars() {
        if steers(char) {
            safe.extend(char.escape_default());
        } else {
            safe.push(char);
        }
    }
    safe
}
