//! Every mutant in the code stands in the table and the other way round, has tests that are there to find it out, and is in
//! no build but that of the tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::invariants::{built, sources};

#[path = "../../mutants/examples/mutants/table/mod.rs"]
mod table;

use self::table::{Killer, Mutant};

const ASKED: &str = "mutants::mutant!(\"";

/// The names that the sources ask for.
fn asked() -> BTreeSet<String> {
    let is_code = |path: &PathBuf| !path.starts_with(Path::new(env!("CARGO_MANIFEST_DIR")).join("mutants"));
    let texts = built().into_iter().filter(is_code).map(|path| std::fs::read_to_string(path).expect("a text"));
    let names = |text: String| -> Vec<String> {
        let asked = text.split(ASKED).skip(1);
        asked.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
    };
    texts.flat_map(names).collect()
}

#[test]
fn each_mutant_stands_in_the_code_and_in_the_table_and_no_name_twice() {
    let table: Vec<String> = table::all().map(|mutant| mutant.name.to_owned()).collect();
    let names: BTreeSet<String> = table.iter().cloned().collect();
    assert_eq!(names.len(), table.len(), "a name stands in the table twice");
    assert_eq!(asked(), names);
    assert!(names.len() >= 40, "{} mutants", names.len());
}

#[test]
fn each_mutant_names_tests_that_are_there() {
    for Mutant { name, killed_by, .. } in table::all() {
        assert!(!killed_by.is_empty(), "{name}: nothing finds it out");
        for killer in *killed_by {
            let Killer::Test { room, file, name: test } = killer else { continue };
            let place = if *file == "lib" { "src" } else { "tests" };
            let place = Path::new(room).join(place);
            let function = format!("fn {}(", test.rsplit("::").next().unwrap_or_default());
            let mut texts = sources(place.to_str().expect("a name of ours")).into_iter();
            let is_there = texts.any(|path| std::fs::read_to_string(path).expect("a text").contains(&function));
            assert!(is_there, "{name}: there is no {function} in {}", place.display());
        }
    }
}

#[test]
fn the_documentation_has_the_table() {
    let page = include_str!("../../docs/RELIABILITY.md");
    let table = table::markdown();
    let missing: Vec<&str> = table.lines().filter(|row| !page.lines().any(|line| line == *row)).collect();
    assert!(missing.is_empty(), "`just mutants-table` writes the table anew; these rows are missing: {missing:#?}");
    // Nor has it rows of mutants that are gone.
    let rows = page.split("## Mutants").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or_default();
    let rows = rows.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, table::all().count());
}

/// What cargo says of who switches the mutants on, of what is built with such dependencies.
fn switched_on_by(dependencies: &str) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let arguments = ["tree", "--locked", "--workspace", "-e", dependencies, "-i", "tributary-mutants", "--depth", "1"];
    let output = Command::new(cargo).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_build_without_the_tests_has_no_mutants_and_theirs_has() {
    assert_eq!(mutants::are_seeded(), cfg!(debug_assertions), "the tests are built with them");
    let seeded = "feature \"seeded\"";
    let (built, with_tests) = (switched_on_by("normal,build,features"), switched_on_by("features"));
    assert!(built.contains("tributary-mutants v"), "{built}");
    assert!(!built.contains(seeded), "{built}");
    assert!(with_tests.contains(seeded), "{with_tests}");
}
