//! The arithmetic of a trade written out: fee times rate, cut to 8 decimals.

use maud::{Markup, html};
use projections::views::{Explained, RateInForce, TradeRules};
use schemas::{DecimalText, Rate, Usd};

use super::super::figures::{self, Figure};
use super::super::trades::TradeEvent;
use crate::words::words;

pub(super) fn draw(explained: &Explained, trade: &TradeEvent<'_>, rules: &TradeRules) -> Markup {
    let rates = (rate(&explained.base_rate), rate(&explained.rebate_rate));
    html! {
        @match rates {
            (Some(base), Some(rebate)) if explained.eligible => {
                p { (words!("explain-cut")) }
                dl.arithmetic {
                    @if rules.is_suspended {
                        dt { (words!("explain-rebate")) } dd { (words!("explain-fee-by-rebate-rate")) " = " (product(trade.fee_usd, rebate)) (explained_as(explained.rebate)) }
                        dt { (words!("explain-commission")) } dd { (words!("explain-none-as-suspended")) (explained_as(explained.commission)) }
                        dt { (words!("explain-total")) } dd { (words!("explain-rebate-alone")) (explained_as(explained.total)) }
                    } @else {
                        dt { (words!("explain-total")) } dd { (words!("explain-fee-by-base-rate")) " = " (product(trade.fee_usd, base)) (explained_as(explained.total)) }
                        dt { (words!("explain-rebate")) } dd { (words!("explain-fee-by-rebate-rate")) " = " (product(trade.fee_usd, rebate)) (explained_as(explained.rebate)) }
                        dt { (words!("explain-commission")) }
                        dd {
                            (words!("explain-total-less-rebate")) " = " (plain(explained.total)) " − " (plain(explained.rebate)) " = " (plain(explained.commission))
                            (explained_as(explained.commission))
                        }
                    }
                }
            },
            _ => p { (words!("explain-all-are-0")) },
        }
    }
}

fn rate(rate: &Option<RateInForce>) -> Option<Rate> {
    rate.as_ref().map(|rate| rate.rate)
}

fn plain(amount: Usd) -> String {
    Figure::Money(amount).plain()
}

fn explained_as(amount: Usd) -> Markup {
    html! { span.result { " → " (figures::money(amount)) } }
}

/// `10 × 0.4 = 4`, with the cut where there is one.
fn product(fee: Usd, rate: Rate) -> String {
    let whole = exact_product(fee, rate);
    let cut = fee.cut_share(rate);
    let product = format!("{fee} × {rate} = {whole}");
    if cut.to_string() == whole { product } else { words!("explain-product-cut", product = product, cut = cut) }
}

/// The product with all of its up to 14 decimals.
fn exact_product(fee: Usd, rate: Rate) -> String {
    // NOTE: a `Decimal` rounds a product of 29 digits, so it is formed as an integer (decision 0013).
    DecimalText::new(fee.0 * i128::from(rate.0), 14).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_shown_whole_and_its_cut_beside_it() {
        let table = [
            ("10", "0.4", "10 × 0.4 = 4"),
            ("1.23456789", "0.123456", "1.23456789 × 0.123456 = 0.15241481342784, cut to 8 decimals 0.15241481"),
            ("0.00000001", "0.5", "0.00000001 × 0.5 = 0.000000005, cut to 8 decimals 0"),
            ("0", "1", "0 × 1 = 0"),
            ("-3", "0.1", "-3 × 0.1 = -0.3"),
            (
                "999999999999999.99999999",
                "0.999999",
                "999999999999999.99999999 × 0.999999 = 999998999999999.99999999000001, cut to 8 decimals 999998999999999.99999999",
            ),
        ];
        for (fee, rate, shown) in table {
            let (fee, rate) = (Usd::parse(fee).expect("an amount"), Rate::parse(rate).expect("a rate"));
            assert_eq!(product(fee, rate), shown);
        }
    }
}
