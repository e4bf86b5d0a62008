//! Mended events out of a file: one a line, or one alone over many lines.

use std::io::Read;

use anyhow::{Context, anyhow};

use crate::exit::Failure;

/// Reads as many events as are to be replaced. One alone is the whole file, so that it may be laid out over lines.
pub(super) fn read(name: &str, count: usize) -> Result<Vec<Vec<u8>>, Failure> {
    let mut bytes = Vec::new();
    match name {
        "-" => std::io::stdin().read_to_end(&mut bytes).context("the standard input cannot be read")?,
        _ => std::fs::File::open(name)
            .and_then(|mut file| file.read_to_end(&mut bytes))
            .with_context(|| format!("{name} cannot be read"))?,
    };
    let events = if count == 1 { vec![bytes.trim_ascii().to_vec()] } else { lines(&bytes) };
    if events.len() != count {
        let found = events.len();
        return Err(Failure::usage(anyhow!(
            "{name} holds {found} events, one a line, where {count} are to be replaced: they are taken in the order of their ids"
        )));
    }
    Ok(events)
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines.filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}
