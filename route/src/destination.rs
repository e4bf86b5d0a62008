//! Where an event goes: to the partition of its family, or to every shard.

use schemas::{AccountType, Body, Event, Registration, Uid};

use crate::parents::Parents;

/// Where an event goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To the partition of this head's family: it concerns no other.
    Family(Uid),
    /// To all shards.
    Platform,
}

/// Where an event goes, by what is known of parents.
///
/// What is of one account alone goes to the head of its family, as far as the chain of parents is known. What other
/// families hang on goes to all: rates and rules, codes and who owns them, and so who is whose sub-account. The
/// registration of a major account is of its own family: it heads it.
#[must_use]
pub fn destination(event: &Event<'_>, parents: &mut Parents) -> Destination {
    match &event.body {
        Body::Registration(data) => match data.account_type {
            AccountType::Major => Destination::Family(data.uid),
            AccountType::Sub | AccountType::Other => Destination::Platform,
        },
        Body::Affiliate(_)
        | Body::Code(_)
        | Body::Program(_)
        | Body::Offer(_)
        | Body::Campaign(_)
        | Body::Join(_)
        | Body::Application(_) => Destination::Platform,
        Body::Kyc(_)
        | Body::Deposit(_)
        | Body::Trade(_)
        | Body::Reversal(_)
        | Body::Vip(_)
        | Body::Rebate(_)
        | Body::Note(_) => of_account(event).map_or(Destination::Platform, |uid| {
            let is_forgotten = mutants::mutant!("routed-by-its-own-uid");
            Destination::Family(if is_forgotten { uid } else { parents.head(uid) })
        }),
    }
}

/// The account of an event that is of one account alone; none for what goes to all, and for registrations.
pub(crate) fn of_account(event: &Event<'_>) -> Option<Uid> {
    match &event.body {
        Body::Kyc(data) => Some(data.uid),
        Body::Deposit(data) => Some(data.uid),
        Body::Trade(data) => Some(data.uid),
        Body::Reversal(data) => Some(data.uid),
        Body::Vip(data) => Some(data.uid),
        Body::Rebate(data) => Some(data.uid),
        Body::Note(data) => Some(data.uid),
        Body::Registration(_)
        | Body::Affiliate(_)
        | Body::Code(_)
        | Body::Program(_)
        | Body::Offer(_)
        | Body::Campaign(_)
        | Body::Join(_)
        | Body::Application(_) => None,
    }
}

/// The account and the parent of a sub-account's registration; none of any other event.
#[must_use]
pub fn parent_of(event: &Event<'_>) -> Option<(Uid, Uid)> {
    registration(event).and_then(|data| data.parent_uid.map(|parent| (data.uid, parent)))
}

/// What a registration says; none of any other event.
pub(crate) fn registration<'e>(event: &'e Event<'_>) -> Option<&'e Registration<'e>> {
    match &event.body {
        Body::Registration(data) => Some(data),
        Body::Affiliate(_)
        | Body::Code(_)
        | Body::Program(_)
        | Body::Offer(_)
        | Body::Campaign(_)
        | Body::Join(_)
        | Body::Application(_)
        | Body::Kyc(_)
        | Body::Deposit(_)
        | Body::Trade(_)
        | Body::Reversal(_)
        | Body::Vip(_)
        | Body::Rebate(_)
        | Body::Note(_) => None,
    }
}
