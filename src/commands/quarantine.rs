//! Shows what did not get into the ledger, tries it again, replaces it, or sets it aside: in a directory, or through
//! the daemon that writes it.

mod by_daemon;
mod in_directory;
mod mended;
mod showing;

use serde_json::{Value as Json, json};

use self::by_daemon::ByDaemon;
use self::in_directory::InDirectory;
use self::showing::{acted, in_words, listed};
use crate::cli::{ChoiceFlags, CommonFlags, QuarantineAction, QuarantineArgs, WhichFlags};
use crate::commands::query::Daemon;
use crate::config::{Key, Value, load, surroundings};
use crate::exit::Failure;
use crate::output::{self, Columns, Format, Style};
use crate::place::Place;
use crate::shard::refuse_to_write;

/// So many rows are asked for at a time: the most that the API gives.
const PAGE: &str = "500";

/// Wherever the quarantine is: rows are as the API gives them.
trait Quarantine {
    /// The answer to a question of the API.
    fn get(&self, path: &str, parameters: Vec<(String, String)>) -> Result<Json, Failure>;

    /// Does something to some of them, and gives the row of each as it is then.
    fn act(&self, act: &Act, ids: &[u64]) -> Result<Vec<Json>, Failure>;

    /// Closes what was opened.
    fn finish(self: Box<Self>) -> Result<(), Failure>;
}

/// What is done to quarantined events.
enum Act {
    Redrive {
        why: String,
    },
    Discard {
        why: String,
    },
    /// An event for each id.
    Replace {
        mended: Vec<Vec<u8>>,
        why: String,
    },
}

/// Lists, shows, or acts.
pub(super) fn execute(common: &CommonFlags, args: QuarantineArgs) -> Result<(), Failure> {
    let QuarantineArgs { data, server, action } = args;
    let quarantine: Box<dyn Quarantine> = match Daemon::of(server).filter(|_| data.is_none()) {
        Some(daemon) => Box::new(ByDaemon { daemon }),
        None => {
            let mut flags = common.given();
            if common.log_level.is_none() {
                flags.push((Key::LogLevel, "log-level", Value::Text("warn".to_owned())));
            }
            flags.extend(data.map(|data| (Key::Data, "data", Value::Text(data))));
            let (settings, _) = load(common.config.as_deref(), surroundings(), flags)?;
            crate::logging::start(&settings.log);
            let place = Place::of(&settings)?;
            Box::new(match &action {
                QuarantineAction::List { .. } | QuarantineAction::Show { .. } => {
                    InDirectory::to_read(&place, &settings)?
                }
                QuarantineAction::Redrive { .. } | QuarantineAction::Replace { .. } => {
                    refuse_to_write(&place)?;
                    InDirectory::to_write(&place, &settings)?
                }
                QuarantineAction::Discard { .. } => InDirectory::to_write(&place, &settings)?,
            })
        }
    };
    let done = take(&*quarantine, action);
    quarantine.finish()?;
    let (answer, format) = done?;
    match format {
        Shown::Whole => Ok(output::print_raw(&in_words(&answer))?),
        Shown::As(style) => {
            let answer = serde_json::to_vec(&answer).map_err(anyhow::Error::from)?;
            Ok(output::print_as(&answer, &style, "quarantine")?)
        }
    }
}

/// Whether rows hold the bytes of their events.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bytes {
    Whole,
    LeftOut,
}

/// How an answer is printed.
enum Shown {
    /// As rows, or as JSON.
    As(Style),
    /// One event over many lines.
    Whole,
}

fn take(quarantine: &dyn Quarantine, action: QuarantineAction) -> Result<(Json, Shown), Failure> {
    match action {
        QuarantineAction::List { state, choice, format } => {
            let style = format.wanted()?;
            let is_short = is_short(&style);
            let bytes = if is_short { Bytes::LeftOut } else { Bytes::Whole };
            let shorten = |row| if is_short { listed(&row) } else { row };
            let rows: Vec<Json> = rows(quarantine, &state, &choice, bytes, shorten)?;
            let total = rows.len();
            Ok((json!({ "rows": rows, "total": total }), Shown::As(style)))
        }
        QuarantineAction::Show { id, format } => {
            let style = format.wanted()?;
            let row = quarantine.get(&format!("quarantine/{id}"), Vec::new())?;
            Ok((row, if is_short(&style) { Shown::Whole } else { Shown::As(style) }))
        }
        QuarantineAction::Redrive { which, why } => act(quarantine, &which, |_| Ok(Act::Redrive { why })),
        QuarantineAction::Discard { which, why } => act(quarantine, &which, |_| Ok(Act::Discard { why })),
        QuarantineAction::Replace { which, with, why } => {
            act(quarantine, &which, |count| Ok(Act::Replace { mended: mended::read(&with, count)?, why }))
        }
    }
}

/// Whether it is told for people, in columns that are not the API's.
fn is_short(style: &Style) -> bool {
    style.format == Format::Table && style.columns == Columns::Fitting
}

/// The rows in a state that the choice names, by id, each made into something else as it comes.
fn rows<T>(
    quarantine: &dyn Quarantine,
    state: &str,
    choice: &ChoiceFlags,
    bytes: Bytes,
    each: impl Fn(Json) -> T,
) -> Result<Vec<T>, Failure> {
    let (mut rows, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let given = [
            ("state", Some(state)),
            ("limit", Some(PAGE)),
            ("raw", (bytes == Bytes::LeftOut).then_some("false")),
            ("reason", choice.reason.map(schemas::Reason::as_str)),
            ("origin", choice.origin.as_deref()),
            ("from", choice.from.as_deref()),
            ("to", choice.to.as_deref()),
            ("cursor", cursor.as_deref()),
        ];
        let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        let mut page = quarantine.get("quarantine", given.collect())?;
        if let Json::Array(found) = page["rows"].take() {
            rows.extend(found.into_iter().map(&each));
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return Ok(rows),
        }
    }
}

/// Does something to those that are meant, and tells what became of each.
fn act(
    quarantine: &dyn Quarantine,
    which: &WhichFlags,
    act: impl FnOnce(usize) -> Result<Act, Failure>,
) -> Result<(Json, Shown), Failure> {
    let ids = if which.ids.is_empty() {
        rows(quarantine, "open", &which.choice, Bytes::LeftOut, |row| row["id"].as_u64())?
            .into_iter()
            .flatten()
            .collect()
    } else {
        let mut ids = which.ids.clone();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let rows = quarantine.act(&act(ids.len())?, &ids)?;
    let rows: Vec<Json> = rows.iter().map(acted).collect();
    Ok((json!({ "rows": rows }), Shown::As(Style::plain_table())))
}
