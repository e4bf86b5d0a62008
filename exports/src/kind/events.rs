//! Every event in the order of the ledger, as a CloudEvent: its attributes, and `data` as JSON. As NDJSON it is what
//! an import takes.

use super::Source;
use crate::cells::{Json, Name, Required, Text, Time, Word};
use crate::columns::columns;
use crate::error::ExportError;
use crate::sink::Sink;

columns! {
    /// The attributes of CloudEvents.
    EventColumns of "events" {
        specversion: Required<Word>,
        event_type as "type": Required<Word>,
        source: Required<Text>,
        id: Required<Name>,
        time: Required<Time>,
        data: Required<Json>,
    }
}

pub(super) fn give(source: &Source<'_>, sink: &mut Sink<'_, EventColumns>) -> Result<(), ExportError> {
    source.each_entry(sink, |entry, sink| {
        sink.row(|row, _| {
            let event = &entry.event;
            row.specversion.push(schemas::json::SPECVERSION_TEXT);
            row.event_type.push(event.event_type().name());
            row.source.push(&event.source);
            row.id.push(&event.id);
            row.time.push(event.time);
            row.data.push_with(|out| schemas::json::write_data(event, out));
        })
    })
}
