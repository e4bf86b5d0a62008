//! Has a standby lead.

use std::io::Read;

use anyhow::{Context, anyhow};
use serde::Deserialize;

use crate::cli::PromoteArgs;
use crate::commands::query::{Daemon, refusal};
use crate::exit::Failure;
use crate::output;

#[derive(Deserialize)]
struct Leads {
    epoch: u16,
    position: u64,
    head: String,
}

/// Asks it to, and says from where on it does.
pub(super) fn execute(args: PromoteArgs) -> Result<(), Failure> {
    let daemon =
        Daemon::of(args.server).ok_or_else(|| Failure::usage(anyhow!("--url says which standby is to lead")))?;
    let mut answer = daemon.send("/v1/ledger/promote", Some(("application/json", b"")))?;
    if answer.status != 200 {
        return Err(refusal(&mut answer));
    }
    let mut text = Vec::new();
    answer.body.read_to_end(&mut text).context("the answer ends too early")?;
    let Leads { epoch, position, head } = serde_json::from_slice(&text).context("the answer is of another form")?;
    output::print_raw(
        format!("it leads in epoch {epoch}, from position {position} on, head {position}:{head}\n").as_bytes(),
    )?;
    Ok(())
}
