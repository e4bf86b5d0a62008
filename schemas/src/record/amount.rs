//! Amounts on disk: a tag byte (how many bytes, how many decimals), then the digits as one integer.
//!
//! Most amounts have few digits: `"1500.25"` takes four bytes.

use bincode::de::read::Reader;
use bincode::de::{BorrowDecode, BorrowDecoder};
use bincode::enc::write::Writer;
use bincode::enc::{Encode, Encoder};
use bincode::error::{DecodeError, EncodeError};

use super::RecordError;
use crate::money::{AssetAmount, Usd};

/// How many bytes the digits take, by the upper three bits of the tag.
const WIDTHS: [usize; 8] = [0, 1, 2, 3, 4, 6, 8, 16];

/// The tag's lower bits: how many of the digits stand after the point.
const SCALE_BITS: u32 = 5;

/// The decimals of a USD amount.
const USD_SCALE: u8 = 8;

/// `mantissa × 10^-scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) mantissa: i128,
    pub(super) scale: u8,
}

impl Amount {
    /// Without the zeros at the end that a USD amount in its units has.
    pub(super) fn of_usd(amount: Usd) -> Amount {
        // 64 bits hold all but amounts above 92 billion USD, and divide ten times faster.
        let Ok(mut mantissa) = i64::try_from(amount.0) else {
            return Amount { mantissa: amount.0, scale: USD_SCALE };
        };
        let mut scale = USD_SCALE;
        if mantissa == 0 {
            scale = 0;
        }
        for (zeros, unit) in [(4, 10_000), (4, 10_000), (2, 100), (1, 10)] {
            if scale >= zeros && mantissa % unit == 0 {
                mantissa /= unit;
                scale -= zeros;
            }
        }
        Amount { mantissa: i128::from(mantissa), scale }
    }

    pub(super) fn of_asset(amount: AssetAmount) -> Amount {
        let amount = amount.decimal();
        // An asset amount has 18 decimals at most.
        Amount { mantissa: amount.mantissa(), scale: amount.scale() as u8 }
    }

    pub(super) fn usd(self, field: &'static str) -> Result<Usd, RecordError> {
        const UNITS: [i128; 9] = [100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
        let unit = UNITS.get(usize::from(self.scale)).ok_or(invalid(field, self.scale))?;
        self.mantissa.checked_mul(*unit).map(Usd).ok_or(invalid(field, self.scale))
    }

    pub(super) fn asset(self, field: &'static str) -> Result<AssetAmount, RecordError> {
        AssetAmount::of_digits(self.mantissa, u32::from(self.scale)).ok_or(invalid(field, self.scale))
    }
}

fn invalid(field: &'static str, scale: u8) -> RecordError {
    RecordError::InvalidValue { field, value: u64::from(scale) }
}

impl Encode for Amount {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        // Zigzag: small magnitudes of either sign are small numbers.
        let digits = (self.mantissa << 1 ^ self.mantissa >> 127) as u128;
        let bytes = (128 - digits.leading_zeros()).div_ceil(8) as usize;
        let class = WIDTHS.partition_point(|width| *width < bytes);
        if self.scale >> SCALE_BITS != 0 {
            return Err(EncodeError::Other("an amount has more than 31 decimals"));
        }
        // The widest class holds any 128 bits, so there is one.
        encoder.writer().write(&[(class as u8) << SCALE_BITS | self.scale])?;
        encoder.writer().write(&digits.to_le_bytes()[..WIDTHS[class]])
    }
}

impl<'de, Context> BorrowDecode<'de, Context> for Amount {
    #[inline]
    fn borrow_decode<D: BorrowDecoder<'de, Context = Context>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let reader = decoder.reader();
        let mut tag = [0];
        reader.read(&mut tag)?;
        let digits = match tag[0] >> SCALE_BITS {
            0 => 0,
            1 => read_width::<1>(reader)?,
            2 => read_width::<2>(reader)?,
            3 => read_width::<3>(reader)?,
            4 => read_width::<4>(reader)?,
            5 => read_width::<6>(reader)?,
            6 => read_width::<8>(reader)?,
            _ => {
                let mut bytes = [0; 16];
                reader.read(&mut bytes)?;
                let digits = u128::from_le_bytes(bytes);
                let mantissa = (digits >> 1) as i128 ^ -((digits & 1) as i128);
                return Ok(Amount { mantissa, scale: tag[0] & ((1 << SCALE_BITS) - 1) });
            }
        };
        let mantissa = (digits >> 1) as i64 ^ -((digits & 1) as i64);
        Ok(Amount { mantissa: i128::from(mantissa), scale: tag[0] & ((1 << SCALE_BITS) - 1) })
    }
}

#[inline]
fn read_width<const WIDTH: usize>(reader: &mut impl Reader) -> Result<u64, DecodeError> {
    let mut bytes = [0; 8];
    reader.read(&mut bytes[..WIDTH])?;
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{decoder, put, take};

    fn round_trip(amount: Amount) -> usize {
        let mut bytes = Vec::new();
        put(&amount, &mut bytes);
        assert_eq!(take::<Amount>(&mut decoder(&bytes)).expect("decodes"), amount);
        bytes.len()
    }

    #[test]
    fn an_amount_takes_as_few_bytes_as_its_digits_need() {
        for (text, length) in [
            ("0", 1),
            ("1", 2),
            ("-1", 2),
            ("100", 2),
            ("1500.25", 4),
            ("1.50025", 4),
            ("-0.00000001", 2),
            ("92233720368.54775807", 9),
            ("92233720368.54775808", 17),
            ("-999999999999999.99999999", 17),
        ] {
            let usd = Usd::parse(text).expect("an amount");
            let amount = Amount::of_usd(usd);
            assert_eq!(round_trip(amount), length, "{text}");
            assert_eq!(amount.usd("volume_usd").expect("an amount"), usd, "{text}");
        }
    }

    #[test]
    fn every_width_and_sign_comes_back() {
        for bits in 0..127 {
            for mantissa in [1i128 << bits, (1 << bits) - 1, -(1 << bits), -(1i128 << bits) - 1] {
                round_trip(Amount { mantissa, scale: (bits % 19) as u8 });
            }
        }
        round_trip(Amount { mantissa: i128::MAX, scale: 31 });
        round_trip(Amount { mantissa: i128::MIN, scale: 0 });
    }
}
