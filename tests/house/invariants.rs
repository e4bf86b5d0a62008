//! Invariants of `docs/ARCHITECTURE.md` that hold of sources and manifests, and that each of them names tests which are
//! there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{built_dependencies, metadata, packages};

/// All that the projections are built with. A crate that is added here reads no file and no clock, starts no thread and
/// writes no log; or only by a call that [`TOUCHING`] names.
const OF_PROJECTIONS: &[&str] = &[
    // A build without tests has nothing of it but a constant.
    "tributary-mutants",
    "tributary-schemas",
    "tributary-ledger",
    "base64",
    "blake3",
    "hashbrown",
    "roaring",
    "serde",
    "serde_json",
    "thiserror",
];

/// What nobody says who touches nothing.
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
    "print!(",
    "println!(",
    "DiskStorage",
    "Utc::now",
    "Local::now",
];

fn house() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The sources at a place of the workspace: a file, or a folder with all in it.
pub(super) fn sources(place: &str) -> Vec<PathBuf> {
    let mut places = vec![house().join(place)];
    let mut found = Vec::new();
    while let Some(place) = places.pop() {
        let name = place.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if place.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            places.extend(std::fs::read_dir(&place).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if name.ends_with(".rs") {
            found.push(place);
        }
    }
    assert!(!found.is_empty(), "there are no sources in {place}");
    found
}

/// All that is built of the house, without tests and benches.
pub(super) fn built() -> Vec<PathBuf> {
    let mut all = sources("");
    all.retain(|path| path.strip_prefix(house()).is_ok_and(|path| path.iter().any(|part| part == "src")));
    all
}

/// Where sources say one of these words, as `path: word`; comments and what is in tests aside.
fn said(sources: &[PathBuf], words: &[&str]) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    for path in sources {
        let text = std::fs::read_to_string(path).expect("a text");
        let built = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let place = path.strip_prefix(house()).unwrap_or(path).display();
        for line in built.lines() {
            let code = line.split("//").next().unwrap_or_default();
            places.extend(words.iter().filter(|word| code.contains(**word)).map(|word| format!("{place}: {word}")));
        }
    }
    places
}

fn of(places: &[&str]) -> BTreeSet<String> {
    places.iter().map(|place| (*place).to_owned()).collect()
}

#[test]
fn the_projections_touch_nothing() {
    let metadata = metadata();
    let named = |package: &&serde_json::Value| package["name"].as_str() == Some("tributary-projections");
    let package = packages(&metadata).iter().find(named).expect("the projections");
    for dependency in built_dependencies(package) {
        assert!(OF_PROJECTIONS.contains(&dependency), "what does {dependency} touch? The projections touch nothing");
    }
    // The workers put down there what they prepared, and take what is theirs to write; nobody waits for another, but
    // while that one looks up the rates of the same code.
    let shared = of(&[
        "projections/src/apply/batch.rs: std::sync",
        "projections/src/apply/batch/rates.rs: std::sync",
        "projections/src/apply/batch/writing.rs: std::sync",
        "projections/src/apply/sharing.rs: std::sync",
        "projections/src/excerpt/making.rs: std::sync",
    ]);
    assert_eq!(said(&sources("projections/src"), TOUCHING), shared);
}

#[test]
fn the_engine_has_no_thread_no_file_and_no_clock() {
    let engine = [sources("ingest/src/engine.rs"), sources("ingest/src/engine")].concat();
    let touching =
        ["std::fs", "std::thread", "thread::", "std::time", "Instant::", "SystemTime", "DiskStorage", "Utc::now"];
    assert_eq!(said(&engine, &touching), BTreeSet::new());
}

#[test]
fn only_the_engine_commits() {
    assert_eq!(said(&built(), &["ledger.commit("]), of(&["ingest/src/engine.rs: ledger.commit("]));
}

#[test]
fn the_ledger_touches_the_disk_behind_its_port_alone() {
    let touching = ["std::fs", "memmap2", "std::net", "rustix"];
    let places = said(&sources("ledger/src"), &touching);
    assert!(places.iter().all(|place| place.starts_with("ledger/src/storage/")), "{places:#?}");
    assert!(places.contains("ledger/src/storage/disk.rs: std::fs"), "the disk is behind it");
}

#[test]
fn unsafe_code_stands_in_two_modules() {
    assert_eq!(
        said(&built(), &["unsafe {", "unsafe fn", "unsafe impl"]),
        of(&["ingest/src/kafka/topic_id.rs: unsafe {", "ledger/src/storage/mapping.rs: unsafe {"])
    );
}

/// Where a float may stand: numbers that are read to be refused, and how far a job is, from 0 to 1. No amount.
const FLOATS: &[&str] = &[
    "replay/src/what_if/tree.rs: f64",
    "schemas/src/json/syntax/checked.rs: f64",
    "schemas/src/json/syntax/values.rs: f64",
];

#[test]
fn no_float_is_near_money() {
    let rooms =
        ["schemas/src", "ledger/src", "projections/src", "checkpoints/src", "replay/src", "exports/src", "sql/src"];
    let all: Vec<PathBuf> = rooms.iter().flat_map(|room| sources(room)).collect();
    let floats: BTreeSet<String> = said(&all, &["f32", "f64"]).difference(&of(FLOATS)).cloned().collect();
    assert_eq!(floats, BTreeSet::new());
}

#[test]
fn only_cursors_know_that_they_are_of_the_past() {
    assert_eq!(said(&sources("projections/src"), &[".is_past"]), of(&["projections/src/query.rs: .is_past"]));
}

#[test]
fn the_lints_that_invariants_rest_on_are_on() {
    let manifest = |path: &Path| -> toml::Table {
        let text = std::fs::read_to_string(path).expect("a manifest");
        text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let lints = &manifest(&house().join("Cargo.toml"))["workspace"]["lints"];
    for (tool, lint, level) in [
        ("rust", "unsafe_code", "deny"),
        ("clippy", "float_arithmetic", "warn"),
        ("clippy", "wildcard_enum_match_arm", "warn"),
    ] {
        assert_eq!(lints[tool][lint].as_str(), Some(level), "{lint}");
    }
    let metadata = metadata();
    let own = packages(&metadata).iter().filter(|package| package["source"].is_null());
    let mut seen = 0;
    for package in own {
        let path = package["manifest_path"].as_str().expect("a path");
        let rests_on_them = manifest(Path::new(path)).get("lints").and_then(|lints| lints.get("workspace")?.as_bool());
        assert_eq!(rests_on_them, Some(true), "{path} takes no lints of the workspace");
        seen += 1;
    }
    assert!(seen > 8, "{seen} manifests");
    let ci = std::fs::read_to_string(house().join(".ci/run")).expect("what CI runs");
    assert!(
        ci.contains("cargo clippy --locked --workspace --all-targets -- -D warnings"),
        "CI takes warnings for errors"
    );
}

#[test]
fn every_invariant_names_tests_that_are_there() {
    let page = include_str!("../../docs/ARCHITECTURE.md");
    let section = page.split("## Invariants").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("the section");
    let all: String = sources("").iter().map(|path| std::fs::read_to_string(path).expect("a text")).collect();
    let mut named = 0;
    for invariant in section.split("\n- ").skip(1) {
        let (what, held_by) = invariant.split_once("*Held by*").unwrap_or_else(|| panic!("nothing holds: {invariant}"));
        for test in held_by.split('`').skip(1).step_by(2) {
            assert!(all.contains(&format!("fn {test}(")), "{what}: there is no test {test}");
            named += 1;
        }
    }
    assert!(named > 15, "{named} tests are named");
}
