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
}

/// A trade, an outcome of a KYC, a deposit or a VIP level; none of a command's, and none of amounts beyond 64 bits.
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
            Body::Registration(_)
            | Body::Reversal(_)
            | Body::Affiliate(_)
            | Body::Code(_)
            | Body::Rebate(_)
            | Body::Note(_)
            | Body::Program(_)
            | Body::Offer(_)
            | Body::Campaign(_)
            | Body::Join(_)
            | Body::Application(_) => return None,
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
    /// Of a frame's entries in their order.
    ///
    /// # Errors
    /// The first error among them.
    pub fn of<E>(
        recorded_at: Timestamp,
        entries: impl Iterator<Item = Result<(Position, Event<'e>), E>>,
    ) -> Result<FrameEvents<'e>, E> {
        let mut events = FrameEvents { recorded_at, plain: Vec::new(), others: Vec::new() };
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
