//! What a shard sends on: events of accounts that turn out to belong to another shard's family, and word of its own heads.
//!
//! A sub-account whose registration is not known is routed by its own uid. Once the shard that holds its events has applied
//! the registration, which comes to all shards, it sends them to the partition of the head. The same when a chain of
//! parents grows: then the shard that the old head belongs to holds the family's events, and sends them on. What arrives
//! where it no longer belongs is sent on at once.
//!
//! *Invariant:* of a sub-account that a shard knows, each event that it holds either belongs to it, as far as it knows the
//! chain, or was sent to the shard of an account that stands in that chain. Chains only grow at their upper end, so every
//! event comes to the shard of the head at last, and no event goes round. To send one twice changes nothing: it has its
//! identity. A shard counts what an account does only where the head is registered with all that it is, and that is on its
//! own shard alone: so wherever else copies lie, they count for nothing.
//!
//! All shards have to know whether a major account exists, where its sub-account owns a code: until then the code is
//! nobody's (SPEC 2). So the head's shard tells the others of its registration, without code and country: there it is
//! nobody's invitee.

use std::borrow::Cow;

use ledger::{EventReader, Position, ReadError};
use projections::State;
use schemas::{AccountType, Body, Event, Registration, Relationship, Uid};

use crate::destination::of_account;
use crate::home::Home;

/// What goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoesOn<'e> {
    /// An event, to the partition of this head's family.
    ToFamily {
        /// The head.
        head: Uid,
        /// The event, as it was accepted.
        event: Cow<'e, Event<'e>>,
    },
    /// That this major account exists, to all others: its registration, without code and country.
    Head {
        /// The head.
        head: Uid,
        /// The registration.
        event: Event<'e>,
    },
}

/// Gives what a shard sends on for the entry at a position, by what its projections know at that position or later. The
/// number of events given is bounded by those that the shard holds of the accounts that the entry moves: its own for most
/// entries, those of all sub-accounts of a head that turns out to be a sub-account itself.
///
/// # Errors
/// If the ledger cannot be read, or whoever takes it fails.
pub fn sent_on<E: From<ReadError>>(
    (state, reader, home): (&State, &dyn EventReader, &Home),
    position: Position,
    take: &mut dyn FnMut(GoesOn<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let event = reader.event(position)?;
    if let Some(uid) = of_account(&event) {
        return match state.chain_top(uid).filter(|top| !home.is_of(*top)) {
            Some(head) => take(GoesOn::ToFamily { head, event: Cow::Borrowed(&event) }),
            None => Ok(()),
        };
    }
    match &event.body {
        Body::Registration(data) => match data.account_type {
            AccountType::Major => tell_of_head((state, reader, home), data.uid, data.uid, take),
            AccountType::Sub | AccountType::Other => {
                let Some(head) = state.chain_top(data.uid) else { return Ok(()) };
                if home.is_of(head) {
                    return tell_of_head((state, reader, home), head, data.uid, take);
                }
                give_before((state, reader), data.uid, (position, head), take)?;
                // Until now those that follow it had it for their head: its own shard holds what they did.
                let followers = if home.is_of(data.uid) { state.followers_of(data.uid) } else { Vec::new() };
                followers.into_iter().try_for_each(|uid| give_before((state, reader), uid, (position, head), take))
            }
        },
        Body::Code(data) => match state.chain_top(data.owner_uid) {
            Some(head) => tell_of_head((state, reader, home), head, data.owner_uid, take),
            None => Ok(()),
        },
        Body::Kyc(_)
        | Body::Deposit(_)
        | Body::Trade(_)
        | Body::Reversal(_)
        | Body::Vip(_)
        | Body::Affiliate(_)
        | Body::Rebate(_)
        | Body::Note(_)
        | Body::Program(_)
        | Body::Offer(_)
        | Body::Campaign(_)
        | Body::Join(_)
        | Body::Application(_) => Ok(()),
    }
}

/// Gives what an account did before a position: what comes later is looked at by itself.
fn give_before<E: From<ReadError>>(
    (state, reader): (&State, &dyn EventReader),
    uid: Uid,
    (position, head): (Position, Uid),
    take: &mut dyn FnMut(GoesOn<'_>) -> Result<(), E>,
) -> Result<(), E> {
    for earlier in state.entries_of(uid).take_while(|earlier| *earlier < position) {
        let event = reader.event(earlier)?;
        if of_account(&event).is_some() {
            take(GoesOn::ToFamily { head, event: Cow::Borrowed(&event) })?;
        }
    }
    Ok(())
}

/// Tells of a major account of this shard, if one of its sub-accounts, below the account given or that one, owns a code.
fn tell_of_head<E: From<ReadError>>(
    (state, reader, home): (&State, &dyn EventReader, &Home),
    head: Uid,
    below: Uid,
    take: &mut dyn FnMut(GoesOn<'_>) -> Result<(), E>,
) -> Result<(), E> {
    if !home.is_of(head) {
        return Ok(());
    }
    let Some(registered) = state.major_registration(head) else { return Ok(()) };
    let owns_one = |uid: &Uid| *uid != head && state.owns_codes(*uid);
    if !owns_one(&below) && !state.followers_of(below).iter().any(owns_one) {
        return Ok(());
    }
    let event = reader.event(registered)?;
    let body = Body::Registration(Registration {
        uid: head,
        account_type: AccountType::Major,
        country: None,
        code: None,
        relationship: Relationship::Both,
        parent_uid: None,
    });
    let event = Event { source: event.source, id: event.id, time: event.time, body };
    take(GoesOn::Head { head, event })
}
