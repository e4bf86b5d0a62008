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
  tributary run --data ledger --listen 127.0.0.1:8080 \\
      --brokers localhost:9092 --topic referral-events
  tributary run --data ledger --brokers localhost:9092 --topic a --topic b \\
      --mode subset --partition a:0-3
  tributary run --data copy --listen 127.0.0.1:8081 --read-only
  tributary run --data standby --listen 127.0.0.1:8082 \\
      --follow http://127.0.0.1:8080
  tributary run --data ledger --brokers localhost:9092 \\
      --accept-new-topic referral-events")]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) settings: SettingFlags,

    /// Read this topic, which was deleted and made again under its name, from its beginning; repeatable. It is said for
    /// one start, and the ledger keeps who said so.
    #[arg(long = "accept-new-topic", value_name = "TOPIC")]
    pub(crate) accept_new_topics: Vec<String>,
}
