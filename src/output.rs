//! An answer for the shell: as a table for people, as JSON for programs, as CSV for sheets.

mod columns;
mod csv;
mod importance;
mod json;
mod rows;
mod table;
mod terminal;

use std::io::{self, IsTerminal, Read, Write};

pub(crate) use columns::{Columns, UnknownColumn};
use rows::Told;

/// In which form an answer is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A table on a terminal, or where columns are chosen; else JSON.
    #[default]
    Auto,
    /// Aligned columns, for people.
    Table,
    /// The answer as it is.
    Json,
    /// Comma-separated values with a header.
    Csv,
    /// The same behind a byte order mark.
    #[value(skip)]
    CsvForSheets,
}

/// How an answer is printed.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    /// In which form; never [`Format::Auto`].
    pub(crate) format: Format,
    /// Which of its columns.
    pub(crate) columns: Columns,
    /// How those are had that are left out.
    rest: &'static str,
}

impl Style {
    /// A table of a command that lets nobody choose columns.
    pub(crate) fn plain_table() -> Style {
        Style { format: Format::Table, columns: Columns::Fitting, rest: "--json has them" }
    }

    /// The form that is meant by one that was typed, by what stands at the other end.
    pub(crate) fn of(format: Format, columns: Columns) -> Style {
        let format = match format {
            Format::Auto if columns != Columns::Fitting || io::stdout().is_terminal() => Format::Table,
            Format::Auto => Format::Json,
            format @ (Format::Table | Format::Json | Format::Csv | Format::CsvForSheets) => format,
        };
        Style { format, columns, rest: "--columns all shows them" }
    }
}

/// Why an answer can't be printed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    #[error("the answer is no JSON")]
    NoJson { source: serde_json::Error },
    #[error("the answer ends too early")]
    Unreadable { source: io::Error },
    #[error(transparent)]
    UnknownColumn(#[from] UnknownColumn),
    #[error("can't write to standard output")]
    Unwritable { source: io::Error },
}

impl OutputError {
    /// Whether the reader of the output has gone, as `head` does when it has enough.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        match self {
            OutputError::Unwritable { source } => source.kind() == io::ErrorKind::BrokenPipe,
            OutputError::NoJson { .. } | OutputError::Unreadable { .. } | OutputError::UnknownColumn(_) => false,
        }
    }
}

/// Prints an answer on standard output as JSON, or as a table or CSV with the columns that fit.
///
/// # Errors
/// Those of [`print_as`].
pub(crate) fn print(answer: &[u8], format: Format) -> Result<(), OutputError> {
    print_as(answer, &Style::of(format, Columns::Fitting), "")
}

/// Prints an answer on standard output; what there is more of is said on standard error. `kind` is the path that was
/// asked, which says which of its columns matter.
///
/// # Errors
/// If the answer is no JSON and the format needs its rows, or it lacks a column that is wanted, or standard output can't be
/// written.
pub(crate) fn print_as(answer: &[u8], style: &Style, kind: &str) -> Result<(), OutputError> {
    // Some terminals do not say how wide they are.
    let wide = || terminal_size::terminal_size().map_or(80, |(width, _)| width.0);
    let width = io::stdout().is_terminal().then(wide);
    let (text, said) = render(answer, style, kind, width)?;
    print_raw(&text)?;
    said.iter().for_each(|line| say(line));
    Ok(())
}

/// Says a line on standard error. Where nobody can hear it, nothing else changes for that.
pub(crate) fn say(line: &str) {
    let _unheard = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Prints bytes as they are on standard output.
///
/// # Errors
/// If standard output can't be written.
pub(crate) fn print_raw(bytes: &[u8]) -> Result<(), OutputError> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(|source| OutputError::Unwritable { source })
}

/// Prints a stream as it comes on standard output. Text ends its last line; of other bytes none is added.
///
/// # Errors
/// If it can't be read to its end, or standard output can't be written.
pub(crate) fn print_stream(stream: &mut dyn Read, is_text: bool) -> Result<(), OutputError> {
    let mut out = io::stdout().lock();
    let mut last = b'\n';
    let mut block = vec![0; 1 << 16];
    loop {
        let count = stream.read(&mut block).map_err(|source| OutputError::Unreadable { source })?;
        let Some(end) = block[..count].last() else { break };
        last = *end;
        out.write_all(&block[..count]).map_err(|source| OutputError::Unwritable { source })?;
        out.flush().map_err(|source| OutputError::Unwritable { source })?;
    }
    if last != b'\n' && is_text {
        out.write_all(b"\n").map_err(|source| OutputError::Unwritable { source })?;
    }
    Ok(())
}

/// The answer in a style, and the lines that are said beside it. `width` is the terminal's.
fn render(answer: &[u8], style: &Style, kind: &str, width: Option<u16>) -> Result<(Vec<u8>, Vec<String>), OutputError> {
    if style.format == Format::Json {
        let mut text = answer.to_vec();
        if !text.ends_with(b"\n") {
            text.push(b'\n');
        }
        return Ok((text, Vec::new()));
    }
    let told = Told::of_answer(answer, kind).map_err(|source| OutputError::NoJson { source })?;
    let columns = &style.columns;
    let mut said: Vec<String> = told.more.iter().cloned().collect();
    let text = match style.format {
        Format::Csv => csv::render(&told.rows, columns, kind)?,
        Format::CsvForSheets => [exports::BYTE_ORDER_MARK, &csv::render(&told.rows, columns, kind)?].concat(),
        Format::Auto | Format::Table | Format::Json => {
            let (text, left_out) = table::render(&told, columns, kind, width)?;
            if !left_out.is_empty() {
                said.push(format!("left out: {} ({})", left_out.join(", "), style.rest));
            }
            text.into_bytes()
        }
    };
    Ok((text, said))
}

#[cfg(test)]
mod tests;
