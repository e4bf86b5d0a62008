//! Many events applied together, to exactly the state that they come to one by one in their order.
//!
//! A number is a function of the set of events, so what is plain (trades, KYC, deposits, VIP levels) need not be applied
//! in the order in which it came: it is sorted by account, rated as everything stands behind the batch, and added to the
//! cells sorted by code. So each row is fetched from memory once a batch, not once an event, and one core need not wait
//! for another.
//!
//! It is the same as long as no entry of the batch changes what an earlier one of it comes to. Accounts of which that may
//! be go apart (`apart`): their events, and all that are not plain, are applied first, one by one in their order, by the
//! ordinary code. So what is late is found late, at its position. Ids, places in slices and lists come in the same order,
//! too, as only what is not plain gives any. What is taken back is found where all trades stand, behind the batch.

mod amounts;
mod apart;
mod behind;
mod by_account;
mod decoding;
mod plain;
mod rates;
mod settled;
mod writing;

use std::sync::OnceLock;

use ledger::{AccountId, Position, ReadError};
use schemas::{Event, Timestamp};

use self::amounts::{Amounts, amounts_of};
use self::apart::{Marks, in_order};
use self::by_account::{ByAccount, Group};
use self::rates::Rates;
use super::ahead::EVENTS_AHEAD;
use crate::context::{Context, Workers};
use crate::state::State;

pub use self::plain::FrameEvents;
use self::plain::FramePart;

/// Parts of a batch a worker: more than one, so that none waits long for another's last.
const PARTS_A_WORKER: usize = 4;

