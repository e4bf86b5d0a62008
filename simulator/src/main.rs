//! `simulate`: runs seeds, counts what they met, and makes a failing one smaller.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use simulator::{ClusterPlan, Met, Plan, Report, Situation, run};

/// Runs ledgers whole on a simulated disk, clock and topic, each from one seed.
#[derive(Parser)]
struct Args {
    /// How many seeds to run.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed; without it, one that is drawn from the time, and printed.
    #[arg(long)]
    first: Option<u64>,
    /// Fail unless every named situation was met.
    #[arg(long)]
    meet_all: bool,
    /// Tell of a failing seed as it is, and do not look for a smaller plan of it.
    #[arg(long)]
    no_shrink: bool,
    /// How many threads run seeds beside each other; each run has one of its own.
    #[arg(long, default_value_t = 1)]
    threads: u64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let first = args.first.unwrap_or(since_1970.as_micros() as u64);
    println!("seeds {first} to {}", first + args.seeds.saturating_sub(1));
    // A panic is told as what failed, with its seed.
    std::panic::set_hook(Box::new(|_| {}));
    let begun = Instant::now();
    let threads = args.threads.max(1);
    let lanes: Vec<_> = (0..threads)
        .map(|lane| std::thread::spawn(move || run_lane(first + lane, first + args.seeds, threads)))
        .collect();
    let mut met = Met::default();
    let (mut runs, mut crashes) = (0, 0);
    for lane in lanes {
        match lane.join() {
            Ok(Ok((lane_met, lane_runs, lane_crashes))) => {
                met.add(&lane_met);
                runs += lane_runs;
                crashes += lane_crashes;
            }
            Ok(Err(failed)) => {
                let (plan, what) = *failed;
                tell_failure(&plan, &what, args.no_shrink);
                return ExitCode::FAILURE;
            }
            Err(_) => return ExitCode::FAILURE,
        }
    }
    println!("{runs} runs, {crashes} lives ended by a fault, {:.1} s", begun.elapsed().as_secs_f64());
    let mut missed = 0;
    for situation in Situation::ALL {
        let count = met.count(*situation);
        missed += u32::from(count == 0);
        println!("{count:>9}  {}", situation.name());
    }
    if args.meet_all && missed > 0 {
        println!("{missed} situations were not met");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Runs every so many-th seed.
fn run_lane(first: u64, end: u64, step: u64) -> Result<(Met, u64, u64), Box<(Plan, String)>> {
    let (mut met, mut runs, mut crashes) = (Met::default(), 0, 0);
    let mut seed = first;
    while seed < end {
        let plan = Plan::of(seed);
        let report = attempt(&plan).map_err(|what| Box::new((plan, what)))?;
        met.add(&report.met);
        runs += 1;
        crashes += report.crashes;
        seed += step;
    }
    Ok((met, runs, crashes))
}

fn attempt(plan: &Plan) -> Result<Report, String> {
    match catch_unwind(AssertUnwindSafe(|| run(plan))) {
        Ok(Ok(report)) => Ok(report),
        Ok(Err(failure)) => Err(failure.to_string()),
        Err(panic) => Err(match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
            (Some(text), _) => format!("panicked: {text}"),
            (None, Some(text)) => format!("panicked: {text}"),
            (None, None) => "panicked".to_owned(),
        }),
    }
}

/// Tells the seed, and the smallest plan of it that fails too.
fn tell_failure(plan: &Plan, what: &str, no_shrink: bool) {
    println!("FAILED seed {}: {what}", plan.seed);
    println!("again: just sim 1 {}", plan.seed);
    if no_shrink {
        return;
    }
    let (small, what) = shrink(*plan, what.to_owned());
    println!("smaller: {small:#?}\n{what}");
}

/// Leaves out features and faults, lives and events, as long as something still fails.
fn shrink(mut plan: Plan, mut what: String) -> (Plan, String) {
    loop {
        let smaller = candidates(&plan).into_iter().find_map(|candidate| Some((candidate, attempt(&candidate).err()?)));
        match smaller {
            Some((candidate, still)) => (plan, what) = (candidate, still),
            None => return (plan, what),
        }
    }
}

fn candidates(plan: &Plan) -> Vec<Plan> {
    let mut candidates = Vec::new();
    macro_rules! without {
        ($($group:ident . $flag:ident),*) => {
            $(if plan.$group.$flag {
                let mut candidate = *plan;
                candidate.$group.$flag = false;
                candidates.push(candidate);
            })*
        };
    }
    without!(
        features.sub_accounts,
        features.circles,
        features.reversals,
        features.rates,
        features.conflicts,
        features.promotions,
        features.large_amounts,
        features.poison,
        features.commands,
        features.redrives,
        features.requests,
        faults.power,
        faults.write_errors,
        faults.sync_errors,
        faults.full_disk,
        faults.bit_flips,
        faults.lost_files,
        faults.checkpoints,
        faults.clock,
        faults.rewinds,
        faults.gaps,
        faults.hang_ups
    );
    candidates.extend(plan.cluster.map(|_| Plan { cluster: None, ..*plan }));
    candidates
        .extend(plan.cluster.iter().flat_map(smaller_clusters).map(|cluster| Plan { cluster: Some(cluster), ..*plan }));
    for (events, lives, partitions) in [
        (plan.events / 2, plan.lives, plan.partitions),
        (plan.events * 9 / 10, plan.lives, plan.partitions),
        (plan.events, plan.lives.saturating_sub(1), plan.partitions),
        (plan.events, plan.lives, 1),
    ] {
        let candidate = Plan { events: events.max(1), lives, partitions, ..*plan };
        if candidate != *plan {
            candidates.push(candidate);
        }
    }
    candidates
}

/// The clusters that have something less.
fn smaller_clusters(cluster: &ClusterPlan) -> Vec<ClusterPlan> {
    let mut candidates = Vec::new();
    macro_rules! without {
        ($($flag:ident),*) => {
            $(candidates.push(ClusterPlan { $flag: false, ..*cluster });)*
        };
    }
    without!(sub_accounts, kills, errors, pauses, successors, changes, timeouts, rewinds, disks);
    candidates.push(ClusterPlan { events: (cluster.events / 2).max(1), ..*cluster });
    candidates.push(ClusterPlan { events: (cluster.events * 9 / 10).max(1), ..*cluster });
    candidates.push(ClusterPlan { steps: cluster.steps / 2, ..*cluster });
    candidates.push(ClusterPlan { routers: 1, source_partitions: 1, ..*cluster });
    candidates.retain(|candidate| candidate != cluster);
    candidates
}
