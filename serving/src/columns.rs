//! Values as they stand in columns, both ways.

mod invitee;
mod own;
mod promotion;

use projections::published::PublishedCell;
use schemas::{Country, Day, Rate, Usd};
use scylla::value::{CqlDate, CqlDecimal};
use scylla::{DeserializeValue, SerializeValue};

pub(crate) use self::invitee::InviteeColumns;
pub(crate) use self::own::{CodeColumns, RulesColumns, StandingColumns};
pub(crate) use self::promotion::PromotionColumns;
use crate::error::ServingError;

/// How many decimals an amount has, and a rate.
const USD_DECIMALS: i32 = 8;
const RATE_DECIMALS: i32 = 6;
/// 1970-01-01 as CQL counts days.
const EPOCH: u32 = 1 << 31;

/// A cell.
#[derive(Clone, Debug, PartialEq, SerializeValue, DeserializeValue)]
pub(crate) struct CellColumns {
    spot_commission: CqlDecimal,
    futures_commission: CqlDecimal,
    shared_commission: CqlDecimal,
    spot_volume: CqlDecimal,
    futures_volume: CqlDecimal,
    total_volume: CqlDecimal,
    referrals: i64,
    verified: i64,
    deposited: i64,
    first_trades: i64,
    traders: Vec<u8>,
}

/// A number of units as a decimal with so many decimals, in as few bytes as it needs.
fn decimal(units: i128, decimals: i32) -> CqlDecimal {
    let bytes = units.to_be_bytes();
    let is_spare = |at: usize| {
        let (lead, next) = (bytes[at], bytes[at + 1]);
        (lead == 0 && next < 0x80) || (lead == 0xFF && next >= 0x80)
    };
    let first = (0..bytes.len() - 1).find(|at| !is_spare(*at)).unwrap_or(bytes.len() - 1);
    CqlDecimal::from_signed_be_bytes_slice_and_exponent(&bytes[first..], decimals)
}

/// A decimal in units, if it has just so many decimals and is no wider than amounts are.
fn units(decimal: &CqlDecimal, decimals: i32) -> Option<i128> {
    let (digits, found) = decimal.as_signed_be_bytes_slice_and_exponent();
    if found != decimals || digits.is_empty() || digits.len() > 16 {
        return None;
    }
    let mut bytes = if digits[0] >= 0x80 { [0xFF; 16] } else { [0; 16] };
    bytes[16 - digits.len()..].copy_from_slice(digits);
    Some(i128::from_be_bytes(bytes))
}

pub(crate) fn date(day: Day) -> CqlDate {
    CqlDate(EPOCH.wrapping_add_signed(day.0))
}

pub(crate) fn day(CqlDate(date): CqlDate) -> Day {
    Day(date.wrapping_sub(EPOCH) as i32)
}

/// A country as it stands in a row; the unknown one is `ZZ`.
pub(crate) fn country_text(country: Option<Country>) -> String {
    country.map_or_else(|| Country::UNKNOWN_TEXT.to_owned(), |country| country.as_str().to_owned())
}

pub(crate) fn country(text: &str, table: &'static str) -> Result<Option<Country>, ServingError> {
    if text == Country::UNKNOWN_TEXT {
        return Ok(None);
    }
    Country::parse(text).map(Some).ok_or_else(|| broken(table, format!("{text:?} is no country")))
}

fn broken(table: &'static str, why: String) -> ServingError {
    ServingError::Row { table, why }
}

fn usd_columns(amount: Usd) -> CqlDecimal {
    decimal(amount.0, USD_DECIMALS)
}

fn usd(decimal: &CqlDecimal, table: &'static str) -> Result<Usd, ServingError> {
    let units = units(decimal, USD_DECIMALS);
    units.map(Usd).ok_or_else(|| broken(table, format!("{decimal:?} has not 8 decimals")))
}

fn rate_columns(rate: Rate) -> CqlDecimal {
    decimal(i128::from(rate.0), RATE_DECIMALS)
}

fn rate(decimal: &CqlDecimal, table: &'static str) -> Result<Rate, ServingError> {
    let units = units(decimal, RATE_DECIMALS).and_then(|units| u32::try_from(units).ok());
    units.map(Rate).ok_or_else(|| broken(table, format!("{decimal:?} is no rate with 6 decimals")))
}

/// A window in days, or a level: what has few bits.
fn small<T: TryFrom<i32>>(number: i32, table: &'static str) -> Result<T, ServingError> {
    T::try_from(number).map_err(|_| broken(table, format!("{number} is too large, or too small")))
}

fn count(count: u64) -> i64 {
    // Counts are of invitees, of which there are fewer than positions.
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl CellColumns {
    pub(crate) fn of(cell: PublishedCell) -> CellColumns {
        CellColumns {
            spot_commission: usd_columns(cell.spot_commission),
            futures_commission: usd_columns(cell.futures_commission),
            shared_commission: usd_columns(cell.shared_commission),
            spot_volume: usd_columns(cell.spot_volume),
            futures_volume: usd_columns(cell.futures_volume),
            total_volume: usd_columns(cell.total_volume),
            referrals: count(cell.referrals),
            verified: count(cell.verified),
            deposited: count(cell.deposited),
            first_trades: count(cell.first_trades),
            traders: cell.traders,
        }
    }

    pub(crate) fn cell(self) -> Result<PublishedCell, ServingError> {
        let usd = |decimal: &CqlDecimal| usd(decimal, "cells");
        let count = |count: i64| u64::try_from(count).map_err(|_| broken("cells", format!("a count of {count}")));
        Ok(PublishedCell {
            spot_commission: usd(&self.spot_commission)?,
            futures_commission: usd(&self.futures_commission)?,
            shared_commission: usd(&self.shared_commission)?,
            spot_volume: usd(&self.spot_volume)?,
            futures_volume: usd(&self.futures_volume)?,
            total_volume: usd(&self.total_volume)?,
            referrals: count(self.referrals)?,
            verified: count(self.verified)?,
            deposited: count(self.deposited)?,
            first_trades: count(self.first_trades)?,
            traders: self.traders,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_and_as_short_as_can_be() {
        for (number, bytes) in [
            (0, 1),
            (1, 1),
            (-1, 1),
            (127, 1),
            (128, 2),
            (-128, 1),
            (-129, 2),
            (i128::from(i64::MAX), 8),
            (i128::from(i64::MAX) + 1, 9),
            (i128::MAX, 16),
            (i128::MIN, 16),
        ] {
            let written = decimal(number, USD_DECIMALS);
            assert_eq!(written.as_signed_be_bytes_slice_and_exponent().0.len(), bytes, "{number}");
            assert_eq!(units(&written, USD_DECIMALS), Some(number));
            assert_eq!(units(&written, RATE_DECIMALS), None);
        }
        let too_wide = CqlDecimal::from_signed_be_bytes_slice_and_exponent(&[1; 17], USD_DECIMALS);
        assert_eq!(units(&too_wide, USD_DECIMALS), None);
    }

    #[test]
    fn days_are_those_of_cql() {
        for (number, date_of_it) in [(0, 1u32 << 31), (1, (1 << 31) + 1), (-719_528, (1 << 31) - 719_528)] {
            assert_eq!(date(Day(number)), CqlDate(date_of_it));
            assert_eq!(day(CqlDate(date_of_it)), Day(number));
        }
    }
}
