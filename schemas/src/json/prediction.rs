//! Layout prediction: a producer writes the same keys in the same order, so what stands between the values of
//! one event stands between those of the next.
//!
//! A [`Layout`] is learnt from an event that the strict reader took. A text that has the same pieces between
//! its values gives its slots without being read as JSON; at the first difference the strict reader reads it.
//! From the slots on, both go the same way.
//!
//! *Invariant:* a text that fits a layout has exactly the slots that the strict reader would give it. It
//! rests on this: the text is UTF-8 as a whole; the pieces are those of valid JSON without an escape; a text
//! value has no quote, backslash or control character in it; an integer is digits without a leading zero, and
//! the piece behind it does not begin with anything that could belong to a number.

use std::mem::ManuallyDrop;

mod layout;
mod learning;

use layout::Layout;

use super::syntax::EventSlots;
use super::{envelope, limits, syntax};
use crate::event::Event;
use crate::rejection::Rejection;
use crate::time::Timestamp;

/// The most layouts a reader holds. A stream has one for each of the common types of each of its producers.
const LAYOUTS_MAX: usize = 8;
/// With all places taken, one in so many unpredicted events is learnt from.
const LEARN_EVERY: u64 = 16;

/// A reader that learns how its producers lay out their events; one a thread. It takes exactly the texts that
/// [`read_event`](super::read_event) takes, gives the same events, and refuses with the same rejections.
#[derive(Debug, Default)]
pub struct Predictor {
    /// The layouts, those that fit often in front.
    layouts: Vec<Layout>,
    predicted: u64,
    unpredicted: u64,
}

impl Predictor {
    /// A reader that has learnt nothing yet.
    #[must_use]
    pub fn new() -> Predictor {
        Predictor::default()
    }

    /// Reads one event from its JSON text, as [`read_event`](super::read_event) does.
    ///
    /// # Errors
    /// Those of [`read_event`](super::read_event).
    pub fn read_event<'a>(&mut self, text: &'a [u8], arrived: Timestamp) -> Result<Event<'a>, Rejection> {
        let text = limits::own_text(text)?;
        // What prediction puts into a slot owns nothing, so there is nothing to drop.
        let mut slots = ManuallyDrop::new(EventSlots::default());
        for index in 0..self.layouts.len() {
            if let Some(event_type) = self.layouts[index].fill(text, &mut slots) {
                self.predicted += 1;
                if index > 0 {
                    self.layouts.swap(index, index - 1);
                }
                return envelope::read_known(&mut slots, event_type, arrived);
            }
        }
        self.read_unpredicted(text, arrived)
    }

    fn read_unpredicted<'a>(&mut self, text: &'a str, arrived: Timestamp) -> Result<Event<'a>, Rejection> {
        let mut slots = syntax::read_slots(text)?;
        let event = envelope::read(&mut slots, arrived)?;
        self.unpredicted += 1;
        self.learn(text, &event);
        Ok(event)
    }

    /// How many texts fitted a layout.
    #[must_use]
    pub fn predicted(&self) -> u64 {
        self.predicted
    }

    fn learn(&mut self, text: &str, event: &Event<'_>) {
        let is_full = self.layouts.len() == LAYOUTS_MAX;
        if is_full && !self.unpredicted.is_multiple_of(LEARN_EVERY) {
            return;
        }
        if let Some(layout) = learning::learn(text, event.event_type()) {
            if is_full {
                self.layouts.pop();
            }
            self.layouts.push(layout);
        }
    }
}
