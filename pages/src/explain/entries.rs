//! The postings that were made for a trade, by whichever entry.

use maud::{Markup, html};
use projections::views::{Explained, Side};

use super::super::figures;

pub(super) fn draw(explained: &Explained) -> Markup {
    let made_by = |position: u64| match &explained.reversal {
        _ if position == explained.position => "the trade itself",
        Some(reversal) if position == reversal.position => "its reversal",
        Some(_) | None => "an entry that came later and changed what it comes to",
    };
    html! {
        @if explained.postings.is_empty() {
            p { "None: postings of amount 0 are left out." }
        } @else {
            section.table-scroll tabindex="0" aria-labelledby="postings-caption" {
                table #posting-lines {
                    caption #postings-caption { "Every posting made for this trade. What is debited and what is credited add up to the same at every position." }
                    thead { tr {
                        th.num scope="col" { "Position" } th scope="col" { "Made by" } th scope="col" { "Account" }
                        th.num scope="col" { "Debit, USD" } th.num scope="col" { "Credit, USD" }
                    } }
                    tbody {
                        @for line in &explained.postings {
                            tr {
                                th.num scope="row" { (figures::count(line.position)) }
                                td { (made_by(line.position)) }
                                td { code { (line.account) } }
                                td.num { @if line.side == Side::Debit { (figures::amount(line.amount)) } }
                                td.num { @if line.side == Side::Credit { (figures::amount(line.amount)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
