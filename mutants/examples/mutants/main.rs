//! Runs against every mutant the tests that are to find it out, and fails if one of them does not.
//!
//! It builds nothing: it is told what `cargo test --no-run --message-format=json` built, and starts that, once without a
//! mutant, which has to pass, and once with each that it is to find, which has to fail and to have met it.

mod built;
mod table;
mod trying;
mod waiting;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::Parser;

use crate::built::Built;
use crate::table::{Killer, Mutant};
use crate::trying::{End, Trial, attempt};

/// Has the tests find out the faults that are seeded into the code.
#[derive(Parser)]
struct Args {
    /// Which mutants: all without a name.
    names: Vec<String>,
    /// What `cargo test --no-run --message-format=json` wrote.
    #[arg(long, required_unless_present = "table")]
    built: Option<PathBuf>,
    /// Write the table of all mutants, as the documentation has it, and run nothing.
    #[arg(long)]
    table: bool,
    /// How many are tried beside each other.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// How many seconds one try may take; who takes longer has found nothing.
    #[arg(long, default_value_t = 300)]
    seconds: u64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    if args.table {
        println!("{}", table::markdown());
        return ExitCode::SUCCESS;
    }
    let done = chosen(&args.names).and_then(|mutants| {
        let path = args.built.clone().unwrap_or_default();
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("this package lies in a workspace")?;
        run(&args, &mutants, &Built::read(&text, workspace)?)
    });
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// The mutants of these names; all without any.
fn chosen(names: &[String]) -> Result<Vec<&'static Mutant>, String> {
    if let Some(unknown) = names.iter().find(|name| table::all().all(|mutant| mutant.name != **name)) {
        return Err(format!("there is no mutant {unknown}"));
    }
    let is_chosen = |mutant: &&Mutant| names.is_empty() || names.iter().any(|name| name == mutant.name);
    Ok(table::all().filter(is_chosen).collect())
}

fn run(args: &Args, mutants: &[&'static Mutant], built: &Built) -> Result<ExitCode, String> {
    let begun = Instant::now();
    let deadline = Duration::from_secs(args.seconds);
    let sound = sound_trials(mutants);
    let failed = all_of(
        args.threads,
        &sound,
        |trial| attempt(built, trial, deadline),
        |trial, end| {
            let is_sound = matches!(end, End::Passed);
            if !is_sound {
                println!("{}: without a mutant it {end}", trial.killer);
            }
            !is_sound
        },
    )?;
    if failed > 0 {
        println!("{failed} of what is to find them fails by itself");
        return Ok(ExitCode::FAILURE);
    }
    println!("{} tests pass without a mutant, {:.0} s", sound.len(), begun.elapsed().as_secs_f64());
    let trials: Vec<Trial> = mutants
        .iter()
        .flat_map(|mutant| mutant.killed_by.iter().map(|killer| Trial { mutant: Some(mutant.name), killer: *killer }))
        .collect();
    let survived = all_of(
        args.threads,
        &trials,
        |trial| attempt(built, trial, deadline),
        |trial, end| {
            let name = trial.mutant.unwrap_or_default();
            println!("{name}: {}: it {end}", trial.killer);
            !matches!(end, End::Killed { .. })
        },
    )?;
    let (tried, count) = (trials.len(), mutants.len());
    println!("{count} mutants, {tried} tries, {survived} survived, {:.0} s", begun.elapsed().as_secs_f64());
    Ok(if survived == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Each test once; of the simulator the most seeds.
fn sound_trials(mutants: &[&'static Mutant]) -> Vec<Trial> {
    let killers: BTreeSet<Killer> = mutants.iter().flat_map(|mutant| mutant.killed_by).copied().collect();
    let most = killers.iter().filter_map(|killer| match killer {
        Killer::Simulator { seeds } => Some(*seeds),
        Killer::Test { .. } => None,
    });
    let simulator = most.max().map(|seeds| Killer::Simulator { seeds });
    let tests = killers.iter().copied().filter(|killer| matches!(killer, Killer::Test { .. }));
    simulator.into_iter().chain(tests).map(|killer| Trial { mutant: None, killer }).collect()
}

/// Does all trials on some threads, tells of each as it ends, and counts those that are told to be bad.
fn all_of(
    threads: usize,
    trials: &[Trial],
    attempt: impl Fn(&Trial) -> Result<End, String> + Sync,
    is_bad: impl Fn(&Trial, &End) -> bool + Sync,
) -> Result<usize, String> {
    let (left, done) = (Mutex::new(trials.iter().collect::<VecDeque<_>>()), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some(trial) = left.lock().expect("no thread panics").pop_front() {
                    let bad = attempt(trial).map(|end| is_bad(trial, &end));
                    done.lock().expect("no thread panics").insert((trial.mutant, trial.killer), bad);
                }
            });
        }
    });
    let done = done.into_inner().expect("no thread panics");
    done.into_values().try_fold(0, |count, bad| Ok(count + usize::from(bad?)))
}
