//! Invariants of `docs/ARCHITECTURE.md` that hold of sources and manifests.

use std::path::{Path, PathBuf};

use super::{built_dependencies, metadata, packages};

/// All that the projections are built with. A crate that is added here reads no file and no clock, starts no thread and
/// writes no log; or only with a feature or a call that [`TOUCHING`] names.
const OF_PROJECTIONS: &[&str] = &[
    "tributary-schemas",
    "tributary-ledger",
    "base64",
    "blake3",
    "chrono",
    "hashbrown",
    "roaring",
    "serde",
    "serde_json",
    "thiserror",
    "utoipa",
];

/// What a source of the projections never says.
const TOUCHING: &[&str] = &[
    "std::fs",
    "std::io",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::sync",
    "std::time",
    "tracing::",
    "println!",
    "print!(",
    "DiskStorage",
    "Utc::now",
    "chrono::Local",
    "mmap",
    "rayon",
];

/// The sources under a folder of the workspace.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "there are no sources in {folder}");
    found
}

/// Each place where a source says one of these words, outside of comments.
fn places(sources: &[PathBuf], words: &[&str]) -> Vec<String> {
    let mut places = Vec::new();
    for path in sources {
        let text = std::fs::read_to_string(path).expect("a text");
        for (number, line) in (1..).zip(text.lines()) {
            let code = line.split("//").next().unwrap_or_default();
            places.extend(
                words
                    .iter()
                    .filter(|word| code.contains(**word))
                    .map(|word| format!("{}:{number}: {word}", path.display())),
            );
        }
    }
    places
}

#[test]
fn the_projections_touch_nothing() {
    let metadata = metadata();
    let named = |package: &&serde_json::Value| package["name"].as_str() == Some("tributary-projections");
    let package = packages(&metadata).iter().find(named).expect("the projections");
    for dependency in built_dependencies(package) {
        assert!(OF_PROJECTIONS.contains(&dependency), "what does {dependency} touch? The projections touch nothing");
    }
    let places = places(&sources("projections/src"), TOUCHING);
    assert!(places.is_empty(), "{places:#?}");
}
