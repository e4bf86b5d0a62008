//! The history as a file, for `tributary import`.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use workload::Workload;

use crate::cli::DemoArgs;
use crate::exit::Failure;
use crate::output;

/// Bytes of lines that are written at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// Writes the lines of the history into a file, or to standard output.
pub(super) fn write(args: &DemoArgs, out: &Path) -> Result<(), Failure> {
    let end = args.end.unwrap_or_else(super::now);
    let mut lines = Workload::sized(args.seed, args.events, end).lines();
    let mut take = |text: &mut Vec<u8>| {
        text.clear();
        while text.len() < CHUNK_BYTES && lines.write_next(text) {}
        !text.is_empty()
    };
    let mut text = Vec::with_capacity(CHUNK_BYTES + 4_096);
    if out == Path::new("-") {
        while take(&mut text) {
            output::print_raw(&text)?;
        }
        return Ok(());
    }
    let mut file = File::create(out).with_context(|| format!("can't make {}", out.display()))?;
    while take(&mut text) {
        file.write_all(&text).with_context(|| format!("can't write {}", out.display()))?;
    }
    Ok(())
}
