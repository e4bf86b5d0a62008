//! Figures as text: grouped, with every digit, their unit said; the API's exact text stands in `data-value`.

use maud::{Markup, html};
use schemas::{Day, Decimal, Rate, Timestamp, Usd};

use super::words::words;

/// A metric's figure: an amount or a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    /// US dollars.
    Money(Usd),
    /// A number of invitees, trades, ….
    Count(u64),
}

impl Figure {
    /// The API's text.
    pub(crate) fn exact(self) -> String {
        match self {
            Figure::Money(usd) => usd.to_string(),
            Figure::Count(count) => count.to_string(),
        }
    }

    /// With its unit, if it has one.
    pub(crate) fn show(self) -> Markup {
        match self {
            Figure::Money(usd) => money(usd),
            Figure::Count(number) => count(number),
        }
    }

    /// Without its unit, which stands elsewhere.
    pub(crate) fn bare(self) -> Markup {
        match self {
            Figure::Money(usd) => amount(usd),
            Figure::Count(number) => count(number),
        }
    }

    /// In short, without its unit: dollars and cents. The exact digits come where it is pointed at, touched or opened
    /// by the keyboard, no script needed. Digits beyond the cents are cut, and of an amount below a cent all are shown,
    /// so that only 0 reads as 0.
    pub(crate) fn short(self) -> Markup {
        let Figure::Money(usd) = self else { return self.bare() };
        let exact = usd.to_string();
        let parts = Parts::of(&exact);
        if parts.tail.is_empty() || usd.0.abs() < Usd::UNITS / 100 {
            return amount(usd);
        }
        let plain = self.plain();
        html! {
            details.exact {
                summary title={ (plain) " USD" } {
                    span.fig data-value=(exact) { (parts.whole) "." (parts.cents) }
                    span.visually-hidden { (words!("figures-every-digit")) }
                }
                span.exact-digits.fig data-value=(exact) { (plain) }
            }
        }
    }

    /// As plain text without unit, for titles and labels.
    pub(crate) fn plain(self) -> String {
        match self {
            Figure::Money(usd) => {
                let parts = Parts::of(&usd.to_string());
                format!("{}.{}{}", parts.whole, parts.cents, parts.tail)
            }
            Figure::Count(count) => grouped(&count.to_string()),
        }
    }

    /// In whole steps of its unit's smallest part, to draw and compare with.
    pub(crate) fn steps(self) -> i128 {
        match self {
            Figure::Money(usd) => usd.0,
            Figure::Count(count) => i128::from(count),
        }
    }
}

/// A decimal in the parts that are shown: `-1,234`, `50`, `123`.
struct Parts {
    whole: String,
    /// Two decimals, which are always shown.
    cents: String,
    /// Those beyond.
    tail: String,
}

