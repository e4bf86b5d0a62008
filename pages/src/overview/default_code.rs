//! The default code: what to share, and how its fees are split.

use maud::{Markup, html};
use schemas::Rate;

use super::super::figures;
use super::super::link::encoded;
use super::super::parts::{badge, copy};
use super::super::qr;
use super::super::visit::Visit;
use super::Answers;
use crate::words::words;

pub(super) fn show(visit: &Visit, answers: &Answers) -> Markup {
    let Some(row) = &answers.default_code else { return none(visit, answers) };
    let path = format!("/codes/{}", encoded(&row.code));
    html! {
        section.card.default-code #default-code aria-labelledby="default-code-title" {
            div.default-code-text {
                h2 #default-code-title { (words!("overview-default-code")) " " (standing(answers)) }
                dl.facts {
                    dt { (words!("overview-code")) } dd { (copy(words!("overview-the-code"), &row.code)) }
                    dt { (words!("overview-link")) } dd { (copy(words!("overview-the-link"), &row.link)) }
                }
                div.row {
                    @if visit.may_command() { a.button href=(visit.link(path.clone())) { (words!("overview-edit-rates")) } }
                    a.button.quiet href=(visit.link("/codes")) { (words!("overview-all-codes")) }
                }
            }
            table.split {
                caption { (words!("overview-of-each-fee")) }
                thead { tr { th scope="col" { (words!("overview-trades")) } th.num scope="col" { (words!("overview-you-keep")) } th.num scope="col" { (words!("overview-friend-gets")) } } }
                tbody {
                    (split(words!("trades-spot-and-margin"), row.spot_rate, row.spot_rebate_rate))
                    (split(words!("overview-futures"), row.futures_rate, row.futures_rebate_rate))
                }
            }
            div.default-code-qr {
                (qr::draw(&row.link, &words!("overview-qr", code = row.code)))
                div.row {
                    a href=(visit.link(format!("{path}/qr.svg"))) download { "SVG" }
                    a href=(visit.link(format!("{path}/qr.png"))) download { "PNG" }
                }
            }
        }
    }
}

fn split(trades: &str, keeps: Rate, gives: Rate) -> Markup {
    html! { tr { th scope="row" { (trades) } td.num { (figures::rate(keeps)) } td.num { (figures::rate(gives)) } } }
}

fn standing(answers: &Answers) -> Markup {
    use projections::views::Standing;
    match answers.account.status {
        Standing::Approved => badge("good", words!("overview-approved")),
        Standing::Suspended => badge("bad", words!("overview-suspended-no-commission")),
        Standing::None => html! {},
    }
}

fn none(visit: &Visit, answers: &Answers) -> Markup {
    html! {
        section.card #default-code aria-labelledby="default-code-title" {
            h2 #default-code-title { (words!("overview-no-default-code")) " " (standing(answers)) }
            p {
                @if answers.codes.is_empty() { (words!("overview-no-code-yet")) } @else { (words!("overview-none-is-default")) }
                " "
                a href=(visit.link("/codes")) { (words!("overview-to-codes")) }
            }
        }
    }
}
