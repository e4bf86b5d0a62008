//! Builds the tests of the copy.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::built::Built;

/// What the compiler says, and the bytes of files that it points at.
pub struct CompileError {
    pub said: String,
    pub places: Vec<(String, Range<usize>)>,
}

/// What was built, or what does not compile.
pub fn build(copy: &Path, rooms: &BTreeSet<&str>) -> Result<Result<Built, Vec<CompileError>>, String> {
    let mut command = Command::new("cargo");
    command.current_dir(copy).env("CARGO_TARGET_DIR", copy.join("target")).args([
        "build",
        "--tests",
        "--bins",
        "--keep-going",
        "--message-format=json",
    ]);
    command.args(rooms.iter().flat_map(|room| ["-p".to_owned(), format!("tributary-{room}")]));
    let done = command.stderr(Stdio::inherit()).output().map_err(|error| format!("cargo: {error}"))?;
    let root = copy.canonicalize().map_err(|error| format!("{}: {error}", copy.display()))?;
    let told = String::from_utf8_lossy(&done.stdout);
    if done.status.success() {
        return Built::read(&told, &root).map(Ok);
    }
    let mut errors = Vec::new();
    for line in told.lines().filter(|line| line.starts_with('{')) {
        let told: Value = serde_json::from_str(line).map_err(|error| format!("what cargo wrote: {error}"))?;
        if told["message"]["level"] == "error" {
            errors.push(compile_error(&told["message"]));
        }
    }
    match errors.is_empty() {
        true => Err("cargo failed, and says of no source why".to_owned()),
        false => Ok(Err(errors)),
    }
}

fn compile_error(message: &Value) -> CompileError {
    let mut places = Vec::new();
    let children = message["children"].as_array().into_iter().flatten();
    let spans = std::iter::once(message).chain(children).filter_map(|told| told["spans"].as_array()).flatten();
    for span in spans {
        let byte = |name: &str| usize::try_from(span[name].as_u64()?).ok();
        if let (Some(file), Some(start), Some(end)) = (span["file_name"].as_str(), byte("byte_start"), byte("byte_end"))
        {
            places.push((file.to_owned(), start..end));
        }
    }
    CompileError { said: message["rendered"].as_str().unwrap_or_default().to_owned(), places }
}
