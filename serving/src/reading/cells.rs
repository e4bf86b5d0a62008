//! The cells of a referrer's codes.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use projections::published::{PublishedCell, SliceRows};
use projections::query::DateRange;
use schemas::Day;
use scylla::value::CqlDate;

use super::own::Own;
use super::{AT_ONCE, AsOf, Reading};
use crate::columns::{CellColumns, country, date, day};
use crate::error::{ServingError, Told};

/// So many cells an answer is made of at most: of each some 300 bytes are read.
const CELLS_MAX: usize = 1_000_000;

type CellRow = (CqlDate, i32, String, i64, i64, CellColumns, CellColumns);
/// A cell with its shard, country and day.
type CellFound = ((i32, String, Day), PublishedCell);
/// A code and a month of it, with the days between which cells are wanted.
type MonthAsked = (String, Day, (Day, Day));
/// The cells of codes, each country of each shard apart.
type Slices = BTreeMap<String, Vec<SliceRows>>;

impl Reading {
    /// The cells of codes in a range, or all; and whether these are all.
    pub(super) async fn cells(
        &self,
        codes: &BTreeMap<String, Own>,
        range: Option<DateRange>,
        as_of: &AsOf,
    ) -> Result<(Slices, bool), ServingError> {
        let (months, is_whole) = months_of(codes, range);
        let mut found: BTreeMap<String, BTreeMap<(i32, String), SliceRows>> = BTreeMap::new();
        let mut count = 0;
        let reads = months.into_iter().map(|(code, month, days)| self.month(code, month, days, as_of));
        let mut reads = stream::iter(reads).buffer_unordered(AT_ONCE);
        while let Some((code, cells)) = reads.try_next().await? {
            count += cells.len();
            if count > CELLS_MAX {
                return Err(ServingError::TooManyRows { most: CELLS_MAX });
            }
            let slices = found.entry(code).or_default();
            for ((shard, text, day), cell) in cells {
                let known = country(&text, "cells")?;
                let slice = slices.entry((shard, text)).or_default();
                slice.country = known;
                slice.cells.push((day, cell));
            }
        }
        let slices = found.into_iter().map(|(code, slices)| (code, slices.into_values().collect()));
        Ok((slices.collect(), is_whole))
    }

    /// The cells of a code in a month, as far as they lie between two days.
    async fn month(
        &self,
        code: String,
        month: Day,
        (from, to): (Day, Day),
        as_of: &AsOf,
    ) -> Result<(String, Vec<CellFound>), ServingError> {
        const WHAT: &str = "tell a code's cells";
        let values = (code.as_str(), date(month), date(from), date(to));
        let found = self.session.execute_iter(self.cells.clone(), values).await.told(WHAT)?;
        let mut rows = found.rows_stream::<CellRow>().told(WHAT)?;
        let mut cells = Vec::new();
        while let Some((of, shard, country, position, since, now, before)) = rows.try_next().await.told(WHAT)? {
            if let Some(cell) = as_of.choose((shard, position, since), now, before)? {
                cells.push(((shard, country, day(of)), cell.cell()?));
                if cells.len() > CELLS_MAX {
                    return Err(ServingError::TooManyRows { most: CELLS_MAX });
                }
            }
        }
        Ok((code, cells))
    }
}

/// The months of codes in which cells are wanted, each with the days between which they lie; and whether these are all that
/// the codes have.
fn months_of(codes: &BTreeMap<String, Own>, range: Option<DateRange>) -> (Vec<MonthAsked>, bool) {
    let (mut months, mut is_whole) = (Vec::new(), true);
    for (code, own) in codes {
        let Some((first, last)) = own.days else { continue };
        let (from, to) = match range {
            None => (first, last),
            Some(range) => (range.from.max(first), range.to.min(last)),
        };
        is_whole &= (from, to) == (first, last);
        let mut month = from.month_start();
        while from <= to && month <= to {
            months.push((code.clone(), month, (from, to)));
            month = month.month_plus(1);
        }
    }
    (months, is_whole)
}
