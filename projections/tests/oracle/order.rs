//! The order of equals (SPEC 1), and the accepted events by type.

use schemas::{
    Affiliate, Body, Campaign, Code, Deposit, Event, Join, Kyc, Note, Offer, Program, Rebate, Registration, Reversal,
    StreamKey, Timestamp, Trade, Vip,
};

use super::{Entry, Known};

/// What events are ordered by: time, then source, then id as bytes. Events of two accounts or of two names may agree
/// in all three; the contract says no more, so the uid or the name decides last.
pub(super) fn order<'a>(event: &'a Event<'static>) -> (Timestamp, &'a str, &'a str, u64, &'a str) {
    let (uid, name) = match event.stream() {
        StreamKey::Account(uid) => (uid.0, ""),
        StreamKey::Name(name) => (0, name),
        StreamKey::Platform => (0, ""),
    };
    (event.time, &event.source, &event.id, uid, name)
}

/// The last of the events found, in the order of equals.
pub(super) fn latest<'a, T>(found: impl Iterator<Item = (&'a Entry, T)>) -> Option<(&'a Entry, T)> {
    found.max_by(|(one, _), (other, _)| order(&one.event).cmp(&order(&other.event)))
}

/// The first of the events found, in the order of equals.
pub(super) fn earliest<'a, T>(found: impl Iterator<Item = (&'a Entry, T)>) -> Option<(&'a Entry, T)> {
    found.min_by(|(one, _), (other, _)| order(&one.event).cmp(&order(&other.event)))
}

/// Declares, for each type of event, the scan over all accepted events of that type.
macro_rules! scans {
    ($($scan:ident = $variant:ident: $data:ty;)*) => {
        impl<'a> Known<'a> {
            $(pub(super) fn $scan(self) -> impl Iterator<Item = (&'a Entry, &'a $data)> {
                self.entries.iter().filter_map(|entry| match &entry.event.body {
                    Body::$variant(data) => Some((entry, data)),
                    _ => None,
                })
            })*
        }
    };
}

scans! {
    registrations = Registration: Registration<'static>;
    kycs = Kyc: Kyc;
    deposits = Deposit: Deposit<'static>;
    trades = Trade: Trade<'static>;
    reversals = Reversal: Reversal<'static>;
    vips = Vip: Vip;
    affiliates = Affiliate: Affiliate;
    code_states = Code: Code<'static>;
    rebates = Rebate: Rebate;
    notes = Note: Note<'static>;
    programs = Program: Program;
    offer_states = Offer: Offer<'static>;
    campaign_states = Campaign: Campaign<'static>;
    joins = Join: Join<'static>;
}
