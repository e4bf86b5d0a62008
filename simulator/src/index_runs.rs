//! What becomes of the runs of the index: written, merged, left unfinished, and damaged while nobody runs. They hold no
//! truth, so a start goes on without one, says so, and makes it again.

use ingest::{CheckpointUse, Started};
use ledger::{MemoryStorage, Storage};
use rand::Rng;

use crate::failure::Failure;
use crate::plan::Faults;
use crate::situations::{Met, Situation};

const RUN: &str = ".run";
const UNFINISHED: &str = ".run.new";

/// What is known of runs.
#[derive(Default)]
pub(crate) struct SeenRuns {
    /// Those that were there when it was last looked.
    names: Vec<String>,
    /// The run that was damaged, and its bytes since; `None` of one that is gone.
    harmed: Option<(String, Option<Vec<u8>>)>,
}

fn runs_on(disk: &MemoryStorage) -> Result<Vec<String>, Failure> {
    let mut names = disk.list()?;
    names.retain(|name| name.ends_with(RUN));
    names.sort_unstable();
    Ok(names)
}

/// The first and the last position of a run, by its name.
fn range(name: &str) -> Option<(u64, u64)> {
    let (first, last) = name.split('.').next()?.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?))
}

/// Whether a file tells of what two of these runs tell of, or more.
fn is_of_several(name: &str, runs: &[String]) -> bool {
    let Some((first, last)) = range(name) else { return false };
    let within = runs.iter().filter_map(|run| range(run)).filter(|run| first <= run.0 && run.1 <= last);
    within.count() > 1
}

impl SeenRuns {
    /// Notes the runs that a step made.
    pub(crate) fn look(&mut self, disk: &MemoryStorage, met: &mut Met) -> Result<(), Failure> {
        let names = runs_on(disk)?;
        for name in names.iter().filter(|name| !self.names.contains(name)) {
            met.note(Situation::RunWritten);
            met.note_if(is_of_several(name, &self.names), Situation::RunsMerged);
        }
        self.names = names;
        Ok(())
    }

    /// Notes whether a start stood on runs, and what it made of the one that was damaged before it.
    pub(crate) fn look_at_start(
        &mut self,
        disk: &MemoryStorage,
        started: &Started,
        met: &mut Met,
    ) -> Result<(), Failure> {
        self.names = runs_on(disk)?;
        let upto = started.handle.read(|view| view.state.index().runs_upto());
        let is_used = matches!(started.replayed.checkpoint, CheckpointUse::Used);
        met.note_if(is_used && upto > 0, Situation::RunsUsed);
        let Some((name, bytes)) = self.harmed.take() else { return Ok(()) };
        let is_discarded = match &started.replayed.checkpoint {
            CheckpointUse::Discarded { why } => why.contains(&name) || why.contains("no run of the index goes on"),
            CheckpointUse::Used | CheckpointUse::Absent => false,
        };
        let found = disk.contents(&name)?;
        match bytes {
            Some(bytes) => met.note_if(is_discarded || found != Some(bytes), Situation::DamagedRun),
            None => met.note_if(is_discarded || found.is_some(), Situation::LostRun),
        }
        Ok(())
    }
}

/// Notes what a fault left of a run that was being written.
pub(crate) fn look_for_unfinished(disk: &MemoryStorage, met: &mut Met) -> Result<(), Failure> {
    let runs = runs_on(disk)?;
    for name in disk.list()?.iter().filter(|name| name.ends_with(UNFINISHED)) {
        met.note(Situation::RunUnfinished);
        met.note_if(is_of_several(name, &runs), Situation::MergeUnfinished);
    }
    Ok(())
}

/// Turns a bit of a run, cuts it, or takes it away, as the plan has it.
pub(crate) fn harm_a_run(
    (disk, seen): (&MemoryStorage, &mut SeenRuns),
    faults: &Faults,
    rng: &mut impl Rng,
) -> Result<(), Failure> {
    let names = runs_on(disk)?;
    if names.is_empty() || !(faults.bit_flips || faults.lost_files) || rng.random_ratio(1, 2) {
        return Ok(());
    }
    let name = names[rng.random_range(0..names.len())].clone();
    let is_lost = !faults.bit_flips || faults.lost_files && rng.random_ratio(1, 3);
    let bytes = if is_lost {
        disk.remove(&name)?;
        disk.sync_names()?;
        None
    } else {
        let (at, cuts, bit) = (rng.random::<u64>(), rng.random_ratio(1, 3), rng.random_range(0..8));
        disk.edit(&name, |bytes| {
            let at = (at % bytes.len() as u64) as usize;
            if cuts { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
        });
        disk.contents(&name)?
    };
    seen.harmed = Some((name, bytes));
    Ok(())
}
