//! The metrics as cards: each with its definition, its change against the range before, and its course.

use maud::{Markup, html};

use super::super::charts::spark;
use super::super::figures;
use super::super::metrics::Metric;
use super::super::parts::more;
use super::super::ranges::days;
use super::Answers;
use super::choice::Choice;

pub(super) fn show(choice: &Choice, answers: &Answers) -> Markup {
    html! {
        section aria-labelledby="cards-title" {
            h2.visually-hidden #cards-title { "Metrics" }
            div.cards { @for metric in choice.shown() { (card(metric, answers)) } }
            @if let Some(before) = &answers.before {
                p.hint {
                    "Changes are against the " (days(before.from, before.to)) " before: "
                    (figures::day(before.from)) " to " (figures::day(before.to)) "."
                }
            }
        }
    }
}

fn card(metric: Metric, answers: &Answers) -> Markup {
    let now = metric.of(&answers.overview.metrics);
    let course: Vec<figures::Figure> = answers.series.points.iter().map(|point| metric.of(&point.metrics)).collect();
    html! {
        article.card.metric id={ "card-" (metric.name) } data-live {
            h3 { (metric.label) span.unit { " " (metric.unit) } }
            p.metric-figure { (now.bare()) }
            @if let Some(before) = &answers.before { p { (figures::change(now, metric.of(&before.metrics))) } }
            (spark(&course))
            (more("What is counted", html! { p { (metric.definition) } }))
        }
    }
}
