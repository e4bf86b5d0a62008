//! `tributary demo`: everything at once, with nothing to set up.

use std::path::PathBuf;

use clap::Args;
use schemas::Timestamp;

/// See it work: a seeded history, a live stream on it, the API and the dashboard.
///
/// Needs no Kafka and no configuration.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary demo
  tributary demo --events 200000 --rate 0
  tributary demo --seed 42 --listen 127.0.0.1:9000 --data demo-ledger
  tributary demo --events 100000 --end 2026-04-10T00:00:00Z --out history.ndjson")]
pub(crate) struct DemoArgs {
    /// What the history is drawn from: the same seed gives the same people and the same figures.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,

    /// About how many events the history has.
    #[arg(long, value_name = "COUNT", default_value_t = 2_500_000, value_parser = clap::value_parser!(u64).range(1_000..=100_000_000))]
    pub(crate) events: u64,

    /// How many events a second come live after it; 0: none.
    #[arg(long, value_name = "COUNT", default_value_t = 25, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub(crate) rate: u32,

    /// Where the API and the dashboard listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: std::net::SocketAddr,

    /// The moment that the history leads up to, an RFC 3339 time [default: now].
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    pub(crate) end: Option<Timestamp>,

    /// Write the history into this file as NDJSON, `-` for standard output, and do nothing else: for `import`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["data", "listen", "rate"])]
    pub(crate) out: Option<PathBuf>,

    /// Keep the ledger in this directory; without it, it is gone at the end.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

fn read_time(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse(text).ok_or("expected an RFC 3339 time such as 2026-04-10T00:00:00Z")
}
