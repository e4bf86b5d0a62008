//! A decimal as text, made in one piece: amounts are written by the million, in exports and answers.

use std::fmt;

/// Digits of an `i128`, its sign, a point.
const BYTES_MAX: usize = 41;

/// The text of `mantissa × 10^-scale`: no zeros at the end beyond the point, no point without decimals.
#[derive(Clone, Copy, Debug)]
pub struct DecimalText {
    bytes: [u8; BYTES_MAX],
    /// Where the text begins: it is written from its end.
    start: usize,
}

impl DecimalText {
    /// The text of a decimal with so many digits behind the point, 18 at most.
    #[must_use]
    pub fn new(mantissa: i128, scale: u32) -> DecimalText {
        let mut text = DecimalText { bytes: [0; BYTES_MAX], start: BYTES_MAX };
        let magnitude = mantissa.unsigned_abs();
        let unit = 10u64.pow(scale);
        // Almost all amounts fit into 64 bits, in which dividing takes a tenth of the time.
        let (whole, fraction) = match u64::try_from(magnitude) {
            Ok(magnitude) => (Ok(magnitude / unit), magnitude % unit),
            // What is left of a division by 64 bits fits into them.
            Err(_) => (Err(magnitude / u128::from(unit)), (magnitude % u128::from(unit)) as u64),
        };
        text.put_fraction(fraction, scale);
        match whole {
            Ok(whole) => text.put_whole(whole),
            Err(whole) => text.put_large(whole),
        }
        if mantissa < 0 {
            text.put(b'-');
        }
        text
    }

    /// The text in ASCII.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    fn put(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[self.start] = byte;
    }

    fn put_fraction(&mut self, mut fraction: u64, scale: u32) {
        if fraction == 0 {
            return;
        }
        let mut width = scale;
        while width > 4 && fraction.is_multiple_of(10_000) {
            fraction /= 10_000;
            width -= 4;
        }
        while fraction.is_multiple_of(10) {
            fraction /= 10;
            width -= 1;
        }
        while width >= 2 {
            self.put_pair(fraction % 100);
            fraction /= 100;
            width -= 2;
        }
        if width == 1 {
            self.put(b'0' + fraction as u8);
        }
        self.put(b'.');
    }

    fn put_whole(&mut self, mut whole: u64) {
        while whole >= 100 {
            self.put_pair(whole % 100);
            whole /= 100;
        }
        if whole >= 10 {
            self.put_pair(whole);
        } else {
            self.put(b'0' + whole as u8);
        }
    }

    fn put_large(&mut self, mut whole: u128) {
        loop {
            self.put(b'0' + (whole % 10) as u8);
            whole /= 10;
            if whole == 0 {
                return;
            }
        }
    }

    /// Puts the two digits of a number below 100.
    fn put_pair(&mut self, pair: u64) {
        self.put(b'0' + (pair % 10) as u8);
        self.put(b'0' + (pair / 10) as u8);
    }
}

impl fmt::Display for DecimalText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(std::str::from_utf8(self.as_bytes()).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(mantissa: i128, scale: u32) -> String {
        String::from_utf8(DecimalText::new(mantissa, scale).as_bytes().to_vec()).expect("ASCII")
    }

    #[test]
    fn the_longest_fit() {
        assert_eq!(text(i128::MIN, 0), "-170141183460469231731687303715884105728");
        assert_eq!(text(i128::MIN, 18), "-170141183460469231731.687303715884105728");
        assert_eq!(text(i128::MAX, 8), "1701411834604692317316873037158.84105727");
        assert_eq!(text(0, 18), "0");
        assert_eq!(text(1, 18), "0.000000000000000001");
        assert_eq!(text(-1_000, 3), "-1");
        assert_eq!(text(i128::from(u64::MAX) + 1, 0), "18446744073709551616");
    }

    proptest! {
        #[test]
        fn it_is_read_back_to_the_last_digit(mantissa in prop_oneof![any::<i64>().prop_map(i128::from), any::<i128>()], scale in 0u32..=18) {
            let text = text(mantissa, scale);
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
            prop_assert!(!fraction.ends_with('0'));
            prop_assert_eq!(text.ends_with('.'), false);
            let digits = format!("{whole}{fraction:0<width$}", width = scale as usize);
            prop_assert_eq!(digits.parse::<i128>(), Ok(mantissa));
        }
    }
}
