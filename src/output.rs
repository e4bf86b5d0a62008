//! An answer for the shell: as a table for people, as JSON for programs, as CSV for sheets.

mod csv;
mod json;
mod rows;
mod table;

use std::io::{self, IsTerminal, Read, Write};

use rows::Rows;

/// In which form an answer is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns, for people.
    #[default]
    Table,
    /// The answer as it is.
    Json,
    /// Comma-separated values with a header.
    Csv,
    /// The same behind a byte order mark.
    #[value(skip)]
    CsvForSheets,
}

/// Why an answer can't be printed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    #[error("the answer is no JSON")]
    NoJson { source: serde_json::Error },
    #[error("the answer ends too early")]
    Unreadable { source: io::Error },
    #[error("can't write to standard output")]
    Unwritable { source: io::Error },
}

impl OutputError {
    /// Whether the reader of the output has gone, as `head` does when it has enough.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        match self {
            OutputError::Unwritable { source } => source.kind() == io::ErrorKind::BrokenPipe,
            OutputError::NoJson { .. } | OutputError::Unreadable { .. } => false,
        }
    }
}

/// Prints an answer on standard output; what there is more of is said on standard error.
///
/// # Errors
/// If the answer is no JSON and the format needs its rows, or standard output can't be written.
pub(crate) fn print(answer: &[u8], format: Format) -> Result<(), OutputError> {
    let width = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten().map(|(width, _)| width.0);
    let (text, more) = render(answer, format, width)?;
    print_raw(&text)?;
    if let Some(more) = more {
        say(&more);
    }
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

/// Prints a stream as it comes on standard output.
///
/// # Errors
/// If it can't be read to its end, or standard output can't be written.
pub(crate) fn print_stream(stream: &mut dyn Read) -> Result<(), OutputError> {
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
    if last != b'\n' && io::stdout().is_terminal() {
        out.write_all(b"\n").map_err(|source| OutputError::Unwritable { source })?;
    }
    Ok(())
}

/// The answer in a format, and a sentence about rows that it does not hold. `width` is the terminal's.
fn render(answer: &[u8], format: Format, width: Option<u16>) -> Result<(Vec<u8>, Option<String>), OutputError> {
    if format == Format::Json {
        let mut text = answer.to_vec();
        if !text.ends_with(b"\n") {
            text.push(b'\n');
        }
        return Ok((text, None));
    }
    let rows = Rows::of_answer(answer).map_err(|source| OutputError::NoJson { source })?;
    let text = match format {
        Format::Csv => csv::render(&rows),
        Format::CsvForSheets => [exports::BYTE_ORDER_MARK, &csv::render(&rows)].concat(),
        Format::Table | Format::Json => table::render(&rows, width),
    };
    Ok((text, rows.more))
}

#[cfg(test)]
mod tests;
