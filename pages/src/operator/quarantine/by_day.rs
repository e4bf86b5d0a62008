//! What did not get in by day and reason, beside how much did.

use api::views::{Intake, IntakeDay};
use api::{Problem, query};
use maud::{Markup, html};

use crate::charts::{Bucket, Chart, Kind, Series};
use crate::dates;
use crate::figures::{self, Figure};
use crate::visit::Visit;
use crate::words::{Key, marked, words};

/// A reason as it is called, the colour it is drawn in, and how many there are of it on a day.
type OfReason = (Key, u8, fn(&IntakeDay) -> u64);

const REASONS: [OfReason; 5] = [
    (Key("operator-chart-malformed"), 1, |day| day.malformed),
    (Key("operator-chart-invalid-field"), 2, |day| day.invalid_field),
    (Key("operator-chart-unknown-type"), 3, |day| day.unknown_type),
    (Key("operator-chart-conflict"), 4, |day| day.conflict),
    (Key("operator-chart-too-large"), 5, |day| day.too_large),
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
        .map(|(label, colour, of)| Series { label: label.say(), colour: *colour, figures: figures(*of) })
        .collect();
    let chart = Chart {
        id: "quarantine-chart",
        title: words!("operator-quarantined-by-reason"),
        unit: words!("operator-unit-events"),
        bucket: words!("operator-utc-day"),
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
                    (marked!("operator-share", days = intake.points.len(), count = intake.quarantined,
                        quarantined = figures::count(intake.quarantined), recorded = figures::count(intake.recorded)))
                }
            }
        }
    }
}
