//! What has to hold whenever a ledger has been opened: nothing lost, nothing twice, nothing unexplained.

use std::collections::BTreeMap;

use ingest::Handle;
use ledger::{Actor, FrameCursor, QuarantineRow, QuarantinedEvent, ReadError};
use projections::{Context, State};
use schemas::{Event, Timestamp};

use crate::failure::Failure;
use crate::following::Following;
use crate::model::{Kept, Model};
use crate::situations::Situation;
use crate::topic::TOPIC;
use crate::world::World;

/// The entries that a ledger holds, in order.
pub(crate) struct Held {
    pub(crate) events: Vec<Event<'static>>,
    recorded_at: Vec<Timestamp>,
    actors: Vec<Option<Actor>>,
    /// How many rows the deeds of its frames give.
    deeds: u64,
}

impl Held {
    /// Reads all frames. Positions have to follow each other.
    pub(crate) fn of(handle: &Handle) -> Result<Held, Failure> {
        let reader = handle.reader();
        let dictionary = reader.dictionary();
        let mut held = Held { events: Vec::new(), recorded_at: Vec::new(), actors: Vec::new(), deeds: 0 };
        for frame in reader.frames(&FrameCursor::START) {
            let frame = frame?;
            held.deeds += frame.deeds().map(|deed| deed.rows()).sum::<u64>();
            for entry in frame.entries(&dictionary) {
                let (position, event) = entry?;
                held.events.push(event.into_owned());
                held.recorded_at.push(frame.recorded_at());
                held.actors.push(reader.actor(position)?);
                if position != held.events.len() as u64 {
                    return Err(Failure::of(format!("position {position} follows {}", held.events.len() - 1)));
                }
            }
        }
        Ok(held)
    }
}

impl ledger::EventReader for Held {
    fn event(&self, position: u64) -> Result<Event<'_>, ReadError> {
        let last = self.events.len() as u64;
        let event = self.events.get((position as usize).wrapping_sub(1));
        event.cloned().ok_or(ReadError::NoSuchPosition { position, last })
    }

    fn recorded_at(&self, position: u64) -> Result<Timestamp, ReadError> {
        let last = self.events.len() as u64;
        let recorded_at = self.recorded_at.get((position as usize).wrapping_sub(1));
        recorded_at.copied().ok_or(ReadError::NoSuchPosition { position, last })
    }
}

/// Holds a ledger that was just opened against the model. What an earlier life was at when it ended may be there
/// whole, in part from its beginning on, or not at all; nothing else may differ.
pub(crate) fn audit_start(world: &mut World, handle: &Handle) -> Result<(), Failure> {
    let held = Held::of(handle)?;
    let in_flight = std::mem::take(&mut world.in_flight);
    let mut model = world.model.clone();
    let mut kept = None;
    for works in 0..=in_flight.len() {
        if let Some(given) = works.checked_sub(1).map(|last| &in_flight[last]) {
            model.take(given, &held.events, None);
        }
        // The longest beginning that fits, for a work without effect fits as well done as not done.
        if differences(&model, &held, handle).is_none() {
            kept = Some((works, model.clone()));
        }
    }
    let Some((works, model)) = kept else {
        let what = differences(&world.model, &held, handle).unwrap_or_default();
        return Err(Failure::of(format!(
            "the ledger holds neither what was acknowledged nor that and a beginning of the {} works in flight: {what}",
            in_flight.len()
        )));
    };
    if !in_flight.is_empty() {
        let met = &mut world.met;
        met.note(match works {
            0 => Situation::LostStep,
            all if all == in_flight.len() => Situation::KeptStep,
            _ => Situation::PartOfStepKept,
        });
        let is_command = in_flight.iter().any(|given| matches!(given, crate::given::Given::Command { .. }));
        met.note_if(is_command, Situation::CommandLost);
    }
    world.model = model;
    check_whole(handle, &held)?;
    world.following = Following::of(held.events, handle);
    Ok(())
}

