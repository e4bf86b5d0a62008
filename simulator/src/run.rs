//! One run: lives of a daemon one after another on the same world, then one without faults that reads all there is; and,
//! where the plan has one, a cluster.

use crate::cluster;
use crate::failure::Failure;
use crate::life::{LifeEnd, live};
use crate::oracle::check_everything;
use crate::plan::Plan;
use crate::reached;
use crate::situations::{Met, Situation};
use crate::world::World;

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How often each situation was met.
    pub met: Met,
    /// How many lives ended by a fault.
    pub crashes: u64,
    /// The last position.
    pub position: u64,
    /// The digest of all projections at the end.
    pub digest: String,
    /// The digests of the shards of its cluster, if it has one.
    pub shards: Vec<String>,
}

/// Runs a plan.
///
/// # Errors
/// What the auditor, or the life itself, found that must not be.
pub fn run(plan: &Plan) -> Result<Report, Failure> {
    let mut world = World::of(plan);
    let (mut crashes, mut in_a_row, mut promoted) = (0, 0, None);
    for _ in 0..plan.lives {
        let position = world.model.end();
        let by_fault = match live(&mut world, true, promoted.take())? {
            LifeEnd::Stopped(_) => false,
            LifeEnd::Failed => true,
            LifeEnd::TookOver { started, by_fault } => {
                promoted = Some(started);
                by_fault
            }
        };
        match by_fault {
            false => in_a_row = 0,
            true => {
                crashes += 1;
                in_a_row = if world.model.end() == position { in_a_row + 1 } else { 0 };
            }
        }
        world.met.note_if(in_a_row == 3, Situation::CrashesInARow);
    }
    // Every fault is over: all that is left is read, and the whole is looked at once more.
    let LifeEnd::Stopped(handle) = live(&mut world, false, promoted)? else {
        return Err(Failure::of("a life without faults ended by one".to_owned()));
    };
    if !world.is_read() {
        return Err(Failure::of("a life without faults left something unread".to_owned()));
    }
    if plan.asks_everything {
        check_everything(&handle)?;
        world.met.note(Situation::AskedEverything);
    }
    reached::note(&world.model.accepted, &mut world.met);
    let digest = handle.read(|view| view.state.digest(view.reader))?;
    let shards = plan.cluster.map_or(Ok(Vec::new()), |cluster| cluster::run(plan, cluster, &mut world.met))?;
    Ok(Report { met: world.met, crashes, position: world.model.end(), digest, shards })
}
