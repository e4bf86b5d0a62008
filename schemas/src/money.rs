//! Money and rates as exact integers. No binary floating point touches them (SPEC, property 2).
//!
//! `Usd` counts units of 0.00000001 USD in an `i128`: sums of any order and length give the same digits.
//! `Rate` counts millionths. `AssetAmount` is a decimal as it was written, less trailing zeros; it is never added up.
//! Where the border between integers and [`Decimal`] runs, and why: `docs/decisions/0013-decimal.md`.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use crate::decimal_text::DecimalText;

/// Why a text is not a decimal of the form asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// It does not match `-?(0|[1-9][0-9]*)(\.[0-9]+)?`.
    #[error("not a decimal like \"12.5\"")]
    NotADecimal,
    /// More decimals than the kind allows, counted as written.
    #[error("more than {max} decimals")]
    TooManyDecimals {
        /// The most decimals the kind allows.
        max: u32,
    },
    /// The magnitude or the number of digits is beyond the kind's limit.
    #[error("too large")]
    TooLarge,
}

/// A decimal as written: sign, digits and the number of decimals.
struct Written {
    mantissa: i128,
    decimals: u32,
    digits: u32,
}

/// So many digits are a number that 64 bits hold, with a sign or without.
const DIGITS_OF_64_BITS: usize = 18;

/// Reads `-?(0|[1-9][0-9]*)(\.[0-9]+)?`; `decimals_max` is checked as written, trailing zeros included.
fn read_written(text: &str, decimals_max: u32, digits_max: u32) -> Result<Written, DecimalError> {
    let bytes = text.as_bytes();
    let (negative, digits) = match bytes.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, bytes),
    };
    // All digits in one walk, as far as 64 bits hold them; what they do not hold is read again below.
    let mut small: u64 = 0;
    let mut point = None;
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => small = small.wrapping_mul(10).wrapping_add(u64::from(byte - b'0')),
            b'.' if point.is_none() => point = Some(at),
            _ => return Err(DecimalError::NotADecimal),
        }
    }
    let (whole, fraction) = match point {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, &digits[digits.len()..]),
    };
    let leading_zero = whole.len() > 1 && whole[0] == b'0';
    if whole.is_empty() || leading_zero || (point.is_some() && fraction.is_empty()) {
        return Err(DecimalError::NotADecimal);
    }
    if fraction.len() > decimals_max as usize {
        return Err(DecimalError::TooManyDecimals { max: decimals_max });
    }
    // Digits are counted as written: "0.5" has two.
    let digit_count = whole.len() + fraction.len();
    if digit_count > digits_max as usize {
        return Err(DecimalError::TooLarge);
    }
    // NOTE: digits_max is at most 38, so the mantissa stays below 10^38 and an i128 holds it.
    let mut mantissa = i128::from(small);
    if digit_count > DIGITS_OF_64_BITS {
        let digits = whole.iter().chain(fraction);
        mantissa = digits.fold(0, |mantissa, byte| mantissa * 10 + i128::from(byte - b'0'));
    }
    if negative {
        mantissa = -mantissa;
    }
    Ok(Written { mantissa, decimals: fraction.len() as u32, digits: digit_count as u32 })
}

/// An amount of USD in units of 10^-8; a sum may have any magnitude an `i128` holds (above 10^30 USD).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(pub i128);

impl Usd {
    /// Nothing.
    pub const ZERO: Usd = Usd(0);
    /// Units in one USD.
    pub const UNITS: i128 = 100_000_000;
    /// The magnitude of an event's amount lies below this many units (10^15 USD, SPEC 1).
    pub const EVENT_LIMIT: i128 = 1_000_000_000_000_000 * Self::UNITS;

