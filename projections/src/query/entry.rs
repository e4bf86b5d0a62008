//! One entry of the ledger, with the first of the postings that it gave.

use ledger::{Position, ReadError};

use super::{Budget, FeedFilter, FeedPiece, FeedWalk, QueryError, View};
use crate::views::{EntryDetail, FeedEntry};

/// So many postings of an entry are given at most; an entry may have given millions.
const POSTINGS_MAX: usize = 200;
/// So many steps are taken at most to find them, and those more that one look takes.
const STEPS_MAX: usize = 20_000;

impl View<'_> {
    /// `GET /v1/entries/{position}`.
    ///
    /// # Errors
    /// If there is no such entry, or it cannot be read.
    pub fn entry(&self, position: Position) -> Result<EntryDetail, QueryError> {
        let not_found = || QueryError::NotFound { what: "entry", name: position.to_string() };
        if position == 0 || position > self.state.position {
            return Err(not_found());
        }
        let mut walk = FeedWalk::new(position - 1, FeedFilter::default());
        let mut found: Option<FeedEntry> = None;
        let budget = Budget { given: POSTINGS_MAX + 1, steps: STEPS_MAX, look: u64::MAX };
        let ended = walk.go_on::<ReadError>(self, position, 1, budget, &mut |piece| {
            match piece {
                FeedPiece::Entry { position, recorded_at, event } => {
                    let event = event.clone().into_owned();
                    found = Some(FeedEntry { position, recorded_at, event, postings: Vec::new() });
                }
                FeedPiece::Posting(posting) => {
                    found.iter_mut().for_each(|entry| entry.postings.push(posting.into()));
                }
                FeedPiece::End => {}
            }
            Ok(())
        })?;
        let mut entry = found.ok_or_else(not_found)?;
        let has_more = ended == 0 || entry.postings.len() > POSTINGS_MAX;
        entry.postings.truncate(POSTINGS_MAX);
        Ok(EntryDetail { entry, has_more, as_of: self.as_of() })
    }
}
