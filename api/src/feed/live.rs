//! A feed that goes on: server-sent events, each with its position as id, so that a client that was cut off resumes
//! where it was; or lines of JSON.

use axum::response::Response;
use bytes::Bytes;
use ledger::Position;
use projections::query::FeedFilter;
use projections::views::FeedEntry;

use super::{FeedRequest, PART_ENTRIES_MAX, POSITION_HEADER, ndjson, position_value, write_json};
use crate::app::App;
use crate::live::{EVENT_STREAM, LiveParts, answer_live};
use crate::problem::Problem;

/// How entries are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As server-sent events.
    Events,
    /// As lines of JSON.
    Lines,
}

impl Form {
    fn media_type(self) -> &'static str {
        match self {
            Form::Events => EVENT_STREAM,
            Form::Lines => ndjson::MEDIA_TYPE,
        }
    }

    /// What stands before the first entry: a client of events that was cut off comes again after two seconds.
    fn beginning(self) -> Option<Bytes> {
        match self {
            Form::Events => Some(Bytes::from_static(b"retry: 2000\n\n")),
            Form::Lines => None,
        }
    }

    /// A client of events that is cut off then goes on after this position.
    fn keep_alive(self, reached: Position) -> Bytes {
        match self {
            Form::Events => Bytes::from(format!("id: {reached}\n\n")),
            Form::Lines => Bytes::from_static(b"\n"),
        }
    }

    fn write(self, entry: FeedEntry, out: &mut Vec<u8>) -> Result<(), Problem> {
        match self {
            Form::Events => {
                // JSON on one line is one line of data.
                out.extend_from_slice(format!("id: {}\ndata: ", entry.position).as_bytes());
                write_json(entry, out)?;
                out.extend_from_slice(b"\n\n");
            }
            Form::Lines => {
                write_json(entry, out)?;
                out.push(b'\n');
            }
        }
        Ok(())
    }
}

/// The entries after a position that a filter takes.
struct Entries {
    app: App,
    form: Form,
    filter: FeedFilter,
    after: Position,
    /// How many entries are still to be sent, if that is bounded.
    entries: Option<usize>,
}

pub(super) fn answer(app: App, request: FeedRequest, form: Form) -> Result<Response, Problem> {
    let position = app.ledger()?.position();
    let place = app.live_feeds().take()?;
    let entries = Entries {
        app: app.clone(),
        form,
        filter: request.filter,
        after: request.after.unwrap_or(position),
        entries: request.limit,
    };
    let mut response = answer_live(&app, place, form.media_type(), None, entries)?;
    response.headers_mut().insert(POSITION_HEADER, position_value(position));
    Ok(response)
}

impl LiveParts for Entries {
    fn beginning(&self) -> Option<Bytes> {
        self.form.beginning()
    }

    fn reached(&self) -> Position {
        self.after
    }

    /// The next entries, in one look at the state; none if the filter takes none of those looked at.
    async fn grown(&mut self) -> Result<Option<Bytes>, Problem> {
        let (after, limit) = (self.after, self.entries.unwrap_or(usize::MAX).min(PART_ENTRIES_MAX));
        let (form, filter) = (self.form, self.filter.clone());
        let read = self.app.ask(move |view, _| {
            let part =
                view.feed_part(after, Position::MAX, limit, &filter).map_err(|error| Problem::internal(&error))?;
            let (reached, count) = (part.reached, part.entries.len());
            let mut text = Vec::new();
            for entry in part.entries {
                form.write(entry, &mut text)?;
            }
            Ok((text, reached, count))
        });
        let (text, reached, count) = read.await?;
        self.after = reached;
        self.entries = self.entries.map(|entries| entries - count);
        Ok((count > 0).then(|| text.into()))
    }

    fn keep_alive(&self) -> Bytes {
        self.form.keep_alive(self.after)
    }

    fn is_over(&self) -> bool {
        self.entries == Some(0)
    }
}
