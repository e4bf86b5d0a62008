//! What is on offer, as all shards together know it, and what a referrer joined.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt;
use projections::published::{PromotionKind, PublishedPromotion};
use schemas::Uid;

use super::own::OrderKey;
use super::{AsOf, Reading, VERSION};
use crate::columns::PromotionColumns;
use crate::error::{ServingError, Told};

/// So many rows of them an answer is made of at most.
const ROWS_MAX: usize = 10_000;

type PromotionRow = (String, i32, i64, i64, Option<Vec<PromotionColumns>>, Option<Vec<PromotionColumns>>);
type JoinRow = (String, i32, i64, i64, bool, bool);

impl Reading {
    /// All offers, or all campaigns, in their states.
    pub(super) async fn promotions(
        &self,
        kind: PromotionKind,
        as_of: &AsOf,
    ) -> Result<Vec<PublishedPromotion>, ServingError> {
        const WHAT: &str = "tell what is on offer";
        let mut promotions: BTreeMap<(String, OrderKey), PublishedPromotion> = BTreeMap::new();
        let found = self.session.execute_iter(self.promotions.clone(), (VERSION, kind.as_str())).await.told(WHAT)?;
        let mut rows = found.rows_stream::<PromotionRow>().told(WHAT)?;
        let mut count = 0;
        while let Some((id, shard, position, since, now, before)) = rows.try_next().await.told(WHAT)? {
            is_within("rows of offers or campaigns", &mut count)?;
            let row = as_of.choose((shard, position, since), now.unwrap_or_default(), before.unwrap_or_default())?;
            for columns in row.unwrap_or_default() {
                let state = columns.promotion()?;
                let PublishedPromotion(event) = &state;
                let key = (event.time, event.source.to_string(), event.id.to_string());
                promotions.insert((id.clone(), key), state);
            }
        }
        Ok(promotions.into_values().collect())
    }

    /// The campaigns that a referrer joined.
    pub(super) async fn joined(&self, uid: Uid, as_of: &AsOf) -> Result<Vec<String>, ServingError> {
        const WHAT: &str = "tell which campaigns a referrer joined";
        let mut joined = BTreeSet::new();
        let found = self.session.execute_iter(self.joins.clone(), (uid.0 as i64,)).await.told(WHAT)?;
        let mut rows = found.rows_stream::<JoinRow>().told(WHAT)?;
        let mut count = 0;
        while let Some((campaign, shard, position, since, now, before)) = rows.try_next().await.told(WHAT)? {
            is_within("rows of campaigns joined", &mut count)?;
            if as_of.choose((shard, position, since), now, before)?.unwrap_or_default() {
                joined.insert(campaign);
            }
        }
        Ok(joined.into_iter().collect())
    }
}

fn is_within(what: &'static str, count: &mut usize) -> Result<(), ServingError> {
    *count += 1;
    if *count > ROWS_MAX { Err(ServingError::TooMany { what, most: ROWS_MAX }) } else { Ok(()) }
}
