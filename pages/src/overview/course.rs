//! How the metrics went over the range: charts of rewards, volume and new referrals, and the funnel.

use maud::{Markup, html};
use schemas::Day;

use super::super::charts::{Before, Bucket, Chart, Kind, Mark, Series, Stage, funnel};
use super::super::metrics::Metric;
use super::super::parts::tabs;
use super::super::ranges::days;
use super::super::visit::Visit;
use super::{Answers, BUCKETS_MAX, changes};
use crate::dates;
use crate::words::{Key, words};

/// The lengths of a bucket: the API's name, what it is called, and about how many days it has.
const INTERVALS: [(&str, Key, i32); 3] =
    [("day", Key("overview-days"), 1), ("week", Key("overview-weeks"), 7), ("month", Key("overview-months"), 30)];

/// The length of a bucket: the one wanted, if its buckets are not too many, else the shortest whose are not.
pub(super) fn interval(from: Day, to: Day, wanted: Option<&str>) -> &'static str {
    let fits = |days: i32| (to.0 - from.0) / days < BUCKETS_MAX;
    let wanted = INTERVALS.into_iter().find(|(name, _, days)| Some(*name) == wanted && fits(*days));
    let shortest = INTERVALS.into_iter().find(|(_, _, days)| fits(*days));
    wanted.or(shortest).map_or("month", |(name, _, _)| name)
}

/// The buckets of a series. Its points bear the first day of each.
fn buckets(series: &projections::views::Series) -> Vec<Bucket> {
    let bucket = |day: Day| {
        let short = match series.interval {
            "month" => dates::month_in_short(day),
            _ => dates::day_in_short(day),
        };
        Bucket { name: day.to_string(), short }
    };
    series.points.iter().map(|point| bucket(point.date)).collect()
}

/// The charts of one page, all over the same buckets.
struct Charts<'a> {
    answers: &'a Answers,
    series: &'a projections::views::Series,
    buckets: Vec<Bucket>,
    marks: Vec<Mark>,
}

