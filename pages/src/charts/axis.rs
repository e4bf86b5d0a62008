//! A value axis: round steps around all values, and how they are written.

use schemas::Usd;

use super::super::figures::Figure;
use super::super::language::Language;

/// A plot's height in pixels, with room for marks above and the buckets' labels below.
pub(super) const HEIGHT: i128 = 212;
/// How far below the top its highest value stands.
pub(super) const TOP: i128 = 22;
/// How far below that its lowest value stands.
pub(super) const PLOT: i128 = 164;
/// The whole width, in hundredths of a per cent.
pub(super) const WIDTH: usize = 10_000;
/// About so many lines stand across a chart.
const LINES: i128 = 4;

/// A value axis from a round value to a round value, with 0 on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    low: i128,
    high: i128,
    step: i128,
}

impl Axis {
    /// An axis that holds all these values. `least` is the smallest step that makes sense: 1 for counts.
    pub(super) fn around(values: impl Iterator<Item = i128>, least: i128) -> Axis {
        let (low, high) = values.fold((0, 0), |(low, high): (i128, i128), value| (low.min(value), high.max(value)));
        let step = round_up((high - low).div_euclid(LINES).max(least));
        let low = low.div_euclid(step) * step;
        let high = -(-high).div_euclid(step) * step;
        Axis { low, high: high.max(low + step), step }
    }

    /// The round values, from the lowest to the highest.
    pub(super) fn lines(&self) -> impl Iterator<Item = i128> {
        let (low, step) = (self.low, self.step);
        (0..=(self.high - self.low) / step).map(move |at| low + at * step)
    }

    /// How many of so many pixels a value stands below the top.
    pub(super) fn down(&self, value: i128, pixels: i128) -> i128 {
        (self.high - value) * pixels / (self.high - self.low)
    }
}

/// Hundredths of a per cent as SVG takes them.
pub(super) fn percent(hundredths: usize) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// The next of 1, 2, 5, 10, 20, … that is not below.
fn round_up(value: i128) -> i128 {
    let mut decade = 1;
    while decade * 10 <= value {
        decade *= 10;
    }
    [1, 2, 5].into_iter().map(|times| times * decade).find(|step| *step >= value).unwrap_or(10 * decade)
}

/// A round value in few characters, as its language counts: `1.5M`, `20k`, `0.05`; `150万`, `2万`. Round values lose no digit by it.
pub(super) fn label(value: i128, like: Figure) -> String {
    let exact = match like {
        Figure::Money(_) => Usd(value).to_string(),
        Figure::Count(_) => value.to_string(),
    };
    let digits = exact.trim_start_matches('-').len();
    let sign = if value < 0 { "\u{2212}" } else { "" };
    let digits_of = |zeros: usize, letter: &str| {
        let text = exact.trim_start_matches('-');
        let (whole, part) = text.split_at(digits - zeros);
        let part = part.trim_end_matches('0');
        let point = if part.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{part}{letter}")
    };
    if exact.contains('.') {
        return format!("{sign}{}", exact.trim_start_matches('-'));
    }
    match (Language::now(), digits) {
        (Language::Chinese, 5..=8) => digits_of(4, "万"),
        (Language::Chinese, 9..) => digits_of(8, "亿"),
        (Language::Chinese, _) | (Language::English, 0..=3) => digits_of(0, ""),
        (Language::English, 4..=6) => digits_of(3, "k"),
        (Language::English, 7..=9) => digits_of(6, "M"),
        (Language::English, _) => digits_of(9, "bn"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::language::speaking_within;
    use super::*;

    #[test]
    fn an_axis_has_round_steps_and_holds_all_values() {
        for values in [vec![], vec![0], vec![7, 93, 12], vec![-5, 3], vec![-1], vec![1_234_567_890_123]] {
            let axis = Axis::around(values.iter().copied(), 1);
            let lines: Vec<i128> = axis.lines().collect();
            assert!(lines.contains(&0), "{values:?} {lines:?}");
            assert!((2..=8).contains(&lines.len()), "{values:?} {lines:?}");
            for value in values {
                assert!((0..=100).contains(&axis.down(value, 100)), "{value} {axis:?}");
            }
        }
    }

    #[test]
    fn round_values_are_short() {
        let count = |value| label(value, Figure::Count(0));
        let table =
            [(0, "0"), (500, "500"), (1_500, "1.5k"), (20_000, "20k"), (2_500_000, "2.5M"), (-200, "\u{2212}200")];
        for (value, text) in table {
            assert_eq!(count(value), text);
        }
        let table = [
            (500, "500"),
            (1_500, "1500"),
            (20_000, "2万"),
            (1_500_000, "150万"),
            (200_000_000, "2亿"),
            (-50_000, "\u{2212}5万"),
        ];
        for (value, text) in table {
            assert_eq!(speaking_within(Language::Chinese, || count(value)), text);
        }
        assert_eq!(label(5_000_000, Figure::Money(Usd(0))), "0.05");
        assert_eq!(label(150_000_000_000, Figure::Money(Usd(0))), "1.5k");
    }
}
