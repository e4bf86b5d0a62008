//! `tributary config`: what is in force.

use clap::Args;

use super::{FormatFlags, SettingFlags};

/// Show the settings in force and where each came from.
///
/// Takes every flag that `run` takes. Secrets are masked. With --check nothing is shown: every problem is said, and the exit
/// code is 2 if there is one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary config
  tributary config --config deploy/tributary.example.toml
  tributary config --check --config /etc/tributary/tributary.toml
  TRIBUTARY_KAFKA_BROKERS=localhost:9092 tributary config \\
      --topic referral-events --json")]
pub(crate) struct ConfigArgs {
    /// Say every problem of the settings, as a start or SIGHUP would find them: also keys and what Kafka's client takes.
    #[arg(long, conflicts_with_all = ["format", "json", "columns", "csv_bom"])]
    pub(crate) check: bool,

    #[command(flatten)]
    pub(crate) format: FormatFlags,

    #[command(flatten)]
    pub(crate) settings: SettingFlags,
}
