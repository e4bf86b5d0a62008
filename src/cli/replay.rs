//! `tributary replay`: projections from the ledger alone.

use std::path::PathBuf;

use clap::Args;

/// Rebuild all projections from the ledger alone, to its end or to an earlier moment.
///
/// Says how long it took and the digest of what came out, which is the same on every machine for the same set of
/// events. The ledger is only read, also beside a daemon that writes it.
///
/// With --what-if the ledger is replayed under other rules instead, and the difference that they make is printed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary replay --data ledger
  tributary replay --data ledger --until 2026-03-31
  tributary replay --data ledger --until 812 --out ledger-as-of-812
  tributary replay --data ledger --what-if rules.toml --by referrer \\
      --from 2026-03-01 --to 2026-03-31
  tributary run --data ledger-as-of-812 --listen 127.0.0.1:8081 --read-only")]
pub(crate) struct ReplayArgs {
    /// The directory of the ledger [default: the one in the settings].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,

    /// Replay up to this position, or to the last one recorded at or before this RFC 3339 time, or by the end of this UTC day
    /// [default: the end].
    #[arg(long, value_name = "POSITION|DATE|TIME")]
    pub(crate) until: Option<String>,

    /// Keep the result as a directory that `query` and `run --read-only` open. There must be nothing there yet.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// How many threads replay [default: one a core]. The numbers do not depend on it.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,

    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) what_if: super::WhatIfFlags,
}
