//! The CloudEvents envelope: its attributes, the type, the time.

use std::borrow::Cow;

use super::contract::{self, invalid};
use super::limits::{AHEAD_OF_ARRIVAL_MICROS_MAX, IDENTITY_CODE_POINTS_MAX, TEXT_CODE_POINTS_MAX, has_at_most};
use super::rules::Broken;
use super::slot::Slot;
use super::syntax::{DATA, ENVELOPE, EventSlots, ID, SOURCE, SPECVERSION, TIME, TYPE};
use crate::event::{Event, EventType};
use crate::rejection::{Reason, Rejection};
use crate::time::Timestamp;

/// The one version of CloudEvents that is read.
pub const SPECVERSION_TEXT: &str = "1.0";

/// Judges what stood in an event, in the order of SPEC 1.
///
/// # Errors
/// `malformed`, `unknown_type` or `invalid_field`, the first that holds.
pub(super) fn read<'a>(slots: &mut EventSlots<'a>, arrived: Timestamp) -> Result<Event<'a>, Rejection> {
    let envelope = &mut slots.envelope;
    let version = &envelope[SPECVERSION];
    if !matches!(version, Slot::Text(version) if version == SPECVERSION_TEXT) {
        return Err(malformed(SPECVERSION, "\"1.0\"", version));
    }
    let (id, source) = read_identity(envelope)?;
    let type_name = read_attribute(envelope, TYPE, TEXT_CODE_POINTS_MAX)?;
    let event_type = EventType::from_name(&type_name).ok_or_else(|| {
        let came = Slot::Text(type_name).describe();
        Rejection::new(Reason::UnknownType, format!("no type of the contract: {came}"))
    })?;
    read_content(slots, source, id, event_type, arrived)
}

/// The same where `specversion` and `type` are known to be right.
pub(super) fn read_known<'a>(
    slots: &mut EventSlots<'a>,
    event_type: EventType,
    arrived: Timestamp,
) -> Result<Event<'a>, Rejection> {
    let (id, source) = read_identity(&mut slots.envelope)?;
    read_content(slots, source, id, event_type, arrived)
}

#[inline]
fn read_identity<'a>(envelope: &mut [Slot<'a>]) -> Result<(Cow<'a, str>, Cow<'a, str>), Rejection> {
    let id = read_attribute(envelope, ID, IDENTITY_CODE_POINTS_MAX)?;
    let source = read_attribute(envelope, SOURCE, IDENTITY_CODE_POINTS_MAX)?;
    Ok((id, source))
}

#[inline]
fn read_content<'a>(
    slots: &mut EventSlots<'a>,
    source: Cow<'a, str>,
    id: Cow<'a, str>,
    event_type: EventType,
    arrived: Timestamp,
) -> Result<Event<'a>, Rejection> {
    let time = read_time(&slots.envelope[TIME], arrived).map_err(|broken| invalid("time", broken))?;
    if !matches!(slots.envelope[DATA], Slot::Object(_)) {
        return Err(invalid("data", Broken::expected("an object", &slots.envelope[DATA])));
    }
    let body = contract::read_body(event_type, &mut slots.data)?;
    Ok(Event { source, id, time, body })
}

#[inline]
fn read_attribute<'a>(envelope: &mut [Slot<'a>], index: usize, max: usize) -> Result<Cow<'a, str>, Rejection> {
    if let Slot::Text(text) = &mut envelope[index]
        && !text.is_empty()
        && has_at_most(text, max)
    {
        return Ok(std::mem::take(text));
    }
    Err(malformed(index, &format!("a text of 1 to {max} code points"), &envelope[index]))
}

#[cold]
fn malformed(index: usize, what: &str, slot: &Slot<'_>) -> Rejection {
    let name = ENVELOPE.names[index];
    Rejection::new(Reason::Malformed, format!("{name}: {}", Broken::expected(what, slot).detail))
}

fn read_time(slot: &Slot<'_>, arrived: Timestamp) -> Result<Timestamp, Broken> {
    let time = if let Slot::Text(text) = slot { Timestamp::parse(text) } else { None };
    let Some(time) = time else {
        return Err(Broken::expected("a time of RFC 3339 like \"2026-03-01T09:30:00Z\"", slot));
    };
    let latest = Timestamp(arrived.0.saturating_add(AHEAD_OF_ARRIVAL_MICROS_MAX));
    if time < Timestamp::EVENT_MIN {
        return Err(Broken::expected("a time that is not before 2000-01-01T00:00:00Z", slot));
    }
    if time > latest {
        let what = format!("a time at most 24 hours after the arrival at {arrived}");
        return Err(Broken::expected(&what, slot));
    }
    Ok(time)
}