impl State {
    /// Applies the events of frames that follow one another, which must be the next ones. Each whole frame is closed by
    /// [`State::count_frame`] then.
    ///
    /// The more events, the less each costs; a few hundred thousand are a good number.
    ///
    /// # Errors
    /// If an earlier entry that one of them refers to cannot be read. The state is then unfit for use.
    pub fn apply_batch(&mut self, frames: &[&FrameEvents<'_>], context: Context<'_>) -> Result<(), ReadError> {
        let parts: Vec<FramePart<'_, '_>> = frames.iter().flat_map(|frame| frame.cut_before_programs()).collect();
        // Rules of the platform reach every account: the batch ends before them, so that they find all that they reach.
        for run in parts.chunk_by(|_, next| !next.begins_with_program()) {
            self.apply_run(run, context)?;
        }
        Ok(())
    }

    fn apply_run(&mut self, frames: &[FramePart<'_, '_>], context: Context<'_>) -> Result<(), ReadError> {
        let Some((last, recorded_at)) = frames.iter().filter_map(FramePart::last).max() else { return Ok(()) };
        self.note_event_times(frames);
        self.index.begin_batch(last);
        let mut marks = Marks::default();
        let sorted = self.sort_batch(frames, &mut marks);
        let mut apart = Vec::new();
        let groups = self.batched(&sorted, &marks, &mut apart);
        self.apply_apart(recorded_at, frames, &in_order(apart), context)?;
        let about = frames.iter().rev().find_map(|frame| frame.plain.last()).map_or(recorded_at, |event| event.time);
        let amounts = self.amounts_of_all(&groups, &sorted, about, context)?;
        self.write_batch(&groups, &sorted, amounts, context.workers);
        self.apply_behind(&groups, &sorted, context)?;
        self.index.reach(last);
        self.position = last;
        self.recorded_at = Some(recorded_at);
        self.event_time = self.event_time.max(frames.iter().filter_map(FramePart::latest_time).max());
        Ok(())
    }

    /// Notes what the latest event time is along the way, which those that go apart do not tell.
    fn note_event_times(&mut self, frames: &[FramePart<'_, '_>]) {
        let State { event_time, event_times, .. } = self;
        let mut latest = *event_time;
        let mut note = |position: Position, time: Timestamp| {
            let after = latest.max(Some(time));
            event_times.note(position, latest, after);
            latest = after;
        };
        for frame in frames {
            let mut others = frame.others.iter().peekable();
            for event in frame.plain {
                while let Some((position, other)) = others.next_if(|(position, _)| *position < event.position) {
                    note(*position, other.time);
                }
                note(event.position, event.time);
            }
            others.for_each(|(position, other)| note(*position, other.time));
        }
    }

    /// Takes note of what is not plain, gives new accounts their ids, and sorts what is plain by account.
    fn sort_batch(&mut self, frames: &[FramePart<'_, '_>], marks: &mut Marks) -> ByAccount {
        let count = frames.iter().map(|frame| frame.plain.len()).sum();
        let (mut accounts, mut events) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for frame in frames {
            // Looked up one after the other without anything between, so that the waits for memory overlap.
            let known: Vec<Option<AccountId>> = frame.plain.iter().map(|event| self.index.account(event.uid)).collect();
            let mut others = frame.others.iter().peekable();
            for (event, account) in frame.plain.iter().zip(known) {
                while let Some((position, other)) = others.next_if(|(position, _)| *position < event.position) {
                    self.note_other(*position, other, marks);
                }
                let account = account.unwrap_or_else(|| self.intern(event.uid));
                marks.note_plain(account);
                accounts.push(account);
                events.push(event);
            }
            others.for_each(|(position, other)| self.note_other(*position, other, marks));
        }
        ByAccount::of(&accounts, &events, self.accounts.len())
    }

    /// Applies what is not plain, and the plain events at `positions`, one by one in their order.
    fn apply_apart(
        &mut self,
        recorded_at: Timestamp,
        frames: &[FramePart<'_, '_>],
        positions: &[Position],
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        let mut positions = positions.iter().copied().peekable();
        let mut others = frames.iter().flat_map(|frame| frame.others).peekable();
        let mut next: Vec<(Position, Event<'_>)> = Vec::with_capacity(EVENTS_AHEAD);
        loop {
            while next.len() < EVENTS_AHEAD {
                let before = others.peek().map_or(Position::MAX, |(position, _)| *position);
                if let Some(position) = positions.next_if(|position| *position < before) {
                    next.push((position, context.reader.event(position)?));
                } else if let Some(other) = others.next() {
                    next.push(other.clone());
                } else {
                    break;
                }
            }
            if next.is_empty() {
                return Ok(());
            }
            self.apply_entries(recorded_at, &next, context)?;
            next.clear();
        }
    }

    /// What the events of all batched accounts come to, most of which are of about a moment; accounts that stand alone are
    /// dealt out to the workers.
    fn amounts_of_all(
        &self,
        groups: &[Group],
        sorted: &ByAccount,
        about: Timestamp,
        context: Context<'_>,
    ) -> Result<Vec<Amounts>, ReadError> {
        let is_alone = |group: &Group| group.head == group.account && !self.account(group.account).has_children;
        let (alone, mut families): (Vec<Group>, Vec<Group>) = groups.iter().copied().partition(is_alone);
        families.sort_unstable_by_key(|group| (group.head, group.account));
        let parts = context.workers.count() * PARTS_A_WORKER;
        let mut dealt: Vec<&[Group]> = alone.chunks(alone.len().div_ceil(parts).max(1)).collect();
        dealt.push(&families);
        let rates = Rates::new(self, about);
        let amounts = |part: usize| amounts_of(self, dealt[part], sorted, &rates, context.reader);
        in_parts(dealt.len(), context.workers, amounts).into_iter().collect()
    }
}

/// What each part comes to, in the order of the parts.
fn in_parts<T: Send + Sync>(parts: usize, workers: &dyn Workers, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let done: Vec<OnceLock<T>> = (0..parts).map(|_| OnceLock::new()).collect();
    workers.each(parts, &|part| {
        done[part].get_or_init(|| work(part));
    });
    let done = done.into_iter().map(|part| part.into_inner().expect("each part was done"));
    done.collect()
}
