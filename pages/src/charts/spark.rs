//! A spark line: how a figure went, in the height of a line of text.

use maud::{Markup, html};

use super::super::figures::Figure;

const WIDTH: i128 = 100;
const HEIGHT: i128 = 22;

/// The line through figures. It says nothing that the page does not say elsewhere, so it is not read out.
pub(crate) fn spark(figures: &[Figure]) -> Markup {
    let steps: Vec<i128> = figures.iter().map(|figure| figure.steps()).collect();
    let (low, high) = steps.iter().fold((0, 0), |(low, high): (i128, i128), value| (low.min(*value), high.max(*value)));
    let (span, count) = ((high - low).max(1), steps.len() as i128);
    let points: Vec<String> = steps
        .iter()
        .zip(0_i128..)
        .map(|(value, at)| {
            let x = if count > 1 { at * WIDTH / (count - 1) } else { WIDTH / 2 };
            format!("{x},{}", 1 + (high - value) * HEIGHT / span)
        })
        .collect();
    html! {
        svg.spark viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            @if count > 1 { polyline points=(points.join(" ")) {} }
        }
    }
}
