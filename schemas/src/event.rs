//! The events of SPEC 1 as types. A value of these types is valid in itself: limits and enums hold.
//!
//! Texts borrow from what they were read from (`Cow`), so that reading a trade allocates nothing.

mod data;
mod enums;
mod owned;

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::time::Timestamp;

pub use data::*;
pub use enums::*;

/// An account's uid, 1 to 2^53-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(pub u64);

impl Uid {
    /// The largest uid.
    pub const MAX: u64 = (1 << 53) - 1;

    /// Reads a uid in decimal, without sign or leading zeros, as in a query or a token's `sub`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Uid> {
        let plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
        let uid: u64 = plain.then(|| text.parse().ok()).flatten()?;
        (1..=Uid::MAX).contains(&uid).then_some(Uid(uid))
    }
}

impl std::fmt::Display for Uid {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

impl Serialize for Uid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

/// One event: its CloudEvents identity and time, and what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// CloudEvents `source`, 1 to 256 code points.
    pub source: Cow<'a, str>,
    /// CloudEvents `id`, 1 to 256 code points.
    pub id: Cow<'a, str>,
    /// When it happened; every rule uses this time.
    pub time: Timestamp,
    /// What happened.
    pub body: Body<'a>,
}

/// Whose sequence of events an event belongs to; with `source` and `id` it is the event's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StreamKey<'a> {
    /// An account.
    Account(Uid),
    /// A code, or the id of an offer or a campaign: one space of names.
    Name(&'a str),
    /// The platform itself (program events).
    Platform,
}

impl Event<'_> {
    /// Whose sequence it belongs to.
    #[must_use]
    pub fn stream(&self) -> StreamKey<'_> {
        match &self.body {
            Body::Registration(data) => StreamKey::Account(data.uid),
            Body::Kyc(data) => StreamKey::Account(data.uid),
            Body::Deposit(data) => StreamKey::Account(data.uid),
            Body::Trade(data) => StreamKey::Account(data.uid),
            Body::Reversal(data) => StreamKey::Account(data.uid),
            Body::Vip(data) => StreamKey::Account(data.uid),
            Body::Affiliate(data) => StreamKey::Account(data.uid),
            Body::Code(data) => StreamKey::Name(&data.code),
            Body::Rebate(data) => StreamKey::Account(data.uid),
            Body::Note(data) => StreamKey::Account(data.uid),
            Body::Program(_) => StreamKey::Platform,
            Body::Offer(data) => StreamKey::Name(&data.id),
            Body::Campaign(data) => StreamKey::Name(&data.id),
            Body::Join(data) => StreamKey::Account(data.uid),
            Body::Application(data) => StreamKey::Account(data.uid),
        }
    }

    /// The order of equals: time, then source, then id, as UTF-8 bytes (SPEC 1). Events of two accounts, or of two
    /// names, may agree in all three; the uid, or the name, decides last, so that no order of arrival does.
    #[must_use]
    pub fn order_key(&self) -> (Timestamp, &str, &str, u64, &str) {
        let (uid, name) = match self.stream() {
            StreamKey::Account(uid) => (uid.0, ""),
            StreamKey::Name(name) => (0, name),
            StreamKey::Platform => (0, ""),
        };
        (self.time, &self.source, &self.id, uid, name)
    }

    /// Its type.
    #[must_use]
    pub fn event_type(&self) -> EventType {
        self.body.event_type()
    }
}

/// Declares the types of event once: variant, wire name.
macro_rules! event_types {
    ($($variant:ident = $name:literal, $meaning:literal;)*) => {
        /// The type of an event, as CloudEvents `type` names it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EventType { $(#[doc = $meaning] $variant,)* }

        impl EventType {
            /// All types, in the order of SPEC 1.
            pub const ALL: &'static [EventType] = &[$(EventType::$variant,)*];

            /// The name on the wire, `referral.….v1`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(EventType::$variant => $name,)* }
            }

            /// The type of a name on the wire.
            #[must_use]
            pub fn from_name(name: &str) -> Option<EventType> {
                match name { $($name => Some(EventType::$variant),)* _ => None }
            }
        }

        impl Body<'_> {
            /// The type of event this is the body of.
            #[must_use]
            pub fn event_type(&self) -> EventType {
                match self { $(Body::$variant(_) => EventType::$variant,)* }
            }
        }
    };
}

event_types! {
    Registration = "referral.registration.v1", "An account signed up.";
    Kyc = "referral.kyc.v1", "Outcome of an identity check.";
    Deposit = "referral.deposit.v1", "Money came in.";
    Trade = "referral.trade.v1", "One executed trade.";
    Reversal = "referral.reversal.v1", "A trade is taken back.";
    Vip = "referral.vip.v1", "The account's VIP level changed.";
    Affiliate = "referral.affiliate.v1", "A referrer's standing and base rates.";
    Code = "referral.code.v1", "A code's whole new state.";
    Rebate = "referral.rebate.v1", "An invitee's own rebate rates.";
    Note = "referral.note.v1", "The referrer's note on an invitee.";
    Program = "referral.program.v1", "Platform-wide rules.";
    Offer = "referral.offer.v1", "An affiliate-exclusive program.";
    Campaign = "referral.campaign.v1", "A campaign.";
    Join = "referral.join.v1", "A referrer joined a campaign.";
    Application = "referral.application.v1", "A user applied to become an affiliate.";
}

/// What happened, by type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is documented at EventType and at its own struct")]
pub enum Body<'a> {
    Registration(Registration<'a>),
    Kyc(Kyc),
    Deposit(Deposit<'a>),
    Trade(Trade<'a>),
    Reversal(Reversal<'a>),
    Vip(Vip),
    Affiliate(Affiliate),
    Code(Code<'a>),
    Rebate(Rebate),
    Note(Note<'a>),
    Program(Program),
    Offer(Offer<'a>),
    Campaign(Campaign<'a>),
    Join(Join<'a>),
    Application(Application<'a>),
}
