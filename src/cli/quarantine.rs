//! `tributary quarantine`: what did not get in.

use clap::{Args, Subcommand};

use super::{FormatFlags, ServerFlags};

/// See what did not get into the ledger, try it again, replace it, or set it aside.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  tributary quarantine list --data ledger
  tributary quarantine list --data ledger --reason invalid_field --format csv
  tributary quarantine show 12 --data ledger
  tributary quarantine redrive 12 13 --data ledger
  tributary quarantine redrive --all --url http://127.0.0.1:8080
  tributary quarantine discard --reason malformed --origin old.ndjson \\
      --why 'a test file' --data ledger
  tributary quarantine replace 12 --with mended.json \\
      --why 'a comma was missing' --url http://127.0.0.1:8080"
)]
pub(crate) struct QuarantineArgs {
    /// The directory of the ledger [default: the one in the settings]. A daemon that writes it is asked with --url.
    #[arg(long, value_name = "DIR", global = true, conflicts_with = "url")]
    pub(crate) data: Option<String>,

    #[command(flatten)]
    pub(crate) server: ServerFlags,

    #[command(subcommand)]
    pub(crate) action: QuarantineAction,
}

/// What is done with the quarantine.
#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineAction {
    /// List what is there, and why.
    List {
        /// What has become of them: open, discarded, replaced.
        #[arg(long, value_name = "STATE", default_value = "open", value_parser = ["open", "discarded", "replaced"])]
        state: String,

        #[command(flatten)]
        choice: ChoiceFlags,

        #[command(flatten)]
        format: FormatFlags,
    },
    /// Show one whole, as it was received, with what has become of it.
    Show {
        /// Its id.
        #[arg(value_name = "ID")]
        id: u64,

        #[command(flatten)]
        format: FormatFlags,
    },
    /// Read some again, as if they arrived now; what is accepted or a duplicate leaves the quarantine.
    Redrive {
        #[command(flatten)]
        which: WhichFlags,

        /// Why, for who looks at it later.
        #[arg(long, value_name = "TEXT", default_value = "")]
        why: String,
    },
    /// Say of some that they are not wanted. They are kept, and listed as discarded; a redrive takes it back.
    Discard {
        #[command(flatten)]
        which: WhichFlags,

        /// Why, for who looks at it later.
        #[arg(long, value_name = "TEXT", value_parser = why)]
        why: String,
    },
    /// Put mended events in the place of some: one a line, in the order of their ids.
    Replace {
        #[command(flatten)]
        which: WhichFlags,

        /// The file with the mended events, one a line or one alone; `-` is the standard input.
        #[arg(long, value_name = "FILE")]
        with: String,

        /// Why, for who looks at it later.
        #[arg(long, value_name = "TEXT", default_value = "")]
        why: String,
    },
}

/// A reason that says something (SPEC 7).
fn why(text: &str) -> Result<String, String> {
    let is_empty = text.trim().is_empty();
    if is_empty { Err("say why: it is kept in the ledger".to_owned()) } else { Ok(text.to_owned()) }
}

/// Which of them, by what is known of them.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ChoiceFlags {
    /// Only what is there for this reason: too_large, malformed, unknown_type, invalid_field, conflict.
    #[arg(long, value_name = "REASON", value_parser = read_reason)]
    pub(crate) reason: Option<schemas::Reason>,

    /// Only what came from somewhere that begins like this: a file's name, a topic.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) origin: Option<String>,

    /// Only what arrived on this UTC day or later.
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<String>,

    /// Only what arrived on this UTC day or earlier.
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<String>,
}

/// Which of them something is done to: those of these ids, or all that the choice names and that are open.
#[derive(Clone, Debug, Args)]
pub(crate) struct WhichFlags {
    /// Their ids.
    #[arg(value_name = "ID", required_unless_present_any = ["all", "reason", "origin", "from", "to"])]
    #[arg(conflicts_with_all = ["all", "reason", "origin", "from", "to"])]
    pub(crate) ids: Vec<u64>,

    /// All that are open.
    #[arg(long)]
    pub(crate) all: bool,

    #[command(flatten)]
    pub(crate) choice: ChoiceFlags,
}

fn read_reason(text: &str) -> Result<schemas::Reason, String> {
    schemas::Reason::parse(text).ok_or_else(|| {
        let known: Vec<&str> = schemas::Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        format!("expected one of {}", known.join(", "))
    })
}
