//! What a split gives of a fee of 100 USD, in money: told by the server, and by a script while rates are typed or moved.

use maud::{Markup, html};
use projections::views::{Account, Standing};
use schemas::{Rate, Usd};

use super::figures;
use super::forms::Filled;
use super::parts::more;
use super::per_cent;
use super::words::words;

/// The fee that is split.
const FEE: Usd = Usd(100 * Usd::UNITS);
/// The examples: how much of the base rate the friend gets, in quarters.
const QUARTERS: [u32; 5] = [0, 1, 2, 3, 4];

/// What both get of the fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Split {
    referrer: Usd,
    friend: Usd,
}

/// The amounts of SPEC 2: the total by the base rate, the friend's by the rebate rate, the rest for the referrer. None
/// where the rebate lies above the base rate, as no code can have it.
fn split(base: Rate, rebate: Rate, is_suspended: bool) -> Option<Split> {
    let friend = FEE.cut_share(rebate);
    let kept = FEE.cut_share(base) - friend;
    let referrer = if is_suspended { Usd::ZERO } else { kept };
    (rebate <= base).then_some(Split { referrer, friend })
}

/// The split of what two rate fields of a form hold, and examples.
pub(crate) fn draw(form: &str, account: &Account, filled: &Filled) -> Markup {
    let is_suspended = account.status == Standing::Suspended;
    let line = |name: &str, label: &str, base: Rate| {
        let rebate = per_cent::read(filled.value(name)).ok();
        let split = rebate.and_then(|rebate| split(base, rebate, is_suspended));
        html! {
            tr data-rate=(name) data-base=(base) data-suspended[is_suspended] {
                th scope="row" { (label) }
                td.num data-of="referrer" { @match split { Some(split) => (figures::amount(split.referrer)), None => (figures::none()) } }
                td.num data-of="friend" { @match split { Some(split) => (figures::amount(split.friend)), None => (figures::none()) } }
            }
        }
    };
    html! {
        table.preview id={ (form) "-preview" } data-preview aria-live="polite" {
            caption { @if is_suspended { (words!("forms-of-a-fee-suspended")) } @else { (words!("forms-of-a-fee")) } }
            thead { tr { th scope="col" { (words!("forms-fee-of")) } th.num scope="col" { (words!("forms-you-get")) } th.num scope="col" { (words!("forms-friend-gets")) } } }
            tbody {
                (line("spot_rebate_rate", words!("trades-spot-and-margin"), account.spot_rate))
                (line("futures_rebate_rate", words!("trades-futures"), account.futures_rate))
            }
        }
        (more(words!("forms-examples"), html! {
            (examples(words!("trades-spot-and-margin"), account.spot_rate, is_suspended))
            (examples(words!("trades-futures"), account.futures_rate, is_suspended))
        }))
    }
}

/// What some rates would give.
fn examples(label: &str, base: Rate, is_suspended: bool) -> Markup {
    html! {
        table.preview {
            caption { (words!("forms-examples-of", what = label)) }
            thead { tr { th scope="col" { (words!("forms-example-friend-gets")) } th.num scope="col" { (words!("forms-example-you")) } th.num scope="col" { (words!("forms-example-friend")) } } }
            tbody {
                @for quarters in QUARTERS {
                    @let rebate = Rate(base.0 / 4 * quarters + base.0 % 4 * quarters / 4);
                    @if let Some(split) = split(base, rebate, is_suspended) {
                        tr {
                            th scope="row" { (figures::percent(rebate)) }
                            td.num { (figures::Figure::Money(split.referrer).plain()) }
                            td.num { (figures::Figure::Money(split.friend).plain()) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_parts_add_up_to_the_base_rate_of_the_fee() {
        let rate = |text| Rate::parse(text).expect("a rate");
        let table = [
            ("0.4", "0.1", false, Some(("30", "10"))),
            ("0.4", "0.4", false, Some(("0", "40"))),
            ("0.4", "0", false, Some(("40", "0"))),
            ("0.123456", "0.000001", false, Some(("12.3455", "0.0001"))),
            ("0.4", "0.1", true, Some(("0", "10"))),
            ("0.4", "0.400001", false, None),
        ];
        for (base, rebate, is_suspended, expected) in table {
            let split = split(rate(base), rate(rebate), is_suspended);
            let shown = split.map(|split| (split.referrer.to_string(), split.friend.to_string()));
            let expected = expected.map(|(referrer, friend): (&str, &str)| (referrer.to_owned(), friend.to_owned()));
            assert_eq!(shown, expected, "{base} {rebate}");
        }
    }
}
