//! Money as we read, print and cut it is what `rust_decimal` says of the same digits; and where that would round, ours
//! does not (`docs/decisions/0013-decimal.md`).

use proptest::prelude::*;
use schemas::money::DecimalError;
use schemas::{AssetAmount, Decimal, Rate, Usd};

/// The largest magnitude of a decimal's digits.
const DECIMAL_MAX: i128 = (1 << 96) - 1;

/// Texts of the contract's form, at and beyond every border: digits, decimals, zeros at either end, either sign.
fn decimals() -> impl Strategy<Value = String> {
    let whole = prop_oneof![Just("0".to_owned()), "[1-9][0-9]{0,16}", "9{13,17}", "[1-9]0{13,16}", "[1-9][0-9]{17,40}"];
    let fraction = prop_oneof![
        Just(String::new()),
        "\\.[0-9]{1,9}",
        "\\.0{1,9}",
        "\\.[0-9]{1,6}0{1,3}",
        "\\.9{8,20}",
        "\\.[0-9]{10,40}"
    ];
    (any::<bool>(), whole, fraction)
        .prop_map(|(negative, whole, fraction)| format!("{}{whole}{fraction}", if negative { "-" } else { "" }))
}

/// Texts that are nearly decimals.
fn near_decimals() -> impl Strategy<Value = String> {
    prop_oneof!["[-+]?[0-9]{0,4}[.,]?[0-9]{0,4}", "[-+0-9.eE_ ]{0,8}", "\\PC{0,6}"]
}

/// Digits, and how many of them stand behind the point, counted as written.
fn counted(text: &str) -> (usize, usize) {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let behind = digits.split_once('.').map_or(0, |(_, behind)| behind.len());
    (digits.len() - usize::from(digits.contains('.')), behind)
}

/// What `rust_decimal` reads; `None` where it would have to round.
fn exact(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).ok()
}

