//! A short run of every target, with the same seed each time, and all that was ever found. The long one is `just fuzz`.

use std::path::Path;

use fuzzing::targets::{NAMES, target};
use fuzzing::{Plan, drive, try_input};

/// Runs of each target, about as long as each other: some read a line, some start a ledger.
const RUNS: &[(&str, u64)] = &[
    ("event", 60_000),
    ("record", 150_000),
    ("ledger", 1_200),
    ("checkpoint", 4_000),
    ("run", 500),
    ("question", 6_000),
    ("http", 4_000),
    ("rules", 25_000),
    ("token", 25_000),
];

#[test]
fn no_input_of_a_short_run_breaks_a_target() {
    assert!(RUNS.iter().map(|(name, _)| name).eq(NAMES), "each target has its runs");
    let lanes = RUNS.iter().map(|(name, runs)| {
        std::thread::spawn(move || {
            let target = target(name).expect("a target");
            let plan = Plan { seed: 20_260_301, from: 0, runs: *runs, time_max: None };
            let found = drive(&*target, &plan).err();
            assert!(found.is_none(), "{name}: {found:?}");
        })
    });
    for lane in lanes.collect::<Vec<_>>() {
        lane.join().expect("nothing was found");
    }
}

/// `found/TARGET/` holds inputs that once broke it.
#[test]
fn what_was_found_stays_mended() {
    for name in NAMES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("found").join(name);
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        let target = target(name).expect("a target");
        for entry in entries.flatten() {
            let input = std::fs::read(entry.path()).expect("an input");
            assert_eq!(try_input(&*target, &input), Ok(()), "{}", entry.path().display());
        }
    }
}

/// Every valid input is read, or refused, without a fault: what they are changed from is sound itself.
#[test]
fn the_inputs_that_are_changed_are_in_order() {
    for name in NAMES {
        let target = target(name).expect("a target");
        assert!(target.inputs().len() > 1, "{name} has nothing to change");
        for input in target.inputs() {
            assert_eq!(try_input(&*target, input), Ok(()), "{name}: {}", String::from_utf8_lossy(input));
        }
    }
}
