//! The house's own rules: data flows one way between the rooms, and every package's licence allows ours.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[path = "house/causes.rs"]
mod causes;
#[path = "house/imports.rs"]
mod imports;
#[path = "house/invariants.rs"]
mod invariants;
#[path = "house/links.rs"]
mod links;
#[path = "house/mutants.rs"]
mod mutants_table;

/// Where it is said what each room may depend on.
const ROOMS: &str = include_str!("../docs/decisions/0001-the-house.md");

/// Licences that allow Apache-2.0 OR MIT, one of which a package must offer.
const ALLOWED: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "BSL-1.0",
    "CC0-1.0",
    "Unlicense",
    "0BSD",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "CDLA-Permissive-2.0",
];

/// What cargo knows of all packages, those of other platforms too: it fetches what a build here did not need.
fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo writes JSON")
}

fn packages(metadata: &Value) -> &[Value] {
    metadata["packages"].as_array().expect("packages").as_slice()
}

/// What each room may depend on, as the table of decision 0001 says.
fn rooms() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let named = |cell: &'static str| cell.split('`').skip(1).step_by(2);
    let rows = ROOMS.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `").and(Some(line))?.split('|').skip(1);
        Some((named(cells.next()?).next()?, named(cells.next()?).collect()))
    });
    rows.collect()
}

#[test]
fn data_flows_one_way_between_the_rooms() {
    let (metadata, rooms) = (metadata(), rooms());
    let mut seen = BTreeSet::new();
    for package in packages(&metadata) {
        let Some(name) = package["name"].as_str().expect("a name").strip_prefix("tributary-") else { continue };
        let allowed = rooms.get(name).unwrap_or_else(|| panic!("decision 0001 says nothing of {name}"));
        seen.insert(name);
        for dependency in built_dependencies(package) {
            let Some(on) = dependency.strip_prefix("tributary-") else { continue };
            assert!(allowed.contains(on), "{name} must not depend on {on}");
        }
    }
    assert!(seen.iter().eq(rooms.keys()), "decision 0001 tells of {rooms:?}, there are {seen:?}");
}

#[test]
fn a_room_uses_only_rooms_that_stand_before_it() {
    let rooms = rooms();
    for (room, uses) in &rooms {
        // Everything that a room uses is used wholly: what those use is before it as well.
        let mut before: BTreeSet<&str> = uses.clone();
        for _ in &rooms {
            before = before.iter().flat_map(|used| rooms[used].iter().chain([used])).copied().collect();
        }
        assert!(!before.contains(room), "{room} stands before itself");
    }
}

/// The names of what a package is built with. Tests and benches may look anywhere; only what is built flows.
fn built_dependencies(package: &Value) -> impl Iterator<Item = &str> {
    let dependencies = package["dependencies"].as_array().expect("dependencies").iter();
    let built = dependencies.filter(|dependency| dependency["kind"].as_str() != Some("dev"));
    built.map(|dependency| dependency["name"].as_str().expect("a name"))
}

#[test]
fn no_more_than_two_files_of_a_room_use_each_other() {
    let metadata = metadata();
    let mut looked_at = 0;
    for package in packages(&metadata).iter().filter(|package| package["source"].is_null()) {
        let name = package["name"].as_str().expect("a name");
        let manifest = Path::new(package["manifest_path"].as_str().expect("a path"));
        let uses = imports::uses_in(&manifest.with_file_name("src"));
        let circles = imports::circles(&uses);
        assert!(circles.iter().all(|circle| circle.len() <= 2), "{name}: {circles:#?}");
        looked_at += uses.len();
    }
    assert!(looked_at > 300, "{looked_at} files");
}

#[test]
fn every_licence_allows_ours() {
    let metadata = metadata();
    let mut looked_at = 0;
    for package in packages(&metadata) {
        let name = package["name"].as_str().expect("a name");
        let licence = package["license"].as_str().unwrap_or("");
        // `A AND B` needs both, `A OR B` either; parentheses never nest deeper in the packages in use.
        let is_allowed = licence.replace('/', " OR ").split(" AND ").all(|part| {
            let part = part.trim_matches(|edge| edge == '(' || edge == ')');
            part.split(" OR ").any(|one| ALLOWED.contains(&one.trim().trim_matches(|edge| edge == '(' || edge == ')')))
        });
        assert!(is_allowed, "{name} is licensed under {licence:?}");
        looked_at += 1;
    }
    assert!(looked_at > 100, "cargo named {looked_at} packages");
}

#[test]
fn no_source_file_is_too_long_to_be_read_at_once() {
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"))];
    let mut too_long = Vec::new();
    let mut looked_at = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() && !name.starts_with('.') && name != "target" {
                folders.push(path);
            } else if name.ends_with(".rs") {
                looked_at += 1;
                let lines = std::fs::read_to_string(&path).expect("a text").lines().count();
                if lines > 600 {
                    too_long.push(format!("{} has {lines} lines", path.display()));
                }
            }
        }
    }
    assert!(looked_at > 50);
    assert!(too_long.is_empty(), "{too_long:?}");
}