fn is_of_the_form(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, behind)| (whole, Some(behind)));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits(whole) && (whole == "0" || !whole.starts_with('0')) && fraction.is_none_or(are_digits)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// SPEC 1: at most 8 decimals, a magnitude below 10^15.
    #[test]
    fn usd_is_read_as_the_decimal_that_it_says(text in decimals()) {
        let (_, behind) = counted(&text);
        let within = exact(&text).filter(|amount| behind <= 8 && amount.abs() < Decimal::from(1_000_000_000_000_000u64));
        match Usd::parse(&text) {
            Ok(usd) => prop_assert_eq!(Some(usd.decimal().expect("an event's amount has 23 digits")), within),
            Err(DecimalError::TooManyDecimals { max }) => prop_assert!(max == 8 && behind > 8),
            Err(DecimalError::TooLarge) => prop_assert!(behind <= 8 && within.is_none()),
            Err(DecimalError::NotADecimal) => prop_assert!(false, "{} is of the form", text),
        }
    }

    /// SPEC 1: at most 18 decimals and 28 digits in all. All of them fit.
    #[test]
    fn an_asset_amount_is_read_as_the_decimal_that_it_says(text in decimals()) {
        let (digits, behind) = counted(&text);
        let read = AssetAmount::parse(&text);
        prop_assert_eq!(read.is_ok(), digits <= 28 && behind <= 18, "{}", text);
        if let Ok(amount) = read {
            let said = exact(&text).expect("28 digits fit");
            prop_assert_eq!(amount.decimal(), said);
            prop_assert_eq!(AssetAmount::of(said), Some(amount));
            prop_assert_eq!(amount.is_negative(), said.is_sign_negative() && !said.is_zero());
        }
    }

    /// SPEC 1: 0 to 1 with at most 6 decimals.
    #[test]
    fn a_rate_is_read_as_the_decimal_that_it_says(text in prop_oneof![decimals(), "-?[01](\\.[0-9]{1,7})?", "[01](\\.0{1,7})?"]) {
        let (_, behind) = counted(&text);
        let within = exact(&text).filter(|rate| behind <= 6 && (Decimal::ZERO..=Decimal::ONE).contains(rate));
        prop_assert_eq!(Rate::parse(&text).ok().map(Rate::decimal), within, "{}", text);
    }

    /// What is no decimal of the contract's form is none of ours, whatever else reads it.
    #[test]
    fn nothing_but_the_form_is_read(text in near_decimals()) {
        let refused = Err(DecimalError::NotADecimal);
        prop_assert_eq!(Usd::parse(&text).map(|_| ()) == refused, !is_of_the_form(&text), "{}", text);
        prop_assert_eq!(AssetAmount::parse(&text).map(|_| ()) == refused, !is_of_the_form(&text), "{}", text);
        prop_assert_eq!(Rate::parse(&text).map(|_| ()) == refused, !is_of_the_form(&text), "{}", text);
    }

    #[test]
    fn what_is_printed_is_what_the_decimal_prints_without_zeros_at_its_end(
        units in prop_oneof![-DECIMAL_MAX..=DECIMAL_MAX, -1_000i128..=1_000, (0u32..29).prop_map(|zeros| -(10i128.pow(zeros)))],
        scale in 0u32..=18,
        millionths in 0u32..=1_000_000,
    ) {
        let of = |digits, scale| Decimal::from_i128_with_scale(digits, scale).normalize();
        prop_assert_eq!(Usd(units).to_string(), of(units, 8).to_string());
        prop_assert_eq!(Usd(units).decimal(), Some(of(units, 8)));
        prop_assert_eq!(Rate(millionths).to_string(), of(i128::from(millionths), 6).to_string());
        let amount = of(units, scale);
        if let Some(asset) = AssetAmount::of(amount) {
            prop_assert_eq!(asset.to_string(), amount.to_string());
            prop_assert_eq!(AssetAmount::parse(&asset.to_string()), Ok(asset));
        } else {
            prop_assert!(units.abs() >= 10i128.pow(28), "{} is within the limits", amount);
        }
    }

    /// `cut(fee × rate)` is toward zero, to 8 decimals, for every fee that an event may have (SPEC 2).
    #[test]
    fn a_share_is_the_product_cut(
        fee in prop_oneof![-1_000_000_000i128..=1_000_000_000, (1 - Usd::EVENT_LIMIT)..Usd::EVENT_LIMIT, Just(Usd::EVENT_LIMIT - 1), Just(1 - Usd::EVENT_LIMIT)],
        millionths in prop_oneof![0u32..=1_000_000, Just(999_999), (0u32..=6).prop_map(|zeros| 10u32.pow(zeros))],
    ) {
        let (fee, rate) = (Usd(fee), Rate(millionths));
        // In two parts of the fee, each of whose products is exact: above and below a thousand million units.
        let (high, low) = (fee.0 / 1_000_000_000, fee.0 % 1_000_000_000);
        let [high, low] = [(high * 10, 0), (low, 8)].map(|(digits, scale)| Decimal::from_i128_with_scale(digits, scale) * rate.decimal());
        prop_assert!(high.scale() <= 6 && low.scale() <= 14, "neither was rounded");
        let (whole, cut) = (high.trunc() + low.trunc(), ((high.fract() + low.fract()).trunc_with_scale(8)));
        prop_assert_eq!(fee.cut_share(rate).decimal(), Some(whole + cut));
    }
}

/// Why what is multiplied and added up stays an integer: a decimal rounds where its 96 bits end.
#[test]
fn a_decimal_would_round_the_product_that_an_integer_holds() {
    let (fee, rate) = (Usd(Usd::EVENT_LIMIT - 1), Rate(999_999));
    let product = fee.decimal().expect("23 digits") * rate.decimal();
    assert!(product.scale() < 14, "29 digits do not fit");
    let digits = fee.0 * i128::from(rate.0);
    assert!(digits > DECIMAL_MAX);
    assert_eq!(fee.cut_share(rate), Usd(digits / 1_000_000));
}

/// A sum may have more digits than a decimal holds: it is printed all the same.
#[test]
fn a_sum_beyond_a_decimal_is_printed_whole() {
    for (units, text) in
        [(DECIMAL_MAX, "792281625142643375935.43950335"), (DECIMAL_MAX + 1, "792281625142643375935.43950336")]
    {
        assert_eq!(Usd(units).to_string(), text);
        assert_eq!(Usd(-units).to_string(), format!("-{text}"));
        assert_eq!(Usd(units).decimal().is_some(), units <= DECIMAL_MAX);
    }
}
