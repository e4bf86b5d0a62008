//! Marks over a chart: what happened in a bucket that may have moved its figures. Each has a number, by which a list
//! beside the chart tells it in words.

use maud::{Markup, html};

use super::axis::{PLOT, TOP, WIDTH, percent};

/// What happened in one bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Which bucket, from 0.
    pub(crate) at: usize,
    /// Its number in the list beside the chart.
    pub(crate) number: usize,
    /// All of it in one line of text.
    pub(crate) says: String,
}

/// Flags nearer to each other than this, in hundredths of a per cent, would cover each other on a telephone.
const NEAR: usize = WIDTH / 14;

/// The marks as flags with a line down to the axis. Of two that stand near each other the later has no flag of its own.
pub(super) fn flags(marks: &[Mark], middle: impl Fn(usize) -> usize) -> Markup {
    let mut last: Option<usize> = None;
    html! {
        @for mark in marks {
            @let x = middle(mark.at);
            @let has_flag = last.is_none_or(|last| x >= last + NEAR);
            line.mark-line x1=(percent(x)) x2=(percent(x)) y1=(TOP - 2) y2=(TOP + PLOT) {}
            @if has_flag {
                @let _ = last.insert(x);
                svg.mark-flag x=(percent(x)) y="0" width="1" height="20" {
                    circle cx="0" cy="10" r="9" {}
                    text x="0" y="14" text-anchor="middle" { (mark.number) }
                }
            }
        }
    }
}
