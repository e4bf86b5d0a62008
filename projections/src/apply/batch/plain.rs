//! An event in a few bytes, where it is one of those that nearly all are: it changes its account's row, its family's
//! sums and a cell, and nothing that another account's amounts hang on.

use ledger::{IdentityMark, Position};
use schemas::{Body, Event, KycStatus, ProductGroup, Timestamp, Uid, Usd};

use crate::commands::is_command;
use crate::firsts::First;
use crate::rating::Figures;

/// What such an event says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Says {
    /// A trade; its figures stand beside it.
    Traded(ProductGroup),
    /// For a first time, perhaps.
    Did(First),
    /// The level alone.
    Vip,
    /// A KYC or a deposit that does not count.
    NoFigure,
    /// That a trade is taken back, which is found and taken out once the batch is written.
    TakesBack,
    /// What no amount hangs on, taken in once the batch is written: a note, a join, an application.
    Aside,
}

impl Says {
    /// Whether the event is applied again once the batch is written, beside what the batch takes of it.
    pub(super) fn is_behind(self) -> bool {
        match self {
            Says::TakesBack | Says::Aside => true,
            Says::Traded(_) | Says::Did(_) | Says::Vip | Says::NoFigure => false,
        }
    }
}

/// An event of an account that neither says whose invitees there are nor what rates hold; none of a command's, and none of
/// amounts beyond 64 bits.
#[derive(Clone, Copy, Debug)]
pub struct PlainEvent {
    pub(super) position: Position,
    pub(super) uid: Uid,
    pub(super) time: Timestamp,
    pub(super) mark: IdentityMark,
    pub(super) says: Says,
    pub(super) vip_level: u8,
    fee: i64,
    pub(super) volume: i64,
}

impl PlainEvent {
    /// Of an event, if it is a plain one.
    pub(super) fn of(position: Position, event: &Event<'_>) -> Option<PlainEvent> {
        let (uid, says, vip_level, fee, volume) = match &event.body {
            Body::Trade(data) => {
                let says = Says::Traded(data.product.group());
                (data.uid, says, data.vip_level, narrow(data.fee_usd)?, narrow(data.volume_usd)?)
            }
            Body::Kyc(data) if data.status == KycStatus::Verified => (data.uid, Says::Did(First::Verified), 0, 0, 0),
            Body::Kyc(data) => (data.uid, Says::NoFigure, 0, 0, 0),
            Body::Deposit(data) if data.counts() => (data.uid, Says::Did(First::Deposited), 0, 0, 0),
            Body::Deposit(data) => (data.uid, Says::NoFigure, 0, 0, 0),
            Body::Vip(data) => (data.uid, Says::Vip, data.vip_level, 0, 0),
            Body::Reversal(data) => (data.uid, Says::TakesBack, 0, 0, 0),
            Body::Note(data) => (data.uid, Says::Aside, 0, 0, 0),
            Body::Join(data) => (data.uid, Says::Aside, 0, 0, 0),
            Body::Application(data) => (data.uid, Says::Aside, 0, 0, 0),
            Body::Registration(_)
            | Body::Affiliate(_)
            | Body::Code(_)
            | Body::Rebate(_)
            | Body::Program(_)
            | Body::Offer(_)
            | Body::Campaign(_) => return None,
        };
        let mark = IdentityMark::of(event);
        let plain = PlainEvent { position, uid, time: event.time, mark, says, vip_level, fee, volume };
        Some(plain).filter(|_| !is_command(event))
    }

    /// What a trade is rated by.
    pub(super) fn figures(&self, group: ProductGroup) -> Figures {
        Figures { group, vip_level: self.vip_level, fee_usd: Usd(i128::from(self.fee)) }
    }
}

fn narrow(amount: Usd) -> Option<i64> {
    i64::try_from(amount.0).ok()
}

/// The events of a frame, or of a part of it, as a batch takes them.
#[derive(Debug)]
pub struct FrameEvents<'e> {
    recorded_at: Timestamp,
    pub(super) plain: Vec<PlainEvent>,
    pub(super) others: Vec<(Position, Event<'e>)>,
}

impl<'e> FrameEvents<'e> {
    /// Of a frame's entries in their order, of which there are about `count`.
    ///
    /// # Errors
    /// The first error among them.
    pub fn of<E>(
        recorded_at: Timestamp,
        count: usize,
        entries: impl Iterator<Item = Result<(Position, Event<'e>), E>>,
    ) -> Result<FrameEvents<'e>, E> {
        let mut events = FrameEvents { recorded_at, plain: Vec::with_capacity(count), others: Vec::new() };
        for entry in entries {
            let (position, event) = entry?;
            match PlainEvent::of(position, &event) {
                Some(plain) => events.plain.push(plain),
                None => events.others.push((position, event)),
            }
        }
        Ok(events)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.plain.len() + self.others.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them in their order, in parts, each of which but the first begins with rules of the platform.
    pub(super) fn cut_before_programs(&self) -> Vec<FramePart<'_, 'e>> {
        let mut left = FramePart { recorded_at: self.recorded_at, plain: &self.plain, others: &self.others };
        let mut parts = Vec::with_capacity(1);
        for (position, event) in &self.others {
            if let Body::Program(_) = event.body {
                let (before, from) = left.split_before(*position);
                parts.push(before);
                left = from;
            }
        }
        parts.push(left);
        parts
    }
}

/// Events of a frame that follow one another.
#[derive(Clone, Copy, Debug)]
pub(super) struct FramePart<'f, 'e> {
    recorded_at: Timestamp,
    pub(super) plain: &'f [PlainEvent],
    pub(super) others: &'f [(Position, Event<'e>)],
}

impl FramePart<'_, '_> {
    fn split_before(self, position: Position) -> (Self, Self) {
        let (plain, plain_from) = self.plain.split_at(self.plain.partition_point(|event| event.position < position));
        let (others, others_from) = self.others.split_at(self.others.partition_point(|(at, _)| *at < position));
        (FramePart { plain, others, ..self }, FramePart { plain: plain_from, others: others_from, ..self })
    }

    /// Whether the first of them sets rules of the platform.
    pub(super) fn begins_with_program(&self) -> bool {
        let Some((position, Event { body: Body::Program(_), .. })) = self.others.first() else { return false };
        self.plain.first().is_none_or(|event| event.position > *position)
    }

    /// The position of the last one, and when it was recorded.
    pub(super) fn last(&self) -> Option<(Position, Timestamp)> {
        let plain = self.plain.last().map(|plain| plain.position);
        let last = plain.max(self.others.last().map(|(position, _)| *position))?;
        Some((last, self.recorded_at))
    }

    /// The latest time of any.
    pub(super) fn latest_time(&self) -> Option<Timestamp> {
        let plain = self.plain.iter().map(|plain| plain.time).max();
        plain.max(self.others.iter().map(|(_, event)| event.time).max())
    }
}