/// Holds a ledger that is open against the model.
pub(crate) fn audit(world: &World, handle: &Handle) -> Result<(), Failure> {
    let held = Held::of(handle)?;
    match differences(&world.model, &held, handle) {
        Some(what) => Err(Failure::of(what)),
        None => check_whole(handle, &held),
    }
}

/// Where the ledger and its state differ from the model, in words; `None` if nowhere.
fn differences(model: &Model, held: &Held, handle: &Handle) -> Option<String> {
    if model.accepted != held.events {
        let same = model.accepted.iter().zip(&held.events).take_while(|(one, other)| one == other).count();
        return Some(format!(
            "{} entries expected, {} there, the first {same} the same; then expected {:?}, found {:?}",
            model.accepted.len(),
            held.events.len(),
            model.accepted.get(same),
            held.events.get(same)
        ));
    }
    // Of a command that nobody was told of, the next one's caller may stand there: a caller of commands in any case.
    let is_same = |(at, (expected, found)): (usize, (&Option<Actor>, &Option<Actor>))| {
        let of_a_command = |actor: &Option<Actor>| actor.as_ref().is_some_and(|actor| actor.role == "affiliate");
        expected == found || model.unsure.contains(&(at as u64 + 1)) && of_a_command(found)
    };
    let are_as_many = model.actors.len() == held.actors.len();
    if !are_as_many || !model.actors.iter().zip(&held.actors).enumerate().all(is_same) {
        return Some(format!("who sent what: expected {:?}, found {:?}", model.actors, held.actors));
    }
    let deeds = handle.read(|view| view.state.index().deeds().rows());
    if deeds != held.deeds {
        return Some(format!("deeds expected {}, found {deeds}", held.deeds));
    }
    let (offsets, duplicates, rows) = handle.read(|view| {
        let offsets: BTreeMap<i32, i64> =
            (0..8).filter_map(|partition| Some((partition, view.state.next_offset(TOPIC, partition)?))).collect();
        let duplicates: u64 = view.status().duplicate.values().sum();
        let rows: Vec<QuarantineRow> = view.quarantine().after(None).collect();
        (offsets, duplicates, rows)
    });
    if offsets != model.offsets {
        return Some(format!("offsets expected {:?}, found {offsets:?}", model.offsets));
    }
    if duplicates != model.duplicates {
        return Some(format!("duplicates expected {}, found {duplicates}", model.duplicates));
    }
    let mut quarantined = BTreeMap::new();
    for row in rows {
        let QuarantinedEvent { rejection, origin, raw, .. } = match handle.reader().quarantined(row.location) {
            Ok(event) => event,
            Err(error) => return Some(format!("what is in quarantine under {} cannot be read: {error}", row.id.0)),
        };
        let kept = Kept { reason: rejection.reason, origin, raw, state: row.state, repeated: row.repeated };
        quarantined.insert(row.id.0, kept);
    }
    (quarantined != model.quarantined)
        .then(|| format!("quarantined expected {:?}, found {quarantined:?}", model.quarantined))
}

/// Checksums, hash chain, sequence; a state made anew from the entries; books that balance.
pub(crate) fn check_whole(handle: &Handle, held: &Held) -> Result<(), Failure> {
    ledger::verify(&handle.reader(), |_| {})?;
    let mut fresh = State::new();
    for (position, (event, recorded_at)) in (1..).zip(held.events.iter().zip(&held.recorded_at)) {
        let applied = fresh.apply_event(position, *recorded_at, event, Context::alone(held));
        applied.map_err(|error| Failure::of(format!("position {position} cannot be applied: {error}")))?;
    }
    let expected = fresh.digest(held)?;
    let (digest, books) =
        handle.read(|view| Ok::<_, ReadError>((view.state.digest(view.reader)?, view.books(|_| {})?)))?;
    if digest != expected {
        return Err(Failure::of(format!(
            "the state's digest is {digest}, that of its entries applied anew {expected}"
        )));
    }
    if !books.are_in_order() {
        return Err(Failure::of(format!("the books are not in order: {books:?}")));
    }
    Ok(())
}
