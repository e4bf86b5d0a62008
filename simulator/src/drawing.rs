//! Draws what the engine is given next from the plan and from what the world still has to bring.

use ingest::Handle;
use ledger::{QuarantineId, QuarantineState};
use projections::commands::Command;
use rand::Rng;

use crate::arrival::Arrival;
use crate::given::Given;
use crate::history::{CAMPAIGNS, CODES, OWNERS, invitee, rate};
use crate::model::Kept;
use crate::plan::pick;
use crate::situations::Situation;
use crate::topic::{Message, TOPIC};
use crate::world::World;

/// The next work, beside those that the step has already; none if there is nothing to do.
pub(crate) fn draw(world: &mut World, handle: &Handle, beside: &[Given]) -> Option<Given> {
    let features = world.plan.features;
    match world.rng.random_range(0..20) {
        0 => Some(Given::Checkpoint),
        1..=3 if features.commands => Some(command(world)),
        4..=5 if features.redrives && beside.is_empty() => of_quarantine(world, handle),
        6..=8 if !world.requests.is_empty() => {
            let most = world.rng.random_range(1..6).min(world.requests.len());
            let now = handle.now();
            let arrivals =
                world.requests.drain(..most).map(|text| Arrival::of(&text, "a request".to_owned(), now)).collect();
            Some(Given::Request { arrivals })
        }
        _ => messages(world, handle, beside),
    }
}

/// The next messages of a partition that the step does not read yet.
fn messages(world: &mut World, handle: &Handle, beside: &[Given]) -> Option<Given> {
    let partition = world.rng.random_range(0..world.topic.partitions());
    let is_read = |given: &Given| matches!(given, Given::Messages { partition: read, .. } if *read == partition);
    if beside.iter().any(is_read) {
        return None;
    }
    let mut from = world.model.next_offset(partition);
    if world.plan.faults.rewinds && from > 0 && world.rng.random_ratio(1, 8) {
        from = world.rng.random_range(0..from);
        world.met.note(Situation::Rewind);
    }
    let most = world.rng.random_range(1..30);
    let messages = world.topic.fetch(partition, from, most);
    let last = messages.last()?.offset;
    let gap = last - messages[0].offset + 1 > messages.len() as i64;
    let now = handle.now();
    let origin = |message: &Message| format!("{TOPIC}[{partition}]@{}", message.offset);
    let arrivals = messages.iter().map(|message| Arrival::of(&message.value, origin(message), now)).collect();
    world.met.note_if(gap, Situation::Gap);
    Some(Given::Messages { partition, arrivals, next_offset: last + 1 })
}

/// What an operator does to something in quarantine. It has a step of its own, for what shares a frame with a try is not
/// held against the event that is tried.
fn of_quarantine(world: &mut World, handle: &Handle) -> Option<Given> {
    let is_there = |(_, kept): &(&u64, &Kept)| kept.state != QuarantineState::Replaced;
    let ids: Vec<u64> = world.model.quarantined.iter().filter(is_there).map(|(id, _)| *id).collect();
    let id = *ids.get(world.rng.random_range(0..ids.len().max(1)))?;
    let kept = &world.model.quarantined[&id];
    let (id, now) = (QuarantineId(id), handle.now());
    Some(match world.rng.random_range(0..4) {
        0 if kept.state == QuarantineState::Open => Given::Discard { id },
        1 => {
            // Mended or not: a text that the topic brought, or is still to bring.
            let partition = world.rng.random_range(0..world.topic.partitions());
            let from = world.rng.random_range(0..=world.topic.end(partition));
            let mended = &world.topic.fetch(partition, from, 1).first()?.value;
            Given::Replace { id, arrival: Arrival::of(mended, format!("in the place of {}", id.0), now) }
        }
        _ => Given::Redrive { id, arrival: Arrival::of(&kept.raw, kept.origin.clone(), now) },
    })
}

fn command(world: &mut World) -> Given {
    let plan = world.plan;
    if !world.answered.is_empty() && world.rng.random_ratio(1, 3) {
        // The same once more; now and then another command under the same key.
        let at = world.rng.random_range(0..world.answered.len());
        let (uid, command, key, _) = world.answered[at].clone();
        let command = if world.rng.random_ratio(1, 4) { any_command(world) } else { command };
        return Given::Command { uid, command, key: Some(key) };
    }
    let rng = &mut world.rng;
    let uid = if rng.random_ratio(1, 6) { invitee(&plan, rng) } else { pick(rng, &OWNERS) };
    let key = rng.random_ratio(1, 2).then(|| format!("k{}", rng.random_range(0..1_000_000)));
    Given::Command { uid, command: any_command(world), key }
}

fn any_command(world: &mut World) -> Command {
    let plan = world.plan;
    let rng = &mut world.rng;
    match rng.random_range(0..6) {
        0 => Command::SetNote { invitee: invitee(&plan, rng), note: pick(rng, &["", "mine", "=2"]).to_owned() },
        1 => Command::SetRebate {
            invitee: invitee(&plan, rng),
            spot_rebate_rate: rate(rng),
            futures_rebate_rate: rate(rng),
        },
        2 => Command::CreateCode {
            code: rng.random_ratio(1, 2).then(|| pick(rng, &CODES).to_owned()),
            spot_rebate_rate: rate(rng),
            futures_rebate_rate: rate(rng),
            note: String::new(),
            is_default: rng.random_ratio(1, 2),
        },
        3 => Command::ChangeCode {
            code: pick(rng, &CODES).to_owned(),
            spot_rebate_rate: rng.random_ratio(1, 2).then(|| rate(rng)),
            futures_rebate_rate: None,
            note: rng.random_ratio(1, 2).then(|| "changed".to_owned()),
            is_default: rng.random_ratio(1, 2).then(|| rng.random_ratio(1, 2)),
        },
        4 => Command::JoinCampaign { campaign_id: pick(rng, &CAMPAIGNS).to_owned() },
        _ => Command::Apply { message: "please".to_owned() },
    }
}
