//! The postings that were made for a trade, by whichever entry.

use maud::{Markup, html};
use projections::views::{Explained, Side};

use super::super::figures;
use crate::words::words;

pub(super) fn draw(explained: &Explained) -> Markup {
    let made_by = |position: u64| match &explained.reversal {
        _ if position == explained.position => words!("explain-by-the-trade"),
        Some(reversal) if position == reversal.position => words!("explain-by-its-reversal"),
        Some(_) | None => words!("explain-by-a-later-entry"),
    };
    html! {
        @if explained.postings.is_empty() {
            p { (words!("explain-no-postings")) }
        } @else {
            section.table-scroll tabindex="0" aria-labelledby="postings-caption" {
                table #posting-lines {
                    caption #postings-caption { (words!("explain-postings-caption")) }
                    thead { tr {
                        th.num scope="col" { (words!("explain-column-position")) } th scope="col" { (words!("explain-made-by")) }
                        th scope="col" { (words!("explain-account")) }
                        th.num scope="col" { (words!("explain-debit")) } th.num scope="col" { (words!("explain-credit")) }
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
