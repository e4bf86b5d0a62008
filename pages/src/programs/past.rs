//! Earlier periods of an offer: the page as of the last position recorded by their end.

use ledger::Position;
use maud::{Markup, html};
use projections::views::OfferRow;
use schemas::{Day, Period, Timestamp};

use super::super::visit::Visit;
use super::super::{figures, parts};
use super::{Recorded, from_to};
use crate::words::{marked, words};

/// So many earlier periods are led to.
const PERIODS_MAX: usize = 6;

/// Says what a page of the past shows.
pub(super) fn says_what_it_is(position: Position, now: Timestamp) -> Markup {
    html! {
        p.hint {
            (marked!("programs-as-it-stood", position = figures::count(position), time = figures::time(now)))
        }
    }
}

/// The ways to earlier periods.
pub(super) fn periods(visit: &Visit, offer: &OfferRow, recorded: Recorded) -> Markup {
    let earlier = earlier(offer.period.kind, offer.period.from, recorded);
    parts::more(
        words!("programs-earlier-periods"),
        html! {
            @if earlier.is_empty() {
                p { (words!("programs-no-earlier-period")) }
            } @else {
                p { (words!("programs-each-as-it-stood")) }
                ul.past-periods {
                    @for (first, last) in earlier {
                        li {
                            a href=(visit.link("/programs").with("offer", &offer.id).with("as_of", last.last())) {
                                (from_to(first, last))
                            }
                        }
                    }
                }
            }
        },
    )
}

/// The periods before the running one, the latest first, that ended after something was recorded. An offer whose
/// dates begin within the running period has none.
fn earlier(kind: Period, running_from: Day, recorded: Recorded) -> Vec<(Day, Day)> {
    let begin = |day: Day| match kind {
        Period::Month => day.month_start(),
        Period::Quarter => day.quarter_start(),
    };
    let mut periods = Vec::new();
    let mut from = begin(running_from);
    let Some(first_recorded) = recorded.first.filter(|_| from == running_from) else { return periods };
    while periods.len() < PERIODS_MAX {
        let last = from.plus(-1);
        if last.last() < first_recorded {
            break;
        }
        from = begin(last);
        periods.push((from, last));
    }
    periods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_periods_go_back_to_what_was_recorded_and_no_further_than_the_offer() {
        let day = |text| Day::parse(text).expect("a day");
        let recorded = |text: &str| Recorded {
            now: Timestamp::parse("2026-05-15T00:00:00Z").expect("a time"),
            first: Timestamp::parse(text),
        };
        let months = earlier(Period::Month, day("2026-05-01"), recorded("2026-03-31T23:59:59.999999Z"));
        let expected = [("2026-04-01", "2026-04-30"), ("2026-03-01", "2026-03-31")];
        assert_eq!(months, expected.map(|(from, to)| (day(from), day(to))));
        let quarters = earlier(Period::Quarter, day("2026-04-01"), recorded("2026-01-05T00:00:00Z"));
        assert_eq!(quarters, [(day("2026-01-01"), day("2026-03-31"))]);
        assert_eq!(earlier(Period::Month, day("2026-05-03"), recorded("2025-01-01T00:00:00Z")), []);
        assert_eq!(earlier(Period::Month, day("2026-05-01"), recorded("none")), []);
        assert_eq!(earlier(Period::Month, day("2026-05-01"), recorded("2020-01-01T00:00:00Z")).len(), PERIODS_MAX);
    }
}
