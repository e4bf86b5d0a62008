//! The metrics as cards: the first in large with its course beside it, the others below in rows that come out even.
//! Each has its definition, its change against the range before, and how it went.

use maud::{Markup, html};

use super::super::charts::spark;
use super::super::figures::{self, Figure};
use super::super::metrics::Metric;
use super::super::parts::more;
use super::super::ranges::days;
use super::super::visit::Visit;
use super::Answers;
use super::choice::Choice;
use super::course;
use crate::words::{marked, words};

pub(super) fn show(visit: &Visit, choice: &Choice, answers: &Answers) -> Markup {
    let mut shown = choice.shown();
    let first = shown.next();
    let rest: Vec<Metric> = shown.collect();
    html! {
        section.metrics aria-labelledby="cards-title" {
            h2.visually-hidden #cards-title { (words!("overview-metrics")) }
            @if let Some(first) = first { (hero(visit, first, answers)) }
            @if !rest.is_empty() {
                div class={ "cards even even-" (columns(rest.len())) } { @for metric in rest { (card(metric, answers)) } }
            }
            @if let Some(before) = answers.before() {
                p.hint {
                    (marked!("overview-changes-are-against", days = days(before.from, before.to), from = figures::day(before.from), to = figures::day(before.to)))
                }
            }
        }
    }
}

/// How many cards a row has on a wide screen: as many as let the last row come out full, or else the fullest.
fn columns(cards: usize) -> usize {
    let in_last_row = |columns: usize| match cards % columns {
        0 => columns,
        left => left,
    };
    let is_full = |columns: &usize| in_last_row(*columns) == *columns;
    let wide = [5, 4, 3];
    wide.into_iter().find(is_full).or_else(|| wide.into_iter().max_by_key(|columns| in_last_row(*columns))).unwrap_or(5)
}

/// The first metric, with its course beside it.
fn hero(visit: &Visit, metric: Metric, answers: &Answers) -> Markup {
    html! {
        div.card.hero {
            article.metric id={ "card-" (metric.name) } data-live {
                h3 { (metric.label) span.unit { " " (metric.unit) } }
                div.metric-figure { (metric.of(&answers.overview.metrics).short()) }
                (against(metric, answers))
                (definition(metric))
            }
            div.hero-course {
                (course::interval_tabs(visit, answers))
                (course::of_first(visit, metric, answers))
            }
        }
    }
}

fn card(metric: Metric, answers: &Answers) -> Markup {
    let course: Vec<Figure> = answers.series.points.iter().map(|point| metric.of(&point.metrics)).collect();
    html! {
        article.card.metric id={ "card-" (metric.name) } data-live {
            h3 { (metric.label) span.unit { " " (metric.unit) } }
            div.metric-figure { (metric.of(&answers.overview.metrics).short()) }
            (against(metric, answers))
            (spark(&course))
            (definition(metric))
        }
    }
}

fn against(metric: Metric, answers: &Answers) -> Markup {
    let now = metric.of(&answers.overview.metrics);
    html! { @if let Some(before) = answers.before() { p { (figures::change(now, metric.of(&before.metrics))) } } }
}

fn definition(metric: Metric) -> Markup {
    more(words!("metrics-what-is-counted"), html! { p { (metric.definition) } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_card_is_left_alone_in_its_row_where_that_can_be() {
        for (cards, expected) in [(10, 5), (11, 4), (9, 3), (8, 4), (7, 4), (6, 3), (5, 5), (12, 4)] {
            assert_eq!(columns(cards), expected, "{cards} cards");
        }
    }
}
