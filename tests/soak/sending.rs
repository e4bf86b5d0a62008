//! Events at a steady rate, with the disorder and duplicates of a busy platform and more; what is committed goes to a file too.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use workload::{Share, Workload};

use crate::Plan;
use crate::daemon_support::history::{end, is_event};
use crate::daemon_support::transactions::Transactions;

/// Between two of these the rate is held.
const TICK: Duration = Duration::from_millis(200);

/// Sends until the plan's time is over. How many lines were committed.
pub fn start(brokers: &str, topic: &str, plan: &Plan, file: &Path) -> JoinHandle<u64> {
    let mut transactions = Transactions::new(brokers, topic, StdRng::seed_from_u64(plan.seed));
    (transactions.lines_max, transactions.broken_one_in) = (1_000, 20);
    let mut file = zstd::Encoder::new(File::create(file).expect("a file"), 1).expect("an encoder");
    let mut workload = Workload::sized(plan.seed, plan.events().max(10_000), end());
    // A thousandth comes after up to 50,000 others: what was rated is rated again.
    workload.shares.displaced = Share::per_million(1_000);
    workload.shares.displaced_by = 50_000;
    let (rate, seconds) = (plan.rate, plan.seconds);
    std::thread::spawn(move || {
        let mut lines = workload.lines().filter(|line| is_event(line));
        let (begun, mut sent) = (Instant::now(), 0);
        while begun.elapsed().as_secs_f64() < seconds {
            let due = (begun.elapsed().as_secs_f64() * rate as f64) as u64;
            let some: Vec<Vec<u8>> = lines.by_ref().take(usize::try_from(due - sent).expect("few")).collect();
            if some.is_empty() && due > sent {
                break;
            }
            sent += some.len() as u64;
            transactions.send(&some, Duration::ZERO);
            for line in &some {
                file.write_all(line).and_then(|()| file.write_all(b"\n")).expect("written");
            }
            std::thread::sleep(
                TICK.saturating_sub(begun.elapsed().saturating_sub(Duration::from_secs_f64(due as f64 / rate as f64))),
            );
        }
        file.finish().expect("written");
        println!("soak: {} transactions were broken off", transactions.broken_off);
        transactions.committed
    })
}
