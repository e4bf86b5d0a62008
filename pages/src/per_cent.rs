//! Rates as people type them: per cent. The rule stands beside the fields (`forms-rate-rule`); what could mean two rates is
//! refused with both of them, for it is money.

use api::{Problem, ProblemKind};
use schemas::Rate;

use super::figures::percent;
use super::submission::Fields;
use super::words::words;

/// Millionths of a per cent, of which a rate has 6 decimals.
const DECIMALS_OF_PER_CENT: usize = 4;
const DECIMALS_OF_SHARE: usize = 6;

/// The rate that a typed text means.
///
/// # Errors
/// In words: what is wrong, or which two rates it could mean.
pub(crate) fn read(typed: &str) -> Result<Rate, String> {
    let typed = typed.trim();
    let (number, has_sign) = match typed.strip_suffix('%') {
        Some(number) => (number.trim_end(), true),
        None => (typed, false),
    };
    let (whole, decimals) = number.split_once('.').map_or((number, None), |(whole, part)| (whole, Some(part)));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !decimals.is_none_or(is_digits) {
        let has_comma = typed.contains(',');
        let says = if has_comma { words!("forms-rate-with-comma") } else { words!("forms-rate-expected") };
        return Err(says.to_owned());
    }
    let decimals = decimals.unwrap_or_default();
    let is_of = |number: &str, bare: &str| number.trim_start_matches('0') == bare;
    let is_nothing_behind = decimals.trim_end_matches('0').is_empty();
    let is_below_one = is_of(whole, "");
    if has_sign || (is_below_one && is_nothing_behind) {
        return scaled(whole, decimals, DECIMALS_OF_PER_CENT);
    }
    if is_below_one && decimals.len() >= 2 {
        return scaled(whole, decimals, DECIMALS_OF_SHARE);
    }
    if is_below_one || (is_of(whole, "1") && is_nothing_behind) {
        let both = [DECIMALS_OF_PER_CENT, DECIMALS_OF_SHARE].map(|places| scaled(whole, decimals, places));
        let [per_cent, share] = both.map(|rate| rate.map_or_else(|_| String::new(), percent));
        return Err(words!("forms-rate-could-mean", typed = typed, one = per_cent, other = share));
    }
    scaled(whole, decimals, DECIMALS_OF_PER_CENT)
}

/// A number with so many decimals at most, in millionths.
fn scaled(whole: &str, decimals: &str, places: usize) -> Result<Rate, String> {
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > places {
        return Err(words!("forms-rate-decimals", most = DECIMALS_OF_PER_CENT));
    }
    let millionths = format!("{whole}{decimals:0<places$}").parse::<u32>().ok();
    let rate = millionths.filter(|millionths| *millionths <= Rate::ONE.0).map(Rate);
    rate.ok_or_else(|| words!("forms-rate-at-most").to_owned())
}

impl Fields {
    /// The rate in a field, as the API takes it. What `was_…` bears is read by the same rule.
    ///
    /// # Errors
    /// If it is none, or could be two: told beside the field.
    pub(crate) fn rate(&self, name: &str) -> Result<String, Problem> {
        let refused = |says| Problem::of_field(ProblemKind::BreaksRule, name, says);
        read(self.get(name)).map(|rate| rate.to_string()).map_err(refused)
    }
}

/// A refusal of a rebate above the base rate in per cent, as its form has them.
pub(crate) fn in_per_cent(problem: Problem, fields: &Fields, bases: [(&str, Rate); 2]) -> Problem {
    let above = bases.into_iter().find_map(|(name, base)| {
        let rebate = read(fields.get(name)).ok().filter(|rebate| *rebate > base)?;
        (problem.field.as_deref() == Some(name)).then_some((rebate, base))
    });
    match above {
        Some((rebate, base)) => {
            let detail = words!("forms-rebate-above", rebate = percent(rebate), base = percent(base));
            Problem { detail, ..problem }
        }
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_per_cent_may_be_written_in_three_ways_and_every_rate_in_one_at_least() {
        let table = [
            ("10", "0.1"),
            ("10%", "0.1"),
            (" 10 % ", "0.1"),
            ("0.10", "0.1"),
            ("0.100000", "0.1"),
            ("12.5", "0.125"),
            ("0.125", "0.125"),
            ("1.5", "0.015"),
            ("1%", "0.01"),
            ("0.5%", "0.005"),
            ("0.0001%", "0.000001"),
            ("0.000001", "0.000001"),
            ("100", "1"),
            ("100.0000%", "1"),
            ("0", "0"),
            ("0.0", "0"),
            ("0%", "0"),
            ("007", "0.07"),
        ];
        for (typed, rate) in table {
            assert_eq!(read(typed).map(|rate| rate.to_string()), Ok(rate.to_owned()), "{typed}");
        }
    }

    #[test]
    fn what_a_page_shows_is_read_as_the_same_rate() {
        for millionths in [0, 1, 99, 4_999, 5_000, 9_999, 10_000, 10_001, 125_000, 400_000, 999_999, 1_000_000] {
            let rate = Rate(millionths);
            assert_eq!(read(&percent(rate)), Ok(rate), "{}", percent(rate));
        }
    }

    #[test]
    fn what_could_be_two_rates_is_refused_with_both() {
        let table = [("1", "1% or 100%"), ("1.0", "1% or 100%"), ("0.5", "0.5% or 50%"), ("0.3", "0.3% or 30%")];
        for (typed, both) in table {
            let says = read(typed).expect_err(typed);
            assert!(says.contains(both) && says.starts_with(typed), "{typed}: {says}");
        }
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        let nines = "9".repeat(5_000);
        for typed in [
            "",
            "%",
            "ten",
            "-1",
            "+5",
            "1e1",
            ".5",
            "5.",
            "10,5",
            "101",
            "100.0001",
            "12.34567",
            "0.1234567",
            "10%%",
            "10 5",
            "１０",
            "NaN",
            &nines,
        ] {
            assert!(read(typed).is_err(), "{typed}");
        }
        assert!(read("12,5").expect_err("no rate").contains("point"));
    }
}
