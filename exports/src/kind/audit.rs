//! What was done by whom, in the order of the ledger: commands, events sent in, decisions on quarantined events.

use ledger::{ActKind, DeedFilter, DeedRow, EventReader};

use super::Source;
use crate::cells::{Int64, Name, Nullable, Position, Required, Text, Time, Word};
use crate::columns::columns;
use crate::error::ExportError;
use crate::sink::Sink;

columns! {
    /// The fields of the audit's rows.
    AuditColumns of "audit" {
        id: Required<Int64>,
        position: Required<Position>,
        recorded_at: Required<Time>,
        actor_who: Nullable<Text>,
        actor_role: Required<Text>,
        actor_address: Nullable<Text>,
        actor_request_id: Nullable<Name>,
        what: Required<Word>,
        events: Required<Int64>,
        quarantined: Required<Int64>,
        event_source: Nullable<Text>,
        event_id: Nullable<Name>,
        event_type: Nullable<Word>,
        event_time: Nullable<Time>,
        event_position: Nullable<Int64>,
        quarantine_id: Nullable<Int64>,
        reason: Nullable<Name>,
    }
}

pub(super) fn give(source: &Source<'_>, sink: &mut Sink<'_, AuditColumns>) -> Result<(), ExportError> {
    let range = source.filter.range()?;
    let filter = DeedFilter { from: Some(range.from.start()), before: Some(range.to.end()), ..DeedFilter::default() };
    let deeds = source.view.state.index().deeds();
    for number in 0..deeds.frames() {
        sink.progress(number as u64)?;
        let Some(place) = deeds.frame(number) else { break };
        for row in source.ledger.deed_rows(place, &filter)? {
            give_row(source, row, sink)?;
        }
    }
    Ok(())
}

fn give_row(source: &Source<'_>, deed: DeedRow, sink: &mut Sink<'_, AuditColumns>) -> Result<(), ExportError> {
    let event = deed.event().map(|position| source.ledger.event(position)).transpose()?;
    let event_position = deed.event();
    let DeedRow { number, position, recorded_at, actor, events, quarantined, act } = deed;
    let what = act.as_ref().map_or("events", |act| match act.kind {
        ActKind::Discarded => "discarded",
        ActKind::Replaced => "replaced",
        ActKind::Redriven => "redriven",
    });
    let address = actor.address.map(|address| address.to_string());
    sink.row(|row, at| {
        row.id.push(number);
        row.position.push(position);
        row.recorded_at.push(recorded_at);
        row.actor_who.push_if(at, actor.who.as_deref());
        row.actor_role.push(&actor.role);
        row.actor_address.push_if(at, address.as_deref());
        row.actor_request_id.push_if(at, actor.request_id.as_deref());
        row.what.push(what);
        row.events.push(events);
        row.quarantined.push(quarantined);
        row.event_source.push_if(at, event.as_ref().map(|event| &*event.source));
        row.event_id.push_if(at, event.as_ref().map(|event| &*event.id));
        row.event_type.push_if(at, event.as_ref().map(|event| event.event_type().name()));
        row.event_time.push_if(at, event.as_ref().map(|event| event.time));
        row.event_position.push_if(at, event_position);
        row.quarantine_id.push_if(at, act.as_ref().map(|act| act.id.0));
        row.reason.push_if(at, act.as_ref().map(|act| &*act.why));
    })
}
