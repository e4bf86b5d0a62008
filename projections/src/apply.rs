//! One entry applied: what comes in order is added where it belongs; what comes late has the families that it
//! touches recomputed, as of the entry before and as of the entry.

mod accounts;
mod ahead;
pub(crate) mod batch;
mod beside;
#[cfg(test)]
pub(crate) mod cost;
mod facts;
mod join;
mod pieces;
mod reach;
mod recompute;
mod rerate;
mod reversals;
mod sharing;
mod trades;

use ledger::{AccountId, Frame, LedgerError, Position, ReadError};
use schemas::dictionary::Dictionary;
use schemas::{Body, Event, KycStatus, Timestamp};

use self::ahead::EVENTS_AHEAD;
pub use self::beside::Beside;
pub use self::pieces::PieceBounds;
use crate::context::Context;
use crate::firsts::First;
use crate::state::State;

/// Why a frame could not be applied. The state is then unfit for use.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// An entry of the frame cannot be decoded.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// An earlier entry that one of the frame refers to cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl State {
    /// Applies a durable frame, which must be the next one: its events, and what it says of offsets, duplicates
    /// and quarantine.
    ///
    /// # Errors
    /// If an entry cannot be decoded, or an earlier one cannot be read. The state is then unfit for use.
    pub fn apply_frame(
        &mut self,
        frame: &Frame,
        dictionary: &Dictionary,
        context: Context<'_>,
    ) -> Result<(), ApplyError> {
        let mut entries = frame.entries(dictionary);
        let mut ahead = Vec::with_capacity(EVENTS_AHEAD);
        loop {
            for entry in entries.by_ref().take(EVENTS_AHEAD) {
                ahead.push(entry?);
            }
            if ahead.is_empty() {
                break;
            }
            self.apply_entries(frame.recorded_at(), &ahead, context)?;
            ahead.clear();
        }
        self.count_frame(frame);
        Ok(())
    }

    /// Applies entries of one frame, which must be the next ones. A frame of which all entries were applied is
    /// closed by [`State::count_frame`].
    ///
    /// # Errors
    /// If an earlier entry cannot be read. The state is then unfit for use.
    pub fn apply_entries(
        &mut self,
        recorded_at: Timestamp,
        entries: &[(Position, Event<'_>)],
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        for ahead in entries.chunks(EVENTS_AHEAD) {
            self.look_ahead(ahead);
            for (position, event) in ahead {
                self.apply_event(*position, recorded_at, event, context)?;
            }
        }
        Ok(())
    }

    /// Applies the entry at `position`, which must be the next one. Positions may be left out: of an edited set
    /// they are. The context's reader must give every entry applied up to it.
    ///
    /// # Errors
    /// If an earlier entry that this one refers to cannot be read. The state is then unfit for use.
    pub fn apply_event(
        &mut self,
        position: Position,
        recorded_at: Timestamp,
        event: &Event<'_>,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        debug_assert!(position > self.position, "entries are applied in order");
        let account = self.index.insert(position, event);
        self.position = position;
        self.recorded_at = Some(recorded_at);
        let latest = self.event_time.max(Some(event.time));
        self.event_times.note(position, self.event_time, latest);
        self.event_time = latest;
        let Some(account) = account else {
            return match &event.body {
                Body::Code(data) => self.apply_code(position, event, data, context),
                Body::Program(data) => self.apply_program(position, event, data, context),
                Body::Offer(_) | Body::Campaign(_) => {
                    self.insert_promotion(position, event);
                    Ok(())
                }
                Body::Registration(_)
                | Body::Kyc(_)
                | Body::Deposit(_)
                | Body::Trade(_)
                | Body::Reversal(_)
                | Body::Vip(_)
                | Body::Affiliate(_)
                | Body::Rebate(_)
                | Body::Note(_)
                | Body::Join(_)
                | Body::Application(_) => Ok(()),
            };
        };
        if let Some(uid) = event_uid(event) {
            self.ensure_row(account, uid);
        }
        self.note_keyed_command(position, event);
        self.apply_body(position, account, event, context)
    }

    /// Applies what an entry in an account's stream says.
    pub(crate) fn apply_body(
        &mut self,
        position: Position,
        account: AccountId,
        event: &Event<'_>,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        match &event.body {
            Body::Trade(data) => self.apply_trade(position, account, event, data, context),
            Body::Registration(data) => self.apply_registration(position, account, event.time, data, context),
            Body::Kyc(data) => {
                if data.status == KycStatus::Verified {
                    self.apply_first(account, event.time, First::Verified);
                }
                Ok(())
            }
            Body::Deposit(data) => {
                if data.counts() {
                    self.apply_first(account, event.time, First::Deposited);
                }
                Ok(())
            }
            Body::Reversal(data) => self.apply_reversal(position, account, event, data, context),
            Body::Vip(data) => self.mark_vip(account, event, position, data.vip_level, context),
            Body::Affiliate(data) => self.apply_affiliate(position, account, event, data, context),
            Body::Rebate(data) => self.apply_rebate(position, account, event, data, context),
            Body::Note(data) => {
                self.notes.entry(account).or_default().insert(event, position, (&*data.note).into());
                Ok(())
            }
            Body::Join(data) => {
                self.joins.entry((&*data.campaign_id).into()).or_default().insert(account);
                Ok(())
            }
            Body::Application(_) => {
                self.applications.entry(account).or_default().insert(event, position, ());
                Ok(())
            }
            Body::Code(_) | Body::Program(_) | Body::Offer(_) | Body::Campaign(_) => Ok(()),
        }
    }
}

fn event_uid(event: &Event<'_>) -> Option<schemas::Uid> {
    match event.stream() {
        schemas::StreamKey::Account(uid) => Some(uid),
        schemas::StreamKey::Name(_) | schemas::StreamKey::Platform => None,
    }
}
