//! The command line as people type it (SPEC 5). What each command does stands in `commands`.

mod backup;
mod completions;
mod config;
mod demo;
mod doctor;
mod export;
mod import;
mod man;
mod prepare;
mod promote;
mod publish;
mod quarantine;
mod query;
mod ready;
mod repair;
mod replay;
mod restore;
mod route;
mod run;
mod serve;
mod server;
mod settings;
mod sql;
mod token;
mod verify;
mod what_if;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use backup::BackupArgs;
pub(crate) use completions::CompletionsArgs;
pub(crate) use config::ConfigArgs;
pub(crate) use demo::DemoArgs;
pub(crate) use doctor::DoctorArgs;
pub(crate) use export::ExportArgs;
pub(crate) use import::ImportArgs;
pub(crate) use man::ManArgs;
pub(crate) use prepare::PrepareArgs;
pub(crate) use promote::PromoteArgs;
pub(crate) use publish::PublishArgs;
pub(crate) use quarantine::{ChoiceFlags, QuarantineAction, QuarantineArgs, WhichFlags};
pub(crate) use query::{FormatFlags, QueryArgs};
pub(crate) use ready::ReadyArgs;
pub(crate) use repair::RepairArgs;
pub(crate) use replay::ReplayArgs;
pub(crate) use restore::RestoreArgs;
pub(crate) use route::RouteArgs;
pub(crate) use run::RunArgs;
pub(crate) use serve::ServeArgs;
pub(crate) use server::ServerFlags;
pub(crate) use settings::SettingFlags;
pub(crate) use sql::SqlArgs;
#[cfg(feature = "sql")]
pub(crate) use sql::SqlFormat;
pub(crate) use token::{Role, TokenAction, TokenArgs};
pub(crate) use verify::VerifyArgs;
pub(crate) use what_if::WhatIfFlags;

/// An event-sourced commission ledger for referral programs.
#[derive(Debug, Parser)]
#[command(name = "tributary", version, arg_required_else_help = true, max_term_width = 110, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: CommonFlags,

    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
Settings come from tributary.toml, then TRIBUTARY_… variables, then flags; `tributary config` shows what is in force.
Exit codes: 0 done, 1 failed, 2 bad usage, 3 the ledger is damaged.";

/// What every command takes.
#[derive(Debug, Default, Args)]
pub(crate) struct CommonFlags {
    /// The TOML file with the settings [default: tributary.toml, if it is there].
    ///
    /// The variable TRIBUTARY_CONFIG names it too.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    pub(crate) config: Option<PathBuf>,

    /// How much is told on standard error: error, warn, info, debug, trace, or directives such as
    /// info,ledger=debug.
    #[arg(long, global = true, value_name = "LEVEL", help_heading = "Settings")]
    pub(crate) log_level: Option<String>,

    /// How it is written: text or json.
    #[arg(long, global = true, value_name = "FORMAT", help_heading = "Settings")]
    pub(crate) log_format: Option<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(DemoArgs),
    Run(Box<RunArgs>),
    Route(RouteArgs),
    Import(ImportArgs),
    Query(QueryArgs),
    Replay(ReplayArgs),
    Export(ExportArgs),
    Sql(SqlArgs),
    Verify(VerifyArgs),
    Backup(BackupArgs),
    Restore(RestoreArgs),
    Repair(RepairArgs),
    Prepare(PrepareArgs),
    Promote(PromoteArgs),
    Publish(PublishArgs),
    Serve(ServeArgs),
    Quarantine(QuarantineArgs),
    Token(TokenArgs),
    Config(ConfigArgs),
    Ready(ReadyArgs),
    Doctor(DoctorArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound_and_every_command_has_an_example() {
        let mut cli = Cli::command();
        cli.build();
        cli.clone().debug_assert();
        for command in cli.get_subcommands().filter(|command| command.get_name() != "help") {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let example = format!("tributary {}", command.get_name());
            assert!(help.contains(&example), "{} shows no example", command.get_name());
            assert!(command.get_about().is_some(), "{} does not say what it is for", command.get_name());
        }
    }
}
