//! A state of an offer or of a campaign: its event, as it is written everywhere else.

use projections::published::PublishedPromotion;
use schemas::Timestamp;
use schemas::json::{read_event, write_event};
use scylla::{DeserializeValue, SerializeValue};

use super::broken;
use crate::error::ServingError;

/// A state, by the event that says it.
#[derive(Clone, Debug, PartialEq, SerializeValue, DeserializeValue)]
pub(crate) struct PromotionColumns {
    time: i64,
    source: String,
    id: String,
    event: String,
}

impl PromotionColumns {
    pub(crate) fn of(PublishedPromotion(event): PublishedPromotion) -> PromotionColumns {
        let mut text = Vec::new();
        write_event(&event, &mut text);
        PromotionColumns {
            time: event.time.0,
            source: event.source.into_owned(),
            id: event.id.into_owned(),
            // JSON is UTF-8.
            event: String::from_utf8_lossy(&text).into_owned(),
        }
    }

    pub(crate) fn promotion(self) -> Result<PublishedPromotion, ServingError> {
        // It was taken once; when it arrived does not matter any more.
        let read = read_event(self.event.as_bytes(), Timestamp(self.time));
        let event = read.map_err(|rejection| broken("promotions", format!("{}: {rejection:?}", self.id)))?;
        Ok(PublishedPromotion(event.into_owned()))
    }
}
