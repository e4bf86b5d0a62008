//! `tributary run`: the daemon.

use clap::Args;

use super::SettingFlags;

/// Run the daemon: events in, ledger, projections, API and dashboard.
///
/// Without brokers, events come over HTTP alone. Stops on SIGTERM and SIGINT, with nothing in flight lost.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary run --data ledger
  tributary run --data ledger --listen 127.0.0.1:8080 --brokers localhost:9092 --topic referral-events
  tributary run --data ledger --brokers localhost:9092 --topic a --topic b --mode subset --partition a:0-3
  tributary run --data copy --listen 127.0.0.1:8081 --read-only")]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) settings: SettingFlags,
}
