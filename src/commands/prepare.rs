//! Makes this version's checkpoints beside whoever writes the ledger.

use anyhow::anyhow;
use ingest::Replayed;
use serde_json::json;

use super::quiet_settings;
use crate::cli::{CommonFlags, PrepareArgs};
use crate::exit::Failure;
use crate::output;
use crate::place::Place;

/// Replays, keeps, and says from where to where.
pub(super) fn execute(common: &CommonFlags, args: PrepareArgs) -> Result<(), Failure> {
    let settings = quiet_settings(common, args.data)?;
    let place = Place::of(&settings)?;
    let prepared = place.prepare(&settings)?;
    if !prepared.is_kept {
        return Err(Failure::failed(anyhow!(
            "the checkpoint was not kept in {}: the log says why",
            place.folder().display()
        )));
    }
    tell(&prepared.replayed, args.json)
}

fn tell(replayed: &Replayed, as_json: bool) -> Result<(), Failure> {
    let Replayed { from, to, micros, .. } = replayed;
    let rate = replayed.events_per_second();
    if as_json {
        let answer = json!({ "position": to, "from": from, "micros": micros, "events_per_second": rate });
        let text = serde_json::to_vec(&answer).map_err(anyhow::Error::from)?;
        return Ok(output::print(&text, output::Format::Json)?);
    }
    let (seconds, millis) = (micros / 1_000_000, micros / 1_000 % 1_000);
    let text = format!(
        "position    {to}\nreplayed    from {from} in {seconds}.{millis:03} s, {rate} events a second\n\
         the next start replays what comes from here on\n"
    );
    Ok(output::print_raw(text.as_bytes())?)
}
