//! `tributary doctor`: is an installation sound.

use std::path::PathBuf;

use clap::Args;

use super::SettingFlags;

/// Check an installation, and say what to do.
///
/// Looks at the settings, the directory, its disk and file system, whether a daemon runs on it and answers, the clock,
/// the limit of open files, the ledger's checkpoint and quarantine, and at Kafka: whether a broker answers and takes
/// the credentials, the topics, their partitions, offsets and settings. Changes nothing. A daemon that runs is asked for
/// what it knows; without one the ledger is read as a start reads it, which may take as long.
///
/// Each check is ok, a warning, failed, or skipped with why. Exit code 1 if one failed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tributary doctor --data ledger
  tributary doctor --config /etc/tributary/tributary.toml \\
      --backup /mnt/backup
  tributary doctor --data ledger --brokers localhost:9092 \\
      --topic referral-events --json")]
pub(crate) struct DoctorArgs {
    /// A backup of the ledger, of which the age is looked at.
    #[arg(long, value_name = "DIR")]
    pub(crate) backup: Option<PathBuf>,

    /// Look whether shards could read the topics as they are, or would need a router.
    ///
    /// Reads the topics from their beginning to where they end, twice, as `tributary route --check` does.
    #[arg(long)]
    pub(crate) families: bool,

    /// Say what was found as JSON.
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) settings: SettingFlags,
}
