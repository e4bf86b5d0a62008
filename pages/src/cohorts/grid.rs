//! What each cohort did, month by month after its registration: a column a month, shaded by how much it is.

use api::{Problem, ProblemKind};
use maud::{Markup, html};
use projections::views::{CohortMonth, CohortRow};

use super::super::figures::Figure;
use super::super::parts;
use super::super::tables::{Column, Table};
use super::super::visit::Visit;
use crate::words::words;

/// What of a month is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Traded,
    Commission,
    Rebate,
    Volume,
}

impl Measure {
    pub(super) const ALL: [Measure; 4] = [Measure::Traded, Measure::Commission, Measure::Rebate, Measure::Volume];

    /// The one that a page's address names; the first where it names none.
    ///
    /// # Errors
    /// If there is none of that name.
    pub(super) fn of(visit: &Visit) -> Result<Measure, Problem> {
        let Some(name) = visit.parameter("measure") else { return Ok(Measure::Traded) };
        let unknown = || {
            let detail = format!("expected one of {}", Measure::ALL.map(Measure::name).join(", "));
            Problem::of_field(ProblemKind::InvalidParameter, "measure", detail)
        };
        Measure::ALL.into_iter().find(|measure| measure.name() == name).ok_or_else(unknown)
    }

    /// The API's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Measure::Traded => "traded",
            Measure::Commission => "commission",
            Measure::Rebate => "rebate",
            Measure::Volume => "volume",
        }
    }

    /// What it is called, with its unit.
    pub(super) fn label(self) -> &'static str {
        match self {
            Measure::Traded => words!("cohorts-measure-traded"),
            Measure::Commission => words!("cohorts-measure-commission"),
            Measure::Rebate => words!("cohorts-measure-rebate"),
            Measure::Volume => words!("cohorts-measure-volume"),
        }
    }

    /// What exactly it counts.
    pub(super) fn definition(self) -> &'static str {
        match self {
            Measure::Traded => words!("cohorts-measure-traded-counts"),
            Measure::Commission => words!("cohorts-measure-commission-counts"),
            Measure::Rebate => words!("cohorts-measure-rebate-counts"),
            Measure::Volume => {
                words!("cohorts-measure-volume-counts")
            }
        }
    }

    fn of_month(self, month: &CohortMonth) -> Figure {
        match self {
            Measure::Traded => Figure::Count(month.traded),
            Measure::Commission => Figure::Money(month.commission),
            Measure::Rebate => Figure::Money(month.rebate),
            Measure::Volume => Figure::Money(month.volume),
        }
    }
}

/// The shades of a cell, but for none.
const SHADES: i128 = 5;

/// How dark a cell is, from none to [`SHADES`], where the most is as dark as it gets. What is above 0 is seen.
fn shade(steps: i128, most: i128) -> i128 {
    if steps <= 0 || most <= 0 { 0 } else { (steps * SHADES + most - 1) / most }
}

/// The figures of all cohorts by month.
pub(super) fn show(visit: &Visit, rows: &[CohortRow], measure: Measure) -> Markup {
    let months = rows.iter().map(|row| row.months.len()).max().unwrap_or(0);
    let labels: Vec<String> = (0..months).map(|month| format!("+{month}")).collect();
    let columns: Vec<Column<'_>> = std::iter::once(Column::text(words!("cohorts-registered-in")))
        .chain(labels.iter().map(|label| Column::figure(label)))
        .collect();
    let figures = rows.iter().flat_map(|row| &row.months).map(|month| measure.of_month(month).steps());
    let most = figures.max().unwrap_or(0);
    parts::section(
        "cohorts-months",
        words!("cohorts-month-by-month"),
        html! {
            (Table {
                id: "cohorts-grid",
                caption: &words!("cohorts-grid-caption", measure = measure.label()),
                columns: &columns,
                sorting: None,
                rows: html! {
                    @for row in rows {
                        tr {
                            th scope="row" { (row.month_text()) }
                            @for month in &row.months {
                                @let figure = measure.of_month(month);
                                td class={ "num shade-" (shade(figure.steps(), most)) } { (figure.bare()) }
                            }
                            @for _ in row.months.len()..months { td {} }
                        }
                    }
                },
            }.draw(visit))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_above_nothing_is_shaded_and_the_most_as_dark_as_it_gets() {
        let table =
            [(0, 100, 0), (-5, 100, 0), (1, 1_000_000, 1), (20, 100, 1), (21, 100, 2), (100, 100, 5), (0, 0, 0)];
        for (steps, most, expected) in table {
            assert_eq!(shade(steps, most), expected, "{steps} of {most}");
        }
    }
}
