//! Rebuilds all projections from the ledger alone, says their digest, and keeps them if that is wanted.

mod keep;

use std::time::Instant;

use ledger::{FrameCursor, LedgerReader, Position};
use projections::State;
use replay::{Until, replay};
use serde_json::json;

use super::{quiet_settings, until_of, what_if};
use crate::cli::{CommonFlags, ReplayArgs};
use crate::exit::Failure;
use crate::fresh_folder::FreshFolder;
use crate::output;
use crate::place::{Place, cores, position_of, replay_bar};

/// What a replay came to.
struct Rebuilt {
    state: State,
    micros: u128,
}

/// Replays, and prints how long it took and the digest.
pub(super) fn execute(common: &CommonFlags, args: ReplayArgs) -> Result<(), Failure> {
    let settings = quiet_settings(common, args.data)?;
    let place = Place::of(&settings)?;
    let until = args.until.as_deref().map(until_of).transpose()?;
    let threads = args.threads.map_or_else(cores, usize::from);
    if let Some(file) = &args.what_if.what_if {
        let typed = what_if::Typed { file, flags: &args.what_if, until, threads, as_json: args.json };
        return what_if::run(&settings, &place, &typed);
    }
    let out = args.out.as_deref().map(|out| FreshFolder::at(out, "--out")).transpose()?;
    let reader = place.reader()?;
    let until = match until {
        Some(moment) => position_of(moment, &reader)?,
        None => reader.durable_position(),
    };
    let rebuilt = rebuild(&reader, until, threads)?;
    let digest = rebuilt.state.digest(&reader).map_err(anyhow::Error::from)?;
    if let Some(out) = out {
        out.fill(|folder| Ok(keep::fill(&reader, &rebuilt.state, folder)?))?;
    }
    tell(&rebuilt, &digest, args.json)
}

fn rebuild(reader: &LedgerReader, until: Position, threads: usize) -> Result<Rebuilt, Failure> {
    let bar = replay_bar();
    bar.set_length(until);
    let begun = Instant::now();
    let mut state = State::new();
    // To all of the ledger belongs what lies behind its last entry too, such as what was done to quarantined events; a
    // copy of all of it has that.
    let upto = if until == reader.durable_position() { Until::End } else { Until::Position(until) };
    let replayed = replay(reader, &mut state, FrameCursor::START, upto, threads, &mut |step| {
        bar.set_position(step.state.position());
    });
    let micros = begun.elapsed().as_micros();
    bar.finish_and_clear();
    replayed.map_err(anyhow::Error::from)?;
    Ok(Rebuilt { state, micros })
}

fn tell(rebuilt: &Rebuilt, digest: &str, as_json: bool) -> Result<(), Failure> {
    let Rebuilt { state, micros } = rebuilt;
    let rate = u128::from(state.position()) * 1_000_000 / (*micros).max(1);
    if as_json {
        let answer = json!({
            "position": state.position(),
            "recorded_at": state.recorded_at(),
            "micros": u64::try_from(*micros).unwrap_or(u64::MAX),
            "events_per_second": u64::try_from(rate).unwrap_or(u64::MAX),
            "digest": digest,
        });
        let text = serde_json::to_vec(&answer).map_err(anyhow::Error::from)?;
        return Ok(output::print(&text, output::Format::Json)?);
    }
    let recorded_at = state.recorded_at().map_or_else(String::new, |at| format!(", recorded {at}"));
    let (seconds, millis) = (micros / 1_000_000, micros / 1_000 % 1_000);
    let text = format!(
        "position {}{recorded_at}\nreplayed in {seconds}.{millis:03} s, {rate} events a second\ndigest {digest}\n",
        state.position(),
    );
    Ok(output::print_raw(text.as_bytes())?)
}
