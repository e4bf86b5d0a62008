//! What is wrong with a statement, in words: what, where in it, and what there is instead.

use datafusion::common::{DataFusionError, SchemaError};
use exports::Kind;

use crate::error::SqlError;

/// So much of a line of the statement is shown on each side of the place.
const LETTERS_BESIDE: usize = 40;

/// Where in a statement: line and column, from 1.
type Place = (usize, usize);

/// Why a statement is not taken, from what its planning says.
pub(crate) fn refused(error: &DataFusionError, statement: &str) -> SqlError {
    let diagnostic = error.diagnostic();
    let (said, place) = match parser_says(error, statement) {
        Some((said, place)) => (said, place),
        None => {
            let said = diagnostic.map_or_else(|| plain(error), |diagnostic| diagnostic.message.clone());
            let span = diagnostic.and_then(|diagnostic| diagnostic.span);
            (said, span.map(|span| (span.start.line as usize, span.start.column as usize)))
        }
    };
    let mut told = match place {
        Some((line, column)) => format!("{said} (line {line}, column {column})"),
        None => said,
    };
    if let Some(shown) = place.and_then(|place| shown(statement, place)) {
        told.push('\n');
        told.push_str(&shown);
    }
    for hint in hints(error) {
        told.push_str("\n  ");
        told.push_str(&hint);
    }
    SqlError::Refused(told)
}

/// What the reader of SQL says, without what it says of the place, and the place.
fn parser_says(error: &DataFusionError, statement: &str) -> Option<(String, Option<Place>)> {
    let DataFusionError::SQL(parser, _) = error.find_root() else { return None };
    let said = parser.to_string();
    let said = said.strip_prefix("sql parser error: ").unwrap_or(&said);
    if let Some(what) = said.strip_suffix("EOF") {
        let lines = statement.lines().count().max(1);
        let letters = statement.lines().last().map_or(0, |line| line.chars().count());
        return Some((format!("{what}the end"), Some((lines, letters + 1))));
    }
    let Some((what, place)) = said.rsplit_once(" at Line: ") else { return Some((said.to_owned(), None)) };
    let place = place.split_once(", Column: ").and_then(|(line, column)| {
        let column = column.split(|letter: char| !letter.is_ascii_digit()).next()?;
        Some((line.parse().ok()?, column.parse().ok()?))
    });
    Some((what.to_owned(), place))
}

/// What an error says, without the names of the parts that say it.
fn plain(error: &DataFusionError) -> String {
    let root = error.find_root();
    let said = match root {
        DataFusionError::Plan(said) | DataFusionError::NotImplemented(said) | DataFusionError::Execution(said) => {
            said.clone()
        }
        _ => root.strip_backtrace(),
    };
    let first = said.split("\n\nBacktrace").next().unwrap_or_default().trim_end();
    first.trim_start_matches("Schema error: ").trim_start_matches("Error during planning: ").to_owned()
}

/// The line of the place, and a mark below it.
fn shown(statement: &str, (line, column): Place) -> Option<String> {
    let letters: Vec<char> = statement.lines().nth(line.checked_sub(1)?)?.chars().collect();
    let at = column.checked_sub(1)?.min(letters.len());
    let from = at.saturating_sub(LETTERS_BESIDE);
    let to = letters.len().min(at + LETTERS_BESIDE);
    let part: String = letters[from..to].iter().map(|letter| if letter.is_control() { ' ' } else { *letter }).collect();
    Some(format!("  {part}\n  {}^", " ".repeat(at - from)))
}

/// What there is, where the statement names what is not there.
fn hints(error: &DataFusionError) -> Vec<String> {
    let mut hints = Vec::new();
    if let DataFusionError::SchemaError(schema, _) = error.find_root()
        && let SchemaError::FieldNotFound { field, valid_fields } = &**schema
    {
        let near: Vec<&str> =
            valid_fields.iter().map(|valid| valid.name()).filter(|name| is_near(name, field.name())).collect();
        if !near.is_empty() {
            hints.push(format!("there is {}", near.join(", ")));
        }
        hints.push("show columns from TABLE tells a table's columns with their types".to_owned());
    }
    let said = error.to_string();
    if said.contains("table '") && said.contains("not found") {
        hints.push(format!("there are the tables {}; files are not read", Kind::NAMES.join(", ")));
    }
    if said.contains("single SQL statement") {
        hints.push("one statement is asked at a time".to_owned());
    }
    hints
}

/// Whether two names may be meant for each other: one is within the other, or few letters differ.
fn is_near(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    one.contains(&other) || other.contains(&one) || distance(one.as_bytes(), other.as_bytes()) <= 2
}

/// How many letters have to be put in, left out or exchanged (Levenshtein).
fn distance(one: &[u8], other: &[u8]) -> usize {
    let mut before: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut row = vec![at + 1];
        for (beside, other) in other.iter().enumerate() {
            let exchanged = before[beside] + usize::from(letter != other);
            row.push(exchanged.min(before[beside + 1] + 1).min(row[beside] + 1));
        }
        before = row;
    }
    before.last().copied().unwrap_or_default()
}
