//! `tributary demo`: everything at once, with nothing to set up.

use std::path::PathBuf;

use clap::Args;
use schemas::Timestamp;

/// See it work: a history of 90 days with a story in it, a live stream on it, the API and the dashboard.
///
/// Needs no Kafka and no configuration. The history is recorded as it would have been, so that one can look back in it:
/// what a month was when it was closed, and what it has become since.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary demo
  tributary demo --events 200000 --rate 0
  tributary demo --plain
  tributary demo --record --data ledger --events 100000 \\
      --end 2026-04-20T00:00:00Z
  tributary demo --seed 42 --listen 127.0.0.1:9000 --data demo-ledger
  tributary demo --events 100000 --end 2026-04-10T00:00:00Z \\
      --out history.ndjson")]
pub(crate) struct DemoArgs {
    /// What the history is drawn from: the same seed gives the same people and the same figures.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,

    /// About how many events the history has.
    #[arg(long, value_name = "COUNT", default_value_t = 2_500_000, value_parser = clap::value_parser!(u64).range(1_000..=100_000_000))]
    pub(crate) events: u64,

    /// How many events a second come live after it; 0: none [default: as many as in the history].
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub(crate) rate: Option<u32>,

    /// Where the API and the dashboard listen [default: 127.0.0.1:8080, or the next port that is free].
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<std::net::SocketAddr>,

    /// Begin with an empty ledger: no history, no live stream.
    #[arg(long, conflicts_with_all = ["events", "rate", "seed", "end"])]
    pub(crate) plain: bool,

    /// Record the history into --data, and do nothing else.
    #[arg(long, requires = "data", conflicts_with_all = ["plain", "rate", "listen", "out"])]
    pub(crate) record: bool,

    /// The moment that the history leads up to, an RFC 3339 time, or a UTC day to its end [default: now].
    #[arg(long, value_name = "DATE|TIME", value_parser = read_time)]
    pub(crate) end: Option<Timestamp>,

    /// Write the history into this file as NDJSON, `-` for standard output, and do nothing else: for `import`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["data", "listen", "rate", "plain"])]
    pub(crate) out: Option<PathBuf>,

    /// Keep the ledger in this directory, and go on with the one that is there; without it, it is gone at the end.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

fn read_time(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse_last(text)
        .ok_or("expected a date such as 2026-04-10, or an RFC 3339 time such as 2026-04-10T00:00:00Z")
}
