//! How far an export is, and what was written.

use std::io::IsTerminal;

use exports::{Export, Progress, Written};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::exit::Failure;
use crate::output;

pub(super) fn bar(quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("export {bar:30} {percent}%, {eta} left, {msg}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

pub(super) fn show(bar: &ProgressBar, progress: Progress) {
    if !bar.is_hidden() {
        bar.set_length(progress.way);
        bar.set_position(progress.done);
        bar.set_message(format!("{} rows", progress.rows));
    }
}

/// Says what was written, and where the next export goes on; on standard error where standard output is the export.
pub(super) fn tell(export: &Export, written: &Written, to_stdout: bool, as_json: bool) -> Result<(), Failure> {
    let Written { rows, bytes, position } = *written;
    let text = if as_json {
        let said = json!({
            "kind": export.kind.as_str(),
            "format": export.format.as_str(),
            "rows": rows,
            "bytes": bytes,
            "position": position,
        });
        format!("{said}\n")
    } else {
        let next = if export.kind.has_position() { format!(" (next time: --after {position})") } else { String::new() };
        format!("rows      {rows}\nbytes     {bytes}\nposition  {position}{next}\n")
    };
    if to_stdout {
        output::say(text.trim_end());
        return Ok(());
    }
    Ok(output::print_raw(text.as_bytes())?)
}
