//! Shows the settings in force.

use crate::cli::{CommonFlags, ConfigArgs};
use crate::config::{listing, load, surroundings};
use crate::exit::Failure;
use crate::output;

/// Prints each setting, its value and where it came from.
pub(super) fn execute(common: &CommonFlags, args: ConfigArgs) -> Result<(), Failure> {
    args.format.check()?;
    let flags = args.settings.given(common);
    let (_, layers) = load(common.config.as_deref(), surroundings(), flags)?;
    let answer = serde_json::to_vec(&listing(&layers)).map_err(anyhow::Error::from)?;
    output::print(&answer, args.format.wanted())?;
    Ok(())
}
