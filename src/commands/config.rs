//! Shows the settings in force, or says all that is wrong with them.

use anyhow::anyhow;

use crate::cli::{CommonFlags, ConfigArgs};
use crate::config::{Flags, check, listing, load, surroundings};
use crate::daemon::kafka_options;
use crate::exit::{Failure, in_words};
use crate::keyring;
use crate::output;

/// Prints each setting, its value and where it came from.
pub(super) fn execute(common: &CommonFlags, args: ConfigArgs) -> Result<(), Failure> {
    let style = args.format.wanted()?;
    let flags = args.settings.given(common);
    if args.check {
        return match problems(common, flags) {
            problems if problems.is_empty() => Ok(output::print_raw(b"the settings can be taken\n")?),
            problems => Err(Failure::usage(anyhow!(
                "{} in the settings:\n{}",
                if problems.len() == 1 { "1 problem".to_owned() } else { format!("{} problems", problems.len()) },
                problems.join("\n")
            ))),
        };
    }
    let (_, layers) = load(common.config.as_deref(), surroundings(), flags)?;
    let answer = serde_json::to_vec(&listing(&layers)).map_err(anyhow::Error::from)?;
    Ok(output::print_as(&answer, &style, "config")?)
}

/// All that a start would find wrong before it opens anything, each in a line.
fn problems(common: &CommonFlags, flags: Flags) -> Vec<String> {
    let settings = match check(common.config.as_deref(), surroundings(), flags) {
        Ok((settings, _)) => settings,
        Err(problems) => return problems.iter().map(ToString::to_string).collect(),
    };
    let mut problems = Vec::new();
    let asks_for_tokens = settings.auth.jwks_url.is_some() || settings.auth.oidc.is_some();
    match keyring::of_settings(&settings.auth) {
        Ok(keys) if keys.is_open() && !asks_for_tokens && !settings.listen.ip().to_canonical().is_loopback() => {
            problems.push(format!(
                "listen: {} is no loopback address, and without a key under [auth] it has to be",
                settings.listen
            ));
        }
        Ok(_) => {}
        Err(error) => problems.push(format!("[auth]: {}", in_words(&error))),
    }
    if let Err(Failure::Usage(error) | Failure::Failed(error) | Failure::Damaged(error)) =
        kafka_options(&settings, Vec::new())
    {
        problems.push(format!("[kafka]: {}", in_words(&error)));
    }
    problems
}
