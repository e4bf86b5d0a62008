//! The range before, beside a chart: a second, quieter line, what it came to, and the change.

use maud::{Markup, html};

use super::super::figures::{self, Figure};
use super::super::words::marked;
use super::axis::{Axis, HEIGHT, TOP, WIDTH};

/// The range before that of a chart. Its figures are those of the chart's series together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Before {
    /// What it is: `The 30 days before`.
    pub(crate) label: String,
    /// For each bucket of the chart what it is compared with: `2026-02-01`.
    pub(crate) names: Vec<String>,
    /// For each bucket of the chart the figure of as many days before.
    pub(crate) figures: Vec<Figure>,
    /// What the chart's range came to.
    pub(crate) now: Figure,
    /// What the range before came to.
    pub(crate) then: Figure,
}

impl Before {
    /// What both came to, as a line of text with the key of the line.
    pub(super) fn caption(&self, unit: &str) -> Markup {
        html! {
            p.compared {
                span.key.before aria-hidden="true" {} (marked!("charts-compared", label = self.label, figure = html! { (self.then.bare()) span.unit { " " (unit) } })) " "
                (figures::change(self.now, self.then))
            }
        }
    }

    /// The line through the middles of the buckets, which lie at these hundredths of a per cent.
    pub(super) fn line(&self, axis: &Axis, plot: i128, middle: impl Fn(usize) -> usize) -> String {
        if self.figures.len() < 2 {
            return String::new();
        }
        let points: Vec<String> = self
            .figures
            .iter()
            .enumerate()
            .map(|(at, figure)| format!("{},{}", middle(at), TOP + axis.down(figure.steps(), plot)))
            .collect();
        format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" width=\"100%\" \
             height=\"{HEIGHT}\"><polyline class=\"before\" points=\"{}\"/></svg>",
            points.join(" ")
        )
    }
}
