//! `fuzz`: runs targets, each in a process of its own with bounded memory, and tells what it found.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use fuzzing::targets::{NAMES, target};
use fuzzing::{Plan, drive, try_input};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Gives whatever reads bytes from outside bytes that nobody meant.
#[derive(Parser)]
struct Args {
    /// The targets; all of them if none is named.
    targets: Vec<String>,
    /// How many runs of each.
    #[arg(long, default_value_t = 100_000)]
    runs: u64,
    /// The number of the first run.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// What all chance comes from; without it, one that is drawn from the time, and printed.
    #[arg(long)]
    seed: Option<u64>,
    /// No target takes longer than this.
    #[arg(long)]
    seconds: Option<u64>,
    /// Bytes of address space that a target may take.
    #[arg(long, default_value_t = 4 << 30)]
    memory: u64,
    /// Tries this input alone, of one target.
    #[arg(long)]
    input: Option<PathBuf>,
    /// Runs in this process.
    #[arg(long, hide = true)]
    here: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let names: Vec<&str> =
        if args.targets.is_empty() { NAMES.to_vec() } else { args.targets.iter().map(String::as_str).collect() };
    if let Some(unknown) = names.iter().find(|name| !NAMES.contains(name)) {
        eprintln!("there is no target {unknown}; there are {}", NAMES.join(", "));
        return ExitCode::from(2);
    }
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let seed = args.seed.unwrap_or(since_1970.as_micros() as u64);
    let mut code = ExitCode::SUCCESS;
    for name in names {
        let plan = Plan { seed, from: args.from, runs: args.runs, time_max: args.seconds.map(Duration::from_secs) };
        let is_sound = match (&args.input, args.here) {
            (Some(input), _) => try_file(name, input),
            (None, true) => run_here(name, &plan, args.memory),
            (None, false) => run_apart(name, &plan, args.memory),
        };
        if !is_sound {
            code = ExitCode::FAILURE;
        }
    }
    code
}

fn try_file(name: &str, path: &Path) -> bool {
    let Some(target) = target(name) else { return false };
    let tried = std::fs::read(path).map_err(|error| error.to_string()).and_then(|input| try_input(&*target, &input));
    match tried {
        Ok(()) => println!("{name}: {} is in order", path.display()),
        Err(what) => {
            println!("{name}: {what}");
            return false;
        }
    }
    true
}

/// Runs a target in this process, which takes no more address space than it may: whoever asks for more is ended, with a
/// text of how much it was.
fn run_here(name: &str, plan: &Plan, memory: u64) -> bool {
    let Some(target) = target(name) else { return false };
    let before = getrlimit(Resource::As);
    if let Err(error) = setrlimit(Resource::As, Rlimit { current: Some(memory), maximum: before.maximum }) {
        eprintln!("memory cannot be bounded: {error}");
        return false;
    }
    // A panic is told as what failed, with its input.
    std::panic::set_hook(Box::new(|_| {}));
    let begun = Instant::now();
    match drive(&*target, plan) {
        Ok(runs) => {
            println!(
                "{name:12} {runs:>9} runs from {} of seed {}, {:.1} s",
                plan.from,
                plan.seed,
                begun.elapsed().as_secs_f64()
            );
            true
        }
        Err(found) => {
            println!("{name}: FAILED in run {} of seed {}: {}", found.run, plan.seed, found.what);
            println!("again: fuzz {name} --seed {} --from {} --runs 1", plan.seed, found.run);
            let kept = std::env::temp_dir().join(format!("fuzz-{name}-{}-{}", plan.seed, found.run));
            match std::fs::write(&kept, &found.input) {
                Ok(()) => println!("input: {} ({} bytes)", kept.display(), found.input.len()),
                Err(error) => println!("input: {:?} (not kept: {error})", found.input),
            }
            false
        }
    }
}

/// Runs a target in a process of its own. If that is ended by the system, the run that ended it is looked for by halves.
fn run_apart(name: &str, plan: &Plan, memory: u64) -> bool {
    match child(name, plan, memory, Stdio::inherit()) {
        Some(code) => code == 0,
        None => {
            let (mut from, mut runs) = (plan.from, plan.runs);
            while runs > 1 {
                let half = Plan { from, runs: runs / 2, time_max: None, ..*plan };
                if child(name, &half, memory, Stdio::null()).is_none() {
                    runs = half.runs;
                } else {
                    from += half.runs;
                    runs -= half.runs;
                }
            }
            println!(
                "{name}: FAILED: the process was ended by run {from} of seed {}, or by those before it",
                plan.seed
            );
            println!("again: fuzz {name} --seed {} --from {from} --runs 1", plan.seed);
            false
        }
    }
}

/// The exit code of a process that runs a target; none if the system ended it.
fn child(name: &str, plan: &Plan, memory: u64, output: Stdio) -> Option<i32> {
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("fuzz"));
    let mut command = Command::new(program);
    command.args([name, "--here"]).stdout(output);
    let numbers = [("--seed", plan.seed), ("--from", plan.from), ("--runs", plan.runs), ("--memory", memory)];
    for (flag, number) in numbers {
        command.arg(flag).arg(number.to_string());
    }
    if let Some(most) = plan.time_max {
        command.arg("--seconds").arg(most.as_secs().to_string());
    }
    match command.status() {
        Ok(status) => status.code(),
        Err(error) => {
            println!("{name}: cannot be run: {error}");
            Some(1)
        }
    }
}
