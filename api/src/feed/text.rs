//! A feed as text, part by part: an entry is begun, gets its postings, and is ended, wherever one part ends and the next one
//! begins.

use ledger::{LedgerReader, Position, ReadError};
use projections::View;
use projections::query::{Budget, FeedFilter, FeedPiece, FeedWalk};
use schemas::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::problem::Problem;
use crate::scope::{FEED_PART_IN_PLACE, FEED_PART_OF_SNAPSHOT, Scope};
use crate::views::{Actor, FeedPosting, Shown, event_json};

/// How entries are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As server-sent events.
    Events,
    /// As lines of JSON.
    Lines,
}

/// Why a piece cannot be written.
#[derive(Debug, thiserror::Error)]
enum TextError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("a piece of the feed cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// The beginning of an entry; its postings follow.
#[derive(Serialize)]
struct Beginning {
    position: Position,
    recorded_at: Timestamp,
    actor: Option<Actor>,
    event: serde_json::Value,
}

/// Writes the pieces of a feed.
struct Writer {
    form: Form,
    /// Whether the entry that is being written has a posting already.
    has_posting: bool,
}

impl Writer {
    fn write(&mut self, piece: FeedPiece<'_>, ledger: &LedgerReader, out: &mut Vec<u8>) -> Result<(), TextError> {
        match piece {
            FeedPiece::Entry { position, recorded_at, event } => {
                if self.form == Form::Events {
                    // JSON on one line is one line of data.
                    out.extend_from_slice(format!("id: {position}\ndata: ").as_bytes());
                }
                let actor = ledger.actor(position)?.map(Actor::from);
                let event = event_json(event);
                serde_json::to_writer(&mut *out, &Beginning { position, recorded_at, actor, event })?;
                // The object stays open.
                out.pop();
                out.extend_from_slice(b",\"postings\":[");
                self.has_posting = false;
            }
            FeedPiece::Posting(posting) => {
                if std::mem::replace(&mut self.has_posting, true) {
                    out.push(b',');
                }
                let posting: FeedPosting = projections::views::FeedPosting::from(posting).shown();
                serde_json::to_writer(out, &posting)?;
            }
            FeedPiece::End => out.extend_from_slice(match self.form {
                Form::Events => b"]}\n\n",
                Form::Lines => b"]}\n",
            }),
        }
        Ok(())
    }
}

/// What of a feed is still to be given.
pub(super) struct Feed {
    walk: FeedWalk,
    writer: Writer,
    /// Entries beyond it are not told of.
    upto: Position,
    /// So many entries are to be given.
    entries: usize,
}

impl Feed {
    pub(super) fn new(form: Form, after: Position, upto: Position, entries: usize, filter: FeedFilter) -> Feed {
        Feed { walk: FeedWalk::new(after, filter), writer: Writer { form, has_posting: false }, upto, entries }
    }

    /// The position up to which everything was given, or passed over.
    pub(super) fn reached(&self) -> Position {
        self.walk.after()
    }

    /// Whether an entry was begun and not ended.
    pub(super) fn is_within_entry(&self) -> bool {
        self.walk.is_within_entry()
    }

    /// Whether as many entries were given as were asked for, each to its end.
    pub(super) fn is_over(&self) -> bool {
        self.entries == 0 && !self.is_within_entry()
    }

    /// Whether there may be more.
    pub(super) fn is_more(&self) -> bool {
        self.is_within_entry() || self.entries > 0 && self.reached() < self.upto
    }

    /// The next part; empty if the filter took none of the entries looked at. Where it has to be looked for among very
    /// many, it is asked of a snapshot.
    pub(super) async fn next(mut self, app: &App) -> Result<(Vec<u8>, Feed), Problem> {
        let in_place = app.ask(move |view, ledger| Ok((self.part(view, ledger, FEED_PART_IN_PLACE)?, self)));
        let (text, mut feed) = in_place.await?;
        // What was found before is on its way first.
        if !text.is_empty() || !feed.walk.waits_for_far_look() {
            return Ok((text, feed));
        }
        let of_snapshot = move |view: &View<'_>, ledger: &LedgerReader| {
            let text = feed.part(view, ledger, FEED_PART_OF_SNAPSHOT)?;
            Ok((text, feed))
        };
        app.ask_of(Scope::Ledger, of_snapshot).await
    }

    /// The next part of what a state has that nobody waits for.
    pub(super) fn next_of_snapshot(&mut self, view: &View<'_>, ledger: &LedgerReader) -> Result<Vec<u8>, Problem> {
        self.part(view, ledger, FEED_PART_OF_SNAPSHOT)
    }

    fn part(&mut self, view: &View<'_>, ledger: &LedgerReader, budget: Budget) -> Result<Vec<u8>, Problem> {
        let mut text = Vec::new();
        let mut write = |piece: FeedPiece<'_>| self.writer.write(piece, ledger, &mut text);
        let ended = self.walk.go_on::<TextError>(view, self.upto, self.entries, budget, &mut write);
        self.entries -= ended.map_err(|error| Problem::internal(&error))?;
        Ok(text)
    }
}
