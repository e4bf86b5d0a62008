//! Shows a reader something as of the present, and remembers it.

use ingest::Handle;
use rand::Rng;

use crate::failure::Failure;
use crate::history::{CODES, OWNERS, invitee};
use crate::plan::pick;
use crate::shown::Shown;
use crate::world::World;

/// How many answers are remembered.
const REMEMBERED: usize = 24;

/// Asks something as of the present, and remembers what was shown.
pub(crate) fn show(world: &mut World, handle: &Handle) -> Result<(), Failure> {
    let position = handle.position();
    if position == 0 {
        return Ok(());
    }
    let plan = world.plan;
    let rng = &mut world.rng;
    let path: Vec<String> = match rng.random_range(0..8) {
        0 => vec!["overview".to_owned()],
        1 => vec!["overview".to_owned(), "series".to_owned()],
        2 => vec!["countries".to_owned()],
        3 => vec!["referrals".to_owned()],
        4 => vec!["codes".to_owned()],
        5 => vec!["account".to_owned()],
        6 => vec!["rewards".to_owned()],
        _ => vec!["referrals".to_owned(), invitee(&plan, rng).to_string()],
    };
    let mut parameters = vec![("uid".to_owned(), pick(rng, &OWNERS).to_string())];
    if path[0] == "overview" || path[0] == "rewards" {
        parameters.push(("from".to_owned(), "2026-04-01".to_owned()));
        parameters.push(("to".to_owned(), "2026-07-01".to_owned()));
    }
    if path == ["overview"] && rng.random_ratio(1, 3) {
        parameters.push(("code".to_owned(), pick(rng, &CODES).to_owned()));
    }
    let shown = Shown::of(handle, position, path, parameters)?;
    if world.shown.len() < REMEMBERED {
        world.shown.push(shown);
    } else {
        let at = world.rng.random_range(0..REMEMBERED);
        world.shown[at] = shown;
    }
    Ok(())
}
