//! `dry_run=true`: what would become of the events of a body, and what they would change. Nothing is appended, counted or
//! kept.

use ingest::Handle;
use replay::dry_run;

use super::PostedEvents;
use super::split::Layout;
use super::submit::read;
use crate::problem::Problem;
use crate::views::Shown;

/// Gives way to short questions, as every long one does.
const THREADS: usize = 1;

/// Says what sending the events of a body would come to, by the state as it stands now.
pub(super) fn rehearse(ledger: &Handle, body: &[u8], layout: Layout, who: &str) -> Result<PostedEvents, Problem> {
    let mut batches = Vec::new();
    read(ledger, body, layout, who, &mut |batch| {
        batches.push(batch);
        Ok(())
    })?;
    let snapshot = ledger.snapshot()?;
    let run = dry_run(snapshot.view().state, &ledger.reader(), &batches, ledger.now(), THREADS);
    let (run, changes) = run.map_err(|error| Problem::internal(&error))?;
    Ok(PostedEvents {
        results: run.outcomes().iter().cloned().map(Into::into).collect(),
        changes: Some(changes.rows.shown()),
        sum: Some(changes.sum.shown()),
        as_of: Some(changes.as_of.shown()),
    })
}
