//! `tributary ready`: whether the daemon of these settings is ready.

use clap::Args;

/// Ask the daemon of these settings whether it is ready, as a container's health check does.
///
/// It is asked on this machine, where its probes are answered (http.probes_listen, else listen). Exit code 0: it answers for the
/// whole ledger. 1: it does not, or nobody answers, and what is missing is said.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary ready
  tributary ready --ingest --config /etc/tributary/tributary.toml")]
pub(crate) struct ReadyArgs {
    /// Ask whether everything that it is to read is being read, besides.
    #[arg(long)]
    pub(crate) ingest: bool,
}
