//! What the lists of offers and of campaigns have in common: where each stands today.

use maud::{Markup, html};
use projections::views::{Phase, Promotion};
use schemas::Day;

use crate::figures;
use crate::parts;
use crate::words::{marked, words};

/// The phases in the order of their lists.
pub(super) const PHASES: [Phase; 3] = [Phase::Running, Phase::ToCome, Phase::Over];

/// A phase as a heading.
pub(super) fn heading(phase: Phase) -> &'static str {
    match phase {
        Phase::Running => words!("operator-phase-running"),
        Phase::ToCome => words!("operator-phase-to-come"),
        Phase::Over => words!("operator-phase-over"),
    }
}

/// A phase as the id of its part of a page.
pub(super) fn anchor(phase: Phase) -> &'static str {
    match phase {
        Phase::Running => "running",
        Phase::ToCome => "to-come",
        Phase::Over => "over",
    }
}

/// A day, or what its absence means.
pub(super) fn day_or(day: Option<Day>, otherwise: &str) -> Markup {
    html! { @match day { Some(day) => (figures::day(day)), None => (otherwise) } }
}

/// Since when the state that is shown holds, and what is to come.
pub(super) fn since<T>(promotion: &Promotion<T>) -> Markup {
    html! {
        (figures::time(promotion.state.time))
        @if let Some(at) = promotion.changes_at {
            " " (marked!("operator-promotion-changes", badge = parts::badge("warn", words!("operator-changes")), time = figures::time(at)))
        }
    }
}

/// How many of these run, are to come, and are over.
pub(super) fn count<T>(promotions: &[Promotion<T>], phase: Phase) -> u64 {
    promotions.iter().filter(|promotion| promotion.phase == phase).count() as u64
}
