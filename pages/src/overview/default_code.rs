//! The default code: what to share, and how its fees are split.

use maud::{Markup, html};
use schemas::Rate;

use super::super::figures;
use super::super::link::encoded;
use super::super::parts::{badge, copy};
use super::super::qr;
use super::super::visit::Visit;
use super::Answers;

pub(super) fn show(visit: &Visit, answers: &Answers) -> Markup {
    let Some(row) = &answers.default_code else { return none(visit, answers) };
    let path = format!("/codes/{}", encoded(&row.code));
    html! {
        section.card.default-code #default-code aria-labelledby="default-code-title" {
            div.default-code-text {
                h2 #default-code-title { "Your default code " (standing(answers)) }
                dl.facts {
                    dt { "Code" } dd { (copy("the code", &row.code)) }
                    dt { "Link" } dd { (copy("the link", &row.link)) }
                }
                div.row {
                    @if visit.may_command() { a.button href=(visit.link(path.clone())) { "Edit rates" } }
                    a.button.quiet href=(visit.link("/codes")) { "All codes" }
                }
            }
            table.split {
                caption { "Of each fee" }
                thead { tr { th scope="col" { "Trades" } th.num scope="col" { "You keep" } th.num scope="col" { "Your friend gets" } } }
                tbody {
                    (split("Spot and margin", row.spot_rate, row.spot_rebate_rate))
                    (split("Futures", row.futures_rate, row.futures_rebate_rate))
                }
            }
            div.default-code-qr {
                (qr::draw(&row.link, &format!("QR code of the link of {}", row.code)))
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
        Standing::Approved => badge("good", "Approved affiliate"),
        Standing::Suspended => badge("bad", "Suspended: no commission"),
        Standing::None => html! {},
    }
}

fn none(visit: &Visit, answers: &Answers) -> Markup {
    html! {
        section.card #default-code aria-labelledby="default-code-title" {
            h2 #default-code-title { "No default code " (standing(answers)) }
            p {
                @if answers.codes.is_empty() { "You have no code yet. " } @else { "You have codes, and none of them is the default. " }
                a href=(visit.link("/codes")) { "To the codes" }
            }
        }
    }
}
