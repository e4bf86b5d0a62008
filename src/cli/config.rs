//! `tributary config`: what is in force.

use clap::Args;

use super::{FormatFlags, SettingFlags};

/// Show the settings in force and where each came from.
///
/// Takes every flag that `run` takes. Secrets are masked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary config
  tributary config --config deploy/tributary.example.toml
  TRIBUTARY_KAFKA_BROKERS=localhost:9092 tributary config --topic referral-events --json")]
pub(crate) struct ConfigArgs {
    #[command(flatten)]
    pub(crate) format: FormatFlags,

    #[command(flatten)]
    pub(crate) settings: SettingFlags,
}