    /// Reads an event's amount: at most 8 decimals as written, magnitude below 10^15 (SPEC 1).
    ///
    /// # Errors
    /// Says which of the limits the text breaks.
    pub fn parse(text: &str) -> Result<Usd, DecimalError> {
        // What brings the digits to units, by their number behind the point.
        const SCALES: [i128; 9] = [100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
        let written = read_written(text, 8, 38)?;
        let scale = SCALES[written.decimals as usize];
        // NOTE: 38 digits with fewer than 8 decimals could overflow when scaled, so the magnitude is checked first. The
        // digits before the point tell it, as the first of them is no zero; a division would cost more than the rest.
        if written.digits - written.decimals > 15 {
            return Err(DecimalError::TooLarge);
        }
        Ok(Usd(written.mantissa * scale))
    }

    /// Reads a sum as it is written ([`Usd::text`]), of whatever magnitude: up to 38 digits with those behind the point, of
    /// which there are at most 8.
    ///
    /// # Errors
    /// Says which of the limits the text breaks.
    pub fn parse_sum(text: &str) -> Result<Usd, DecimalError> {
        let written = read_written(text, 8, 38)?;
        let scaled = written.mantissa.checked_mul(10i128.pow(8 - written.decimals));
        scaled.map(Usd).ok_or(DecimalError::TooLarge)
    }

    /// `cut(self × rate)`: toward zero, to 8 decimals (SPEC 2, amounts).
    #[must_use]
    pub fn cut_share(self, rate: Rate) -> Usd {
        if mutants::mutant!("amount-rounded-half-up") {
            return Usd((self.0 * i128::from(rate.0) + i128::from(Rate::ONE.0 / 2)) / i128::from(Rate::ONE.0));
        }
        if mutants::mutant!("amount-cut-a-digit-early") {
            return Usd(self.0 * i128::from(rate.0) / i128::from(Rate::ONE.0) / 10 * 10);
        }
        // 64 bits hold nearly all products, and divide ten times faster.
        let narrow = i64::try_from(self.0).ok().and_then(|units| units.checked_mul(i64::from(rate.0)));
        match narrow {
            Some(product) => Usd(i128::from(product / i64::from(Rate::ONE.0))),
            None => Usd(self.0 * i128::from(rate.0) / i128::from(Rate::ONE.0)),
        }
    }

    /// The amount as a decimal, to show it or compute with it beside what is added up; `None` where it has more digits than
    /// a [`Decimal`] holds, which an event's amount never has, and a sum could.
    #[must_use]
    pub fn decimal(self) -> Option<Decimal> {
        Decimal::try_from_i128_with_scale(self.0, 8).ok()
    }

    /// Whether it is exactly nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// As it is written: no zeros at the end beyond the point.
    #[must_use]
    pub fn text(self) -> DecimalText {
        DecimalText::new(self.0, 8)
    }
}

impl std::ops::Add for Usd {
    type Output = Usd;
    fn add(self, other: Usd) -> Usd {
        Usd(self.0 + other.0)
    }
}

impl std::ops::Sub for Usd {
    type Output = Usd;
    fn sub(self, other: Usd) -> Usd {
        Usd(self.0 - other.0)
    }
}

impl std::ops::Neg for Usd {
    type Output = Usd;
    fn neg(self) -> Usd {
        Usd(-self.0)
    }
}

impl std::ops::AddAssign for Usd {
    fn add_assign(&mut self, other: Usd) {
        self.0 += other.0;
    }
}

impl std::ops::SubAssign for Usd {
    fn sub_assign(&mut self, other: Usd) {
        self.0 -= other.0;
    }
}

impl std::iter::Sum for Usd {
    fn sum<I: Iterator<Item = Usd>>(amounts: I) -> Usd {
        amounts.fold(Usd::ZERO, |sum, amount| sum + amount)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(out)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A rate in millionths, 0 to 1 000 000 (0..1 with at most 6 decimals, SPEC 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(pub u32);

impl Rate {
    /// 0.
    pub const ZERO: Rate = Rate(0);
    /// 1, a hundred per cent.
    pub const ONE: Rate = Rate(1_000_000);

    /// Reads a rate: at most 6 decimals as written, 0..=1.
    ///
    /// # Errors
    /// Says which of the limits the text breaks.
    pub fn parse(text: &str) -> Result<Rate, DecimalError> {
        let written = read_written(text, 6, 38)?;
        if written.mantissa < 0 || written.digits > 7 {
            return Err(DecimalError::TooLarge);
        }
        let millionths = written.mantissa * 10i128.pow(6 - written.decimals);
        if millionths > i128::from(Rate::ONE.0) {
            return Err(DecimalError::TooLarge);
        }
        Ok(Rate(millionths as u32))
    }

    /// The rate as a decimal.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        Decimal::new(i64::from(self.0), 6)
    }

    /// `self − other`, not below 0.
    #[must_use]
    pub fn saturating_sub(self, other: Rate) -> Rate {
        Rate(self.0.saturating_sub(other.0))
    }

    /// As it is written: no zeros at the end beyond the point.
    #[must_use]
    pub fn text(self) -> DecimalText {
        DecimalText::new(i128::from(self.0), 6)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(out)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An amount of an asset: at most 18 decimals and 28 digits in all, counted as written (SPEC 1).
///
/// That is what a [`Decimal`] holds exactly: 28 digits lie below its 96 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetAmount(Decimal);

impl AssetAmount {
    /// Decimals that it has at most.
    pub const DECIMALS_MAX: u32 = 18;
    /// Digits that it has at most, before and after the point.
    pub const DIGITS_MAX: u32 = 28;

    /// Reads an asset amount.
    ///
    /// # Errors
    /// Says which of the limits the text breaks.
    pub fn parse(text: &str) -> Result<AssetAmount, DecimalError> {
        let written = read_written(text, Self::DECIMALS_MAX, Self::DIGITS_MAX)?;
        let (mut mantissa, mut scale) = (written.mantissa, written.decimals);
        // 64 bits divide many times faster, and hold nearly all.
        if let Ok(mut small) = i64::try_from(mantissa) {
            while scale > 0 && small % 10 == 0 {
                small /= 10;
                scale -= 1;
            }
            mantissa = i128::from(small);
        } else {
            while scale > 0 && mantissa % 10 == 0 {
                mantissa /= 10;
                scale -= 1;
            }
        }
        AssetAmount::of_digits(mantissa, scale).ok_or(DecimalError::TooLarge)
    }

    /// `mantissa × 10^-scale`, with the zeros at its end that it has; `None` beyond what an event may hold.
    pub(crate) fn of_digits(mantissa: i128, scale: u32) -> Option<AssetAmount> {
        const LIMIT: u128 = 10u128.pow(AssetAmount::DIGITS_MAX);
        let is_within = scale <= Self::DECIMALS_MAX && mantissa.unsigned_abs() < LIMIT;
        is_within.then(|| Decimal::try_from_i128_with_scale(mantissa, scale).ok()).flatten().map(AssetAmount)
    }

    /// An amount without zeros at its end; `None` beyond what an event may hold.
    #[must_use]
    pub fn of(amount: Decimal) -> Option<AssetAmount> {
        let amount = amount.normalize();
        AssetAmount::of_digits(amount.mantissa(), amount.scale())
    }

    /// Whether it is below 0.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0.mantissa() < 0
    }

    /// The amount, to compute with.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// As it is written: no zeros at the end beyond the point.
    #[must_use]
    pub fn text(self) -> DecimalText {
        DecimalText::new(self.0.mantissa(), self.0.scale())
    }
}

impl fmt::Display for AssetAmount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(out)
    }
}

impl Serialize for AssetAmount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_keeps_every_digit_and_refuses_what_the_contract_refuses() {
        for (text, units) in [
            ("0", 0),
            ("-0", 0),
            ("-0.00000000", 0),
            ("1.5", 150_000_000),
            ("0.00000001", 1),
            ("-0.00000001", -1),
            ("999999999999999.99999999", 99_999_999_999_999_999_999_999),
        ] {
            assert_eq!(Usd::parse(text), Ok(Usd(units)), "{text}");
        }
        for text in [
            "",
            "-",
            ".5",
            "1.",
            "01",
            "+1",
            "1e3",
            " 1",
            "1 ",
            "1,5",
            "0x1",
            "NaN",
            "1.000000000",
            "1000000000000000",
            "-1000000000000000",
            "--1",
            "1.-5",
            "٣",
            "99999999999999999999999999999999999999999999999",
        ] {
            assert!(Usd::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_rate_lies_in_zero_to_one() {
        assert_eq!(Rate::parse("0.25"), Ok(Rate(250_000)));
        assert_eq!(Rate::parse("1"), Ok(Rate::ONE));
        assert_eq!(Rate::parse("1.000000"), Ok(Rate::ONE));
        assert_eq!(Rate::parse("-0"), Ok(Rate::ZERO));
        for text in ["1.000001", "-0.1", "2", "0.0000001", "100000000000000000000"] {
            assert!(Rate::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_asset_amount_has_at_most_18_decimals_and_28_digits() {
        assert_eq!(AssetAmount::parse("0.00250").map(|amount| amount.to_string()), Ok("0.0025".into()));
        assert!(AssetAmount::parse("1234567890.123456789012345678").is_ok());
        assert!(AssetAmount::parse("12345678901.123456789012345678").is_err());
        assert!(AssetAmount::parse("0.0000000000000000000").is_err());
    }

    #[test]
    fn money_is_written_without_trailing_zeros() {
        for (units, text) in
            [(0, "0"), (1_250_000_000, "12.5"), (-1, "-0.00000001"), (100_000_000, "1"), (10_000_000_000, "100")]
        {
            assert_eq!(Usd(units).to_string(), text);
        }
    }

    #[test]
    fn a_share_is_cut_not_rounded() {
        assert_eq!(Usd(199).cut_share(Rate(500_000)), Usd(99));
        assert_eq!(Usd(1).cut_share(Rate(999_999)), Usd(0));
    }
}
