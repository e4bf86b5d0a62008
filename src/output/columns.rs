//! Which columns of an answer are shown.

use std::str::FromStr;

use exports::Kind;

use super::rows::Rows;
use super::terminal::printable;

/// The columns that are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Columns {
    /// All; on a terminal those that matter most, as many as it is wide.
    #[default]
    Fitting,
    /// All, however wide they are.
    All,
    /// These, in this order.
    Named(Vec<String>),
}

/// A column that an answer does not have.
#[derive(Debug, thiserror::Error)]
#[error("there is no column \"{name}\" (--columns); there are {known}")]
pub(crate) struct UnknownColumn {
    name: String,
    known: String,
}

impl UnknownColumn {
    pub(super) fn new(name: &str, known: &[&str]) -> UnknownColumn {
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        UnknownColumn { name: printable(name), known: printable(&known) }
    }
}

impl FromStr for Columns {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Columns, &'static str> {
        if text == "all" {
            return Ok(Columns::All);
        }
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        if names.iter().any(String::is_empty) {
            return Err("expected names of columns with commas between them, or all");
        }
        Ok(Columns::Named(names))
    }
}

impl Columns {
    /// The same rows with the columns that are named, which they have to have; all of them where none is named.
    pub(super) fn of(&self, rows: &Rows, kind: &str) -> Result<Vec<Column>, UnknownColumn> {
        let all = || rows.columns.iter().enumerate().map(|(at, name)| Column { name: name.clone(), at: Some(at) });
        let Columns::Named(names) = self else { return Ok(all().collect()) };
        // Of no row it is not known which columns it would have.
        let is_known = |name: &str| rows.columns.is_empty() || also_known(kind).any(|known| known == name);
        let column = |name: &String| match rows.columns.iter().position(|known| known == name) {
            Some(at) => Ok(Column { name: name.clone(), at: Some(at) }),
            None if is_known(name) => Ok(Column { name: name.clone(), at: None }),
            None => {
                let known: Vec<&str> = rows.columns.iter().map(String::as_str).collect();
                Err(UnknownColumn::new(name, &known))
            }
        };
        names.iter().map(column).collect()
    }
}

/// A column that is shown.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// Where it stands in the rows; nowhere if none of them has it.
    pub(super) at: Option<usize>,
}

/// Columns that rows of an answer may have, though none of those at hand has: fields of another type of event.
fn also_known(kind: &str) -> impl Iterator<Item = &'static str> {
    let of_feed = if kind == "feed" { Kind::Entries.columns() } else { &[] };
    of_feed.iter().map(|column| column.name)
}
