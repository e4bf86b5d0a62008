//! Writes a workload as NDJSON: `cargo run --release -p tributary-workload --example ndjson -- --events 1000000 --seed 1 --out FILE`

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::time::Instant;

use schemas::Timestamp;
use workload::{Share, Shares, Workload};

const USAGE: &str = "usage: ndjson [--events N] [--seed S] [--end TIME] [--large | --hostile] [--clean]
              [--disorder PERCENT [--by EVENTS]] [--duplicates PERCENT] [--layouts PERCENT] [--out FILE|-]";

/// What is asked for on the command line.
struct Wanted {
    events: u64,
    seed: u64,
    end: Timestamp,
    large: bool,
    hostile: bool,
    clean: bool,
    /// The share of events that is displaced, and by how many others at most.
    disorder: Option<Share>,
    by: Option<u32>,
    duplicates: Option<Share>,
    /// The share of lines in another layout than most.
    layouts: Option<Share>,
    out: String,
}

fn main() -> ExitCode {
    let Some(wanted) = read_arguments(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let outcome = if wanted.out == "-" {
        write_lines(&wanted, io::stdout().lock())
    } else {
        File::create(&wanted.out).and_then(|file| write_lines(&wanted, file))
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", wanted.out);
            ExitCode::FAILURE
        }
    }
}

fn read_arguments(mut arguments: impl Iterator<Item = String>) -> Option<Wanted> {
    let end = Timestamp::parse("2026-03-31T00:00:00Z")?;
    let mut wanted = Wanted {
        events: 1_000_000,
        seed: 1,
        end,
        large: false,
        hostile: false,
        clean: false,
        disorder: None,
        by: None,
        duplicates: None,
        layouts: None,
        out: "-".to_owned(),
    };
    while let Some(name) = arguments.next() {
        match name.as_str() {
            "--events" => wanted.events = arguments.next()?.replace('_', "").parse().ok()?,
            "--seed" => wanted.seed = arguments.next()?.parse().ok()?,
            "--end" => wanted.end = Timestamp::parse(&arguments.next()?)?,
            "--large" => wanted.large = true,
            "--hostile" => wanted.hostile = true,
            "--clean" => wanted.clean = true,
            "--disorder" => wanted.disorder = Some(percent(&arguments.next()?)?),
            "--by" => wanted.by = Some(arguments.next()?.replace('_', "").parse().ok()?),
            "--duplicates" => wanted.duplicates = Some(percent(&arguments.next()?)?),
            "--layouts" => wanted.layouts = Some(percent(&arguments.next()?)?),
            "--out" => wanted.out = arguments.next()?,
            _ => return None,
        }
    }
    Some(wanted)
}

/// A whole number of hundredths, `5` or `5%`.
fn percent(text: &str) -> Option<Share> {
    text.trim_end_matches('%').parse().ok().filter(|percent| *percent <= 100).map(Share::percent)
}

/// `--large` has a million invitees and 20 million events, whatever `--events` says.
///
/// `--clean` leaves out what goes to quarantine and what is spelled otherwise, not what is late or doubled.
///
/// `--disorder` displaces a share of the events: each of them comes after up to `--by` others (100,000 if nothing is
/// said, drawn evenly), whatever their time, and nothing else is late. With 0 all comes in order.
fn write_lines(wanted: &Wanted, out: impl Write) -> io::Result<()> {
    let mut workload = if wanted.large {
        Workload::large(wanted.seed, wanted.end)
    } else if wanted.hostile {
        Workload::hostile(wanted.seed, wanted.events, wanted.end)
    } else {
        Workload::sized(wanted.seed, wanted.events, wanted.end)
    };
    if wanted.clean {
        let none = Share::NONE;
        workload.shares = Shares { broken_lines: none, respelled_lines: none, blank_lines: none, ..workload.shares };
    }
    let shares = &mut workload.shares;
    if let Some(share) = wanted.disorder {
        let none = Share::NONE;
        (shares.late_seconds, shares.late_minutes, shares.late_hours, shares.late_days) = (none, none, none, none);
        (shares.late_registrations, shares.displaced) = (none, share);
    }
    shares.displaced_by = wanted.by.unwrap_or(shares.displaced_by);
    shares.duplicates = wanted.duplicates.unwrap_or(shares.duplicates);
    shares.respelled_lines = wanted.layouts.unwrap_or(shares.respelled_lines);
    const BLOCK_BYTES: usize = 1 << 20;
    let mut out = BufWriter::new(out);
    let mut block = Vec::with_capacity(2 * BLOCK_BYTES);
    let (began, mut lines, mut bytes) = (Instant::now(), workload.lines(), 0);
    let mut count = 0u64;
    while lines.write_next(&mut block) {
        count += 1;
        if block.len() >= BLOCK_BYTES {
            bytes += block.len();
            out.write_all(&block)?;
            block.clear();
        }
    }
    bytes += block.len();
    out.write_all(&block)?;
    out.flush()?;
    let millis = began.elapsed().as_millis().max(1);
    eprintln!(
        "{count} lines, {bytes} bytes, {} broken, {} blank, in {millis} ms ({} lines/s)",
        lines.faults_given(),
        lines.blanks_given(),
        u128::from(count) * 1_000 / millis
    );
    Ok(())
}
