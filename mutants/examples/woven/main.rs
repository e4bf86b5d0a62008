//! Tries all that `cargo mutants --list --json` lists, in one build: each change is woven into a copy of the sources beside what
//! it changes, and a variable of the environment chooses one as the tests run. What does not compile is left out.
//!
//! Built one by one, seven hundred of them take half a minute each; so the whole takes minutes.

mod building;
#[path = "../mutants/built.rs"]
mod built;
mod copy;
mod listed;
mod trying;
#[path = "../mutants/waiting.rs"]
mod waiting;
mod weave;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;

use crate::building::build;
use crate::listed::Listed;
use crate::trying::{End, Killer, attempt};
use crate::weave::Woven;

/// Tries listed changes of the sources against the tests, all in one build.
#[derive(Parser)]
struct Args {
    /// What `cargo mutants --list --json` wrote.
    #[arg(long)]
    listed: PathBuf,
    /// The folder for the copy of the sources; its content is replaced.
    #[arg(long)]
    into: PathBuf,
    /// What is to find them, in order: ROOM/FILE of the tests of their own room (`ledger/lib` for those within the sources), or
    /// simulator/SEEDS.
    #[arg(long = "by", required = true)]
    killers: Vec<Killer>,
    /// How many are tried beside each other.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// How many seconds one executable may take, if ten times what it takes without a change are not more; who takes longer is
    /// taken for killed.
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// Try those alone whose names hold one of these.
    #[arg(long)]
    only: Vec<String>,
}

/// Without a change they may take so long.
const UNCHANGED_AT_MOST: Duration = Duration::from_secs(1800);

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> Result<ExitCode, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("this package lies in a workspace")?;
    let listed = Listed::read(&args.listed, root)?;
    copy::workspace(&args.into)?;
    let mut left_out = BTreeSet::new();
    let rooms: BTreeSet<&str> = args.killers.iter().map(|killer| killer.room.as_str()).collect();
    let (built, woven) = loop {
        let woven = Woven::write(&listed, &args.into, &left_out)?;
        println!("{} of {} are woven in", woven.count(), listed.mutants.len());
        match build(&args.into, &rooms)? {
            Ok(built) => break (built, woven),
            Err(errors) => {
                let blamed = woven.blamed_for(&errors);
                if blamed.is_empty() {
                    let said: Vec<&str> = errors.iter().map(|error| error.said.as_str()).take(5).collect();
                    return Err(format!("the copy does not compile, and no change is to blame:\n{}", said.join("\n")));
                }
                println!("{} do not compile", blamed.len());
                left_out.extend(blamed);
            }
        }
    };
    let mut killers = Vec::new();
    for killer in &args.killers {
        let begun = Instant::now();
        match attempt(&built, killer, None, UNCHANGED_AT_MOST)? {
            End::Passed => {}
            end @ (End::Failed { .. } | End::TooLong) => return Err(format!("{killer} without a change: {end}")),
        }
        let took = begun.elapsed();
        println!("{killer} passes without a change, {:.1} s", took.as_secs_f64());
        // A try that others beside it slowed down is not one that a change made endless.
        killers.push((killer, Duration::from_secs(args.seconds).max(took * 10)));
    }
    for (index, mutant) in listed.mutants.iter().enumerate() {
        match (left_out.contains(&index), woven.holds(index)) {
            (true, _) => println!("does not compile: {}", mutant.name),
            (false, false) => println!("NOT WOVEN: {}", mutant.name),
            (false, true) => {}
        }
    }
    let is_named = |name: &str| args.only.is_empty() || args.only.iter().any(|only| name.contains(only));
    let is_wanted = |index: &usize| is_named(&listed.mutants[*index].name);
    let tried: Vec<usize> = (0..listed.mutants.len()).filter(|index| woven.holds(*index)).filter(is_wanted).collect();
    let begun = Instant::now();
    let (next, survived, failure) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(None));
    std::thread::scope(|scope| {
        for _ in 0..args.threads.max(1) {
            scope.spawn(|| {
                while let Some(index) = tried.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mutant = &listed.mutants[*index];
                    let can_find = |killer: &Killer| killer.is_of_any() || mutant.file.starts_with(&killer.folder());
                    let mut ends = killers
                        .iter()
                        .filter(|(killer, _)| can_find(killer))
                        .map(|(killer, limit)| attempt(&built, killer, Some(*index), *limit).map(|end| (killer, end)));
                    match ends.find(|end| !matches!(end, Ok((_, End::Passed)))) {
                        Some(Ok((killer, end))) => println!("{}: {killer}: {end}", mutant.name),
                        Some(Err(error)) => *failure.lock().expect("no thread panics") = Some(error),
                        None => {
                            survived.fetch_add(1, Ordering::Relaxed);
                            println!("SURVIVED: {}", mutant.name);
                        }
                    }
                }
            });
        }
    });
    if let Some(error) = failure.into_inner().expect("no thread panics") {
        return Err(error);
    }
    let survived = survived.into_inner();
    println!("{} tried, {survived} survived, {:.0} s", tried.len(), begun.elapsed().as_secs_f64());
    Ok(if survived == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
