//! What each command does: thin wiring between the command line, the settings and the rooms.

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
mod sql;
mod token;
mod verify;
mod what_if;

use ::replay::AsOf;

use crate::cli::{Cli, Command, CommonFlags};
use crate::config::{Key, Settings, Value, load, surroundings};
use crate::exit::Failure;

/// Does what the command line says.
///
/// # Errors
/// Says what failed, and with which exit code.
pub(crate) fn execute(cli: Cli) -> Result<(), Failure> {
    let Cli { common, command } = cli;
    let is_daemon = matches!(command, Command::Run(_) | Command::Serve(_));
    let done = match command {
        Command::Demo(args) => demo::execute(&common, &args),
        Command::Run(args) => run::execute(&common, *args),
        Command::Route(args) => route::execute(&common, args),
        Command::Import(args) => import::execute(&common, args),
        Command::Query(args) => query::execute(&common, args),
        Command::Replay(args) => replay::execute(&common, args),
        Command::Export(args) => export::execute(&common, args),
        Command::Sql(args) => sql::execute(&common, args),
        Command::Backup(args) => backup::execute(&common, args),
        Command::Repair(args) => repair::execute(&common, args),
        Command::Prepare(args) => prepare::execute(&common, args),
        Command::Promote(args) => promote::execute(args),
        Command::Publish(args) => publish::execute(&common, args),
        Command::Serve(args) => serve::execute(&common, args),
        Command::Restore(args) => restore::execute(&common, args),
        Command::Verify(args) => verify::execute(&common, args),
        Command::Quarantine(args) => quarantine::execute(&common, args),
        Command::Token(args) => token::execute(&common, args),
        Command::Config(args) => config::execute(&common, args),
        Command::Ready(args) => ready::execute(&common, &args),
        Command::Doctor(args) => doctor::execute(&common, args),
        Command::Completions(args) => completions::execute(&args),
        Command::Man(args) => man::execute(&args),
    };
    // Whoever looks after a daemon has to know that another start does not help. Of the others, 3 is what a
    // verification found alone (SPEC 5).
    done.map_err(|failure| if is_daemon { failure } else { failure.of_a_command() })
}

/// The settings of a command that is about one ledger and tells little besides.
fn quiet_settings(common: &CommonFlags, data: Option<String>) -> Result<Settings, Failure> {
    let mut flags = common.given();
    if common.log_level.is_none() {
        flags.push((Key::LogLevel, "log-level", Value::Text("warn".to_owned())));
    }
    flags.extend(data.map(|data| (Key::Data, "data", Value::Text(data))));
    let (settings, _) = load(common.config.as_deref(), surroundings(), flags)?;
    crate::logging::start(&settings.log);
    Ok(settings)
}

/// A moment that `--until` names.
fn until_of(text: &str) -> Result<AsOf, Failure> {
    AsOf::parse(text).map_err(|error| Failure::usage(anyhow::Error::from(error).context("--until")))
}
