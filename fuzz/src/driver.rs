//! Gives a target its inputs, one run after the other, and tells of the first that fails.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::changing::change;
use crate::dice::Dice;
use crate::shrinking::shrink;
use crate::targets::Target;

/// Which runs.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What all chance comes from.
    pub seed: u64,
    /// The number of the first run.
    pub from: u64,
    /// How many runs.
    pub runs: u64,
    /// It ends after this time, if the runs are not done before.
    pub time_max: Option<Duration>,
}

/// An input that should not have failed.
#[derive(Clone, Debug)]
pub struct Found {
    /// The number of the run.
    pub run: u64,
    /// What failed.
    pub what: String,
    /// The input, made as small as it could be.
    pub input: Vec<u8>,
}

/// Looks at the time once in so many runs.
const RUNS_A_LOOK: u64 = 256;

/// Runs a target, and gives how many runs were done.
///
/// # Errors
/// The first input that fails.
pub fn drive(target: &dyn Target, plan: &Plan) -> Result<u64, Box<Found>> {
    let begun = Instant::now();
    let is_over =
        |done: u64| done.is_multiple_of(RUNS_A_LOOK) && plan.time_max.is_some_and(|most| begun.elapsed() >= most);
    for done in 0..plan.runs {
        if is_over(done) {
            return Ok(done);
        }
        let run = plan.from + done;
        let input = input_of(target, plan.seed, run);
        if let Err(what) = try_input(target, &input) {
            return Err(Box::new(made_smaller(target, run, what, input)));
        }
    }
    Ok(plan.runs)
}

/// The input of a run: one of the target's, changed; now and then as it is, or bytes that were never valid.
fn input_of(target: &dyn Target, seed: u64, run: u64) -> Vec<u8> {
    let mut dice = Dice::of(seed, run);
    let inputs = target.inputs();
    if dice.once_in(64) {
        return (0..dice.below(200)).map(|_| dice.draw() as u8).collect();
    }
    let mut input = dice.one_of(inputs).cloned().unwrap_or_default();
    if !dice.once_in(256) {
        change(&mut input, target.words(), inputs, &mut dice);
    }
    input
}

/// Tries one input.
///
/// # Errors
/// What failed, in words: the law that was broken, or what a panic said.
pub fn try_input(target: &dyn Target, input: &[u8]) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| target.check(input))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(format!("it panicked: {}", text.unwrap_or_default()))
    })
}

fn made_smaller(target: &dyn Target, run: u64, what: String, input: Vec<u8>) -> Found {
    let input = shrink(input, &mut |input: &[u8]| try_input(target, input).is_err());
    let what = try_input(target, &input).err().unwrap_or(what);
    Found { run, what, input }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stumbles over a byte behind another.
    struct Stumbling(Vec<Vec<u8>>);

    impl Target for Stumbling {
        fn inputs(&self) -> &[Vec<u8>] {
            &self.0
        }

        fn check(&self, input: &[u8]) -> Result<(), String> {
            let at = input.iter().position(|byte| *byte == b'x').unwrap_or(input.len());
            assert!(input[at..].first() != Some(&b'x') || input[at..].get(1) != Some(&b'y'), "stumbled");
            if input.len() > 10 { Err("it is too long".to_owned()) } else { Ok(()) }
        }
    }

    #[test]
    fn a_panic_is_caught_with_its_input_made_smaller_and_found_again_by_its_number() {
        let target = Stumbling(vec![b"a x b".to_vec(), b"aby".to_vec()]);
        let plan = Plan { seed: 1, from: 0, runs: 200_000, time_max: None };
        let found = drive(&target, &plan).expect_err("it is found");
        assert!(
            found.what.contains("stumbled") && found.input == b"xy" || found.what.contains("too long"),
            "{found:?}"
        );
        let again = Plan { from: found.run, runs: 1, ..plan };
        assert_eq!(drive(&target, &again).expect_err("it is found again").input, found.input);
    }
}
