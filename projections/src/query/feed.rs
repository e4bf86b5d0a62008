//! The feed: entries in the order of the ledger, with the postings each gave.

mod account;

use ledger::{Position, ReadError};
use schemas::{Body, Event, EventType, StreamKey, Timestamp, Uid};

use self::account::{Found, OfAccount};
use super::{Budget, EntryPosting, Pause, PostingWalk, View};
use crate::views::{FeedEntry, FeedPosting, TradeKey};

/// Which entries a feed has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedFilter {
    /// Only events of these types; none: of all.
    pub types: Option<Vec<EventType>>,
    /// Only events of this account: their `uid`, of a code its `owner_uid`; none: of all.
    pub uid: Option<Uid>,
}

impl FeedFilter {
    fn takes(&self, event: &Event<'_>) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(&event.event_type()))
            && self.uid.is_none_or(|uid| account_of(event) == Some(uid))
    }
}

/// A piece of a feed. An entry begins, has its postings, and ends.
#[derive(Clone, Copy, Debug)]
pub enum FeedPiece<'p> {
    /// An entry.
    Entry {
        /// Where it stands in the ledger.
        position: Position,
        /// When it was recorded.
        recorded_at: Timestamp,
        /// The event.
        event: &'p Event<'p>,
    },
    /// A posting of it.
    Posting(&'p EntryPosting<'p>),
    /// That were all.
    End,
}

/// How far a feed was given: entries in order with the postings of each, a part at a time. It may go on over any later
/// state.
#[derive(Debug)]
pub struct FeedWalk {
    filter: FeedFilter,
    after: Position,
    within: Option<PostingWalk>,
    /// Which entries may be those of the filter's account.
    of_account: OfAccount,
    waits_for_far_look: bool,
}

impl FeedWalk {
    /// The entries after a position that a filter takes.
    #[must_use]
    pub fn new(after: Position, filter: FeedFilter) -> FeedWalk {
        let after = after + Position::from(mutants::mutant!("feed-begins-an-entry-too-late"));
        FeedWalk { filter, after, within: None, of_account: OfAccount::default(), waits_for_far_look: false }
    }

    /// All entries up to this position were looked at, and those that the filter takes were given whole.
    #[must_use]
    pub fn after(&self) -> Position {
        self.after
    }

    /// Whether an entry has begun and not ended.
    #[must_use]
    pub fn is_within_entry(&self) -> bool {
        self.within.is_some()
    }

    /// Whether what comes next has to be looked for among more than one look of the last budget may take.
    #[must_use]
    pub fn waits_for_far_look(&self) -> bool {
        self.waits_for_far_look
    }

    /// Gives what comes next of the entries up to a position, until so many have ended, or the budget is spent or does not
    /// suffice for the next look. Says how many ended. Of one account only its own entries are looked at.
    ///
    /// # Errors
    /// If the ledger cannot be read; and what `give` refuses. The walk is then of no use.
    pub fn go_on<E: From<ReadError>>(
        &mut self,
        view: &View<'_>,
        upto: Position,
        entries: usize,
        mut budget: Budget,
        give: &mut dyn FnMut(FeedPiece<'_>) -> Result<(), E>,
    ) -> Result<usize, E> {
        self.waits_for_far_look = false;
        let last = view.state.position.min(upto);
        let mut ended = 0;
        if let Some(within) = &self.within {
            let event = view.reader.event(within.entry())?;
            if !self.give_postings(view, &event, &mut budget, give)? {
                return Ok(ended);
            }
            ended += 1;
        }
        while ended < entries && !budget.is_spent() {
            let position = match self.next_entry(view, last, &mut budget) {
                Found::Entry(position) => position,
                Found::Nothing => {
                    self.after = last.max(self.after);
                    break;
                }
                Found::TooFar => {
                    self.waits_for_far_look = true;
                    break;
                }
            };
            budget.take_step();
            let event = view.reader.event(position)?;
            if self.filter.takes(&event) {
                give(FeedPiece::Entry { position, recorded_at: view.reader.recorded_at(position)?, event: &event })?;
                budget.take_given(1);
                self.within = Some(PostingWalk::new(position, PostingWalk::HELD_MAX));
                if !self.give_postings(view, &event, &mut budget, give)? {
                    return Ok(ended);
                }
                ended += 1;
            }
            self.after = position;
        }
        Ok(ended)
    }

    /// The next entry up to a position that may be taken.
    fn next_entry(&mut self, view: &View<'_>, last: Position, budget: &mut Budget) -> Found {
        match self.filter.uid {
            Some(uid) => self.of_account.next(view, uid, self.after, last, budget),
            None if self.after < last => Found::Entry(self.after + 1),
            None => Found::Nothing,
        }
    }

    /// Goes on within an entry; says whether it ended.
    fn give_postings<E: From<ReadError>>(
        &mut self,
        view: &View<'_>,
        event: &Event<'_>,
        budget: &mut Budget,
        give: &mut dyn FnMut(FeedPiece<'_>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let Some(walk) = &mut self.within else { return Ok(true) };
        let pause = walk.go_on(view, event, budget, &mut |posting| give(FeedPiece::Posting(posting)))?;
        match pause {
            Pause::Over => {
                self.after = walk.entry();
                self.within = None;
                give(FeedPiece::End)?;
            }
            Pause::Spent => {}
            Pause::FarLook => self.waits_for_far_look = true,
        }
        Ok(pause == Pause::Over)
    }
}

impl View<'_> {
    /// The entries after a position, at most `limit`, in memory. `after` at or beyond the end gives nothing.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn feed(&self, after: Position, limit: usize) -> Result<Vec<FeedEntry>, ReadError> {
        let mut entries: Vec<FeedEntry> = Vec::new();
        let mut walk = FeedWalk::new(after, FeedFilter::default());
        walk.go_on::<ReadError>(self, Position::MAX, limit, Budget::ENDLESS, &mut |piece| {
            match piece {
                FeedPiece::Entry { position, recorded_at, event } => {
                    let event = event.clone().into_owned();
                    entries.push(FeedEntry { position, recorded_at, event, postings: Vec::new() });
                }
                FeedPiece::Posting(posting) => {
                    entries.last_mut().into_iter().for_each(|entry| entry.postings.push(posting.into()));
                }
                FeedPiece::End => {}
            }
            Ok(())
        })?;
        Ok(entries)
    }
}

impl From<&EntryPosting<'_>> for FeedPosting {
    fn from(posting: &EntryPosting<'_>) -> FeedPosting {
        let EntryPosting { account, side, amount, trade_uid, trade_source, trade_id, .. } = *posting;
        let trade = TradeKey { uid: trade_uid, source: trade_source.to_owned(), id: trade_id.to_owned() };
        FeedPosting { account: account.to_string(), side, amount, trade }
    }
}

/// The account that an event is of.
fn account_of(event: &Event<'_>) -> Option<Uid> {
    match (event.stream(), &event.body) {
        (StreamKey::Account(uid), _) => Some(uid),
        (StreamKey::Name(_), Body::Code(code)) => Some(code.owner_uid),
        (StreamKey::Name(_) | StreamKey::Platform, _) => None,
    }
}