impl Charts<'_> {
    fn of(answers: &Answers) -> Charts<'_> {
        let marks = changes::marks(answers);
        Charts { answers, series: &answers.series, buckets: buckets(&answers.series), marks }
    }

    fn line(&self, label: &'static str, colour: u8, metric: &str) -> Series<'static> {
        let metric = Metric::named(metric);
        let figures = self.series.points.iter().filter_map(|point| Some(metric?.of(&point.metrics)));
        Series { label, colour, figures: figures.collect() }
    }

    /// The range before by a metric that is all of a chart's series together.
    fn before(&self, metric: Metric) -> Option<Before> {
        let before = self.answers.before()?;
        Some(Before {
            label: words!("overview-before", days = days(before.from, before.to)),
            names: before.points.iter().map(|point| point.date.to_string()).collect(),
            figures: before.points.iter().map(|point| metric.of(&point.metrics)).collect(),
            now: metric.of(&self.answers.overview.metrics),
            then: metric.of(&before.metrics),
        })
    }

    /// A chart of series that are all of a metric.
    fn draw(&self, id: &str, title: &str, kind: Kind, series: &[Series<'_>], metric: &str) -> Markup {
        let Some(metric) = Metric::named(metric) else { return html! {} };
        let bucket = match self.series.interval {
            "week" => words!("overview-week-from-monday"),
            "month" => words!("overview-month"),
            _ => words!("overview-utc-day"),
        };
        let before = self.before(metric);
        let (buckets, marks, unit) = (&*self.buckets, &*self.marks, metric.unit.say());
        Chart { id, title, unit, bucket, kind, buckets, series, before: before.as_ref(), marks }.draw()
    }

    fn rewards(&self) -> Markup {
        let parts = [
            self.line(words!("overview-spot"), 1, "spot_commission"),
            self.line(words!("overview-futures"), 2, "futures_commission"),
        ];
        self.draw("rewards-chart", words!("overview-rewards"), Kind::StackedBars, &parts, "total_rewards")
    }

    fn volume(&self) -> Markup {
        let lines = [
            self.line(words!("overview-total"), 3, "total_volume"),
            self.line(words!("overview-spot"), 1, "spot_volume"),
            self.line(words!("overview-futures-vip"), 2, "futures_volume"),
        ];
        self.draw("volume-chart", words!("overview-trading-volume"), Kind::Lines, &lines, "total_volume")
    }

    fn referrals(&self) -> Markup {
        let registered = [self.line(words!("overview-registered"), 3, "total_referrals")];
        self.draw(
            "referrals-chart",
            words!("overview-new-referrals"),
            Kind::StackedBars,
            &registered,
            "total_referrals",
        )
    }
}

/// Whether the course of a metric that stands first is that of the rewards, in their two parts.
fn is_of_rewards(metric: Metric) -> bool {
    metric.name == "total_rewards"
}

/// The course of the metric that stands first, and what may have moved it.
pub(super) fn of_first(visit: &Visit, metric: Metric, answers: &Answers) -> Markup {
    html! { (chart_of_first(metric, answers)) (changes::list(visit, answers)) }
}

fn chart_of_first(metric: Metric, answers: &Answers) -> Markup {
    let charts = Charts::of(answers);
    if is_of_rewards(metric) {
        return charts.rewards();
    }
    let line = charts.line(metric.label.say(), 1, metric.name);
    charts.draw("first-chart", metric.label.say(), Kind::StackedBars, &[line], metric.name)
}

/// The charts that do not stand beside the first metric already, and the funnel.
pub(super) fn show(visit: &Visit, first: Option<Metric>, answers: &Answers) -> Markup {
    let charts = Charts::of(answers);
    html! {
        section.course aria-labelledby="course-title" {
            h2 #course-title { (words!("overview-over-time")) }
            div.fill {
                @if !first.is_some_and(is_of_rewards) { div.card { (charts.rewards()) } }
                div.card { (charts.volume()) }
                div.card { (charts.referrals()) }
            }
        }
        section.card aria-labelledby="funnel-title" {
            h2.visually-hidden #funnel-title { (words!("overview-funnel")) }
            (the_funnel(answers))
            p { a href=(visit.link("/cohorts")) { (words!("overview-to-cohorts")) } }
        }
    }
}

/// The lengths of a bucket to choose from.
pub(super) fn interval_tabs(visit: &Visit, answers: &Answers) -> Markup {
    let (from, to) = (answers.overview.from, answers.overview.to);
    let fitting = INTERVALS.into_iter().filter(|(name, _, _)| interval(from, to, Some(name)) == *name);
    let links: Vec<_> = fitting
        .map(|(name, label, _)| (label.say(), visit.here().with("interval", name), answers.series.interval == name))
        .collect();
    html! { @if links.len() > 1 { (tabs(words!("overview-bucket-length"), &links)) } }
}

fn the_funnel(answers: &Answers) -> Markup {
    let metrics = &answers.overview.metrics;
    let stages = [
        Stage { label: words!("overview-registered"), count: metrics.total_referrals },
        Stage { label: words!("metrics-verified"), count: metrics.verified },
        Stage { label: words!("metrics-deposited"), count: metrics.deposited },
        Stage { label: words!("overview-traded-first"), count: metrics.first_time_trade },
    ];
    funnel("funnel", words!("overview-funnel"), words!("overview-funnel-note"), &stages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_as_short_as_the_page_can_bear() {
        let from = Day(20_000);
        let table = [
            (1, None, "day"),
            (62, None, "day"),
            (63, None, "week"),
            (62, Some("week"), "week"),
            (62, Some("month"), "month"),
            (400, Some("day"), "week"),
            (500, None, "month"),
            (30, Some("hour"), "day"),
        ];
        for (days, wanted, expected) in table {
            assert_eq!(interval(from, from.plus(days - 1), wanted), expected, "{days} {wanted:?}");
        }
    }
}
