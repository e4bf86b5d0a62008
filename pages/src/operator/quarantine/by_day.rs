//! What did not get in by day and reason, beside how much did.

use api::views::{Intake, IntakeDay};
use api::{Problem, query};
use maud::{Markup, html};

use crate::charts::{Bucket, Chart, Kind, Series};
use crate::dates;
use crate::figures::{self, Figure};
use crate::visit::Visit;

/// A reason as it is called, the colour it is drawn in, and how many there are of it on a day.
type OfReason = (&'static str, u8, fn(&IntakeDay) -> u64);

const REASONS: [OfReason; 5] = [
    ("Malformed", 1, |day| day.malformed),
    ("Invalid field", 2, |day| day.invalid_field),
    ("Unknown type", 3, |day| day.unknown_type),
    ("Conflict", 4, |day| day.conflict),
    ("Too large", 5, |day| day.too_large),
];

/// The last 30 days.
pub(super) async fn read(visit: &Visit) -> Result<Intake, Problem> {
    visit.read_present(|read| query::intake::intake(&query::Asked { parameters: &[], ..*read })).await
}

pub(super) fn draw(intake: &Intake) -> Markup {
    let buckets: Vec<Bucket> = intake
        .points
        .iter()
        .map(|day| Bucket { name: day.date.to_string(), short: dates::day_in_short(day.date) })
        .collect();
    let figures = |of: fn(&IntakeDay) -> u64| intake.points.iter().map(|day| Figure::Count(of(day))).collect();
    // A reason of which there is none takes no place.
    let series: Vec<Series<'_>> = REASONS
        .iter()
        .filter(|(_, _, of)| intake.points.iter().any(|day| of(day) > 0))
        .map(|(label, colour, of)| Series { label, colour: *colour, figures: figures(*of) })
        .collect();
    let chart = Chart {
        id: "quarantine-chart",
        title: "Quarantined by reason",
        unit: "events",
        bucket: "UTC day",
        kind: Kind::StackedBars,
        buckets: &buckets,
        series: &series,
        before: None,
        marks: &[],
    };
    html! {
        @if !series.is_empty() {
            div.card {
                (chart.draw())
                p.hint #quarantine-share {
                    "Of what arrived in these " (intake.points.len()) " days, " (figures::count(intake.quarantined))
                    @if intake.quarantined == 1 { " event is" } @else { " events are" }
                    " in quarantine, and " (figures::count(intake.recorded)) " were recorded."
                }
            }
        }
    }
}