impl Parts {
    fn of(exact: &str) -> Parts {
        let (sign, digits) = exact.strip_prefix('-').map_or(("", exact), |digits| ("\u{2212}", digits));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let (cents, tail) = decimals.split_at(decimals.len().min(2));
        Parts { whole: format!("{sign}{}", grouped(whole)), cents: format!("{cents:0<2}"), tail: tail.to_owned() }
    }
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// An amount with its unit.
pub(crate) fn money(usd: Usd) -> Markup {
    html! { (amount(usd)) span.unit { " USD" } }
}

/// An amount whose unit stands elsewhere, as in a column's heading.
pub(crate) fn amount(usd: Usd) -> Markup {
    let exact = usd.to_string();
    let parts = Parts::of(&exact);
    html! {
        span.fig data-usd data-value=(exact) { (parts.whole) "." (parts.cents) @if !parts.tail.is_empty() { span.tail { (parts.tail) } } }
    }
}

/// A count.
pub(crate) fn count(number: u64) -> Markup {
    let exact = number.to_string();
    html! { span.fig data-value=(exact) { (grouped(&exact)) } }
}

/// A rate, as a percentage with every digit.
pub(crate) fn rate(rate: Rate) -> Markup {
    html! { span.fig.pct data-value=(rate) { (percent(rate)) } }
}

/// A rate as plain text: `12.5%`.
pub(crate) fn percent(rate: Rate) -> String {
    format!("{}%", (rate.decimal() * Decimal::ONE_HUNDRED).normalize())
}

/// A UTC day.
pub(crate) fn day(day: Day) -> Markup {
    html! { time.fig datetime=(day) data-value=(day) { (day) } }
}

/// A time, to the second, with its zone; a script may show it in the viewer's. The microseconds stand in `data-value`.
pub(crate) fn time(time: Timestamp) -> Markup {
    let exact = time.to_string();
    let shown = exact.get(..19).unwrap_or(&exact).replace('T', " ");
    html! { time.fig data-zone datetime=(exact) data-value=(exact) { (shown) " UTC" } }
}

/// Says that there is nothing to show.
pub(crate) fn none() -> Markup {
    html! { span.none data-value="" { "–" span.visually-hidden { (words!("figures-none")) } } }
}

/// From so many times less, a figure grew from nearly nothing: a percentage would tell nothing.
const NEW_FROM_TIMES: i128 = 100;

/// How a figure changed against the range before: as a percentage, or that it is new.
pub(crate) fn change(now: Figure, before: Figure) -> Markup {
    let (steps, steps_before) = (now.steps(), before.steps());
    let difference = steps - steps_before;
    let (class, arrow, than) = match difference.signum() {
        1 => ("up", "▲", words!("figures-more-than-before")),
        -1 => ("down", "▼", words!("figures-less-than-before")),
        _ => return html! { span.change.same { (words!("figures-as-before")) } },
    };
    let by = match now {
        Figure::Money(_) => Figure::Money(Usd(difference.abs())).plain() + " USD",
        Figure::Count(_) => grouped(&difference.abs().to_string()),
    };
    let is_new = difference > 0 && steps_before >= 0 && steps / NEW_FROM_TIMES >= steps_before;
    html! {
        span class={ "change " (class) } title=(words!("figures-against-before", by = by, than = than, before = before.plain())) {
            @if is_new {
                (words!("figures-new")) span.visually-hidden { (words!("figures-new-against", before = before.plain())) }
            } @else {
                span aria-hidden="true" { (arrow) } " "
                @if steps_before > 0 {
                    // In tenths of a per cent, cut.
                    @let share = difference.abs() * 1_000 / steps_before;
                    (grouped(&(share / 10).to_string())) "." (share % 10) "%"
                } @else { (by) }
                span.visually-hidden { " " (than) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_and_keep_every_digit() {
        let table = [
            ("0", "0.00"),
            ("12.5", "12.50"),
            ("1234567.00000001", "1,234,567.00000001"),
            ("-1000", "\u{2212}1,000.00"),
            ("999", "999.00"),
            ("-0.12345678", "\u{2212}0.12345678"),
        ];
        for (exact, shown) in table {
            let usd = Usd::parse(exact).expect("an amount");
            assert_eq!(Figure::Money(usd).plain(), shown);
            assert!(amount(usd).into_string().contains(&format!("data-value=\"{exact}\"")), "{exact}");
        }
        assert_eq!(Figure::Count(1_234_567).plain(), "1,234,567");
    }

    #[test]
    fn an_amount_in_short_keeps_its_digits_within_reach_and_is_never_0_unless_it_is() {
        let short = |exact| Figure::Money(Usd::parse(exact).expect("an amount")).short().into_string();
        let shown = short("91236.44999999");
        assert!(shown.contains(">91,236.44<") && shown.contains("title=\"91,236.44999999 USD\""), "{shown}");
        assert!(shown.contains("<summary") && shown.contains(">91,236.44999999<"), "{shown}");
        for exact in ["0", "12.5", "0.00999999", "-0.00000001"] {
            assert!(!short(exact).contains("<summary"), "{exact} has nothing to open");
        }
        assert!(short("-0.00000001").contains("00000001"));
    }

    #[test]
    fn rates_are_percentages_with_every_digit() {
        for (rate, shown) in [("0", "0%"), ("1", "100%"), ("0.2", "20%"), ("0.125", "12.5%"), ("0.000001", "0.0001%")] {
            assert_eq!(percent(Rate::parse(rate).expect("a rate")), shown);
        }
    }

    #[test]
    fn a_change_says_how_much_against_what() {
        let of = |now, before| change(Figure::Count(now), Figure::Count(before)).into_string();
        assert!(of(150, 100).contains("50.0%") && of(150, 100).contains("more than the range before"));
        assert!(of(50, 100).contains("less than the range before"));
        assert!(of(1_200, 100).contains("1,100.0%"), "{}", of(1_200, 100));
        for (now, before) in [(5, 0), (100, 1), (90_000, 12)] {
            let says = of(now, before);
            assert!(says.contains(">new<") && !says.contains('%') && says.contains("the range before: "), "{says}");
        }
        let earned = |now, before| change(Figure::Money(Usd(now)), Figure::Money(Usd(before))).into_string();
        assert!(earned(Usd::UNITS, -Usd::UNITS).contains("2.00 USD"), "a share of what was taken back says nothing");
        assert!(of(7, 7).contains("as the range before"));
    }
}
