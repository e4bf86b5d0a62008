//! A funnel: how many of those who came went on to each stage.

use maud::{Markup, html};

use super::super::figures;
use super::super::words::words;

/// A stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stage<'a> {
    /// What it is.
    pub(crate) label: &'a str,
    /// How many reached it.
    pub(crate) count: u64,
}

/// The stages from the first to the last, each with its share of the first and of the one before.
pub(crate) fn funnel(id: &str, title: &str, note: &str, stages: &[Stage<'_>]) -> Markup {
    let first = stages.first().map_or(0, |stage| stage.count);
    let widest = stages.iter().map(|stage| stage.count).max().unwrap_or(0).max(1);
    html! {
        figure.chart.funnel id=(id) data-live {
            figcaption { span.chart-title { (title) } }
            table {
                caption.visually-hidden { (title) }
                thead { tr {
                    th scope="col" { (words!("charts-stage")) } th.bar-cell scope="col" { span.visually-hidden { (words!("charts-bar")) } } th.num scope="col" { (words!("charts-invitees")) }
                    th.num scope="col" { (words!("charts-of-first")) } th.num scope="col" { (words!("charts-of-stage-before")) }
                } }
                tbody {
                    @for (at, stage) in stages.iter().enumerate() {
                        @let before = at.checked_sub(1).and_then(|at| stages.get(at));
                        tr {
                            th scope="row" { (stage.label) }
                            td.bar-cell { svg.bar width="100%" height="18" aria-hidden="true" {
                                rect class="k1" x="0" y="0" height="18" width={ (u128::from(stage.count) * 100 / u128::from(widest)) "%" } {}
                            } }
                            td.num { (figures::count(stage.count)) }
                            td.num { (share(stage.count, first)) }
                            td.num { @match before { Some(before) => (share(stage.count, before.count)), None => (figures::none()) } }
                        }
                    }
                }
            }
            @if !note.is_empty() { p.hint { (note) } }
        }
    }
}

/// A share in tenths of a per cent, cut; none of nothing.
fn share(part: u64, whole: u64) -> Markup {
    if whole == 0 {
        return figures::none();
    }
    let tenths = u128::from(part) * 1_000 / u128::from(whole);
    html! { (tenths / 10) "." (tenths % 10) "%" }
}
