//! Bars and lines over buckets of time or any other labels.

use maud::{Markup, PreEscaped, html};

use super::super::figures::Figure;
use super::super::words::words;
use super::axis::{Axis, HEIGHT, PLOT, TOP, WIDTH, label, percent};
use super::comparison::Before;
use super::marks::{Mark, flags};

/// So many buckets at most tell their figures by themselves; of more, a script reads them from the table, so that the
/// page stays light.
const TITLES_MAX: usize = 31;
/// So many buckets at most bear a label.
const LABELS_MAX: usize = 5;

/// A bucket: where it stands along the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bucket {
    /// Its whole name, in the table and when pointed at: `2026-03-01`.
    pub(crate) name: String,
    /// Its name below the chart: `03-01`.
    pub(crate) short: String,
}

/// Figures a bucket, drawn in one colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Series<'a> {
    /// What they are.
    pub(crate) label: &'a str,
    /// Which of the chart colours: 1 to 6.
    pub(crate) colour: u8,
    /// One a bucket.
    pub(crate) figures: Vec<Figure>,
}

/// How a chart is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A bar a bucket, the series on top of each other.
    StackedBars,
    /// A line a series.
    Lines,
}

/// A chart.
#[derive(Clone, Debug)]
pub(crate) struct Chart<'a> {
    /// Its id, which is unique on the page.
    pub(crate) id: &'a str,
    /// What it shows.
    pub(crate) title: &'a str,
    /// The unit of its figures: `USD`, `invitees`.
    pub(crate) unit: &'a str,
    /// What its buckets are: `UTC day`.
    pub(crate) bucket: &'a str,
    /// How it is drawn.
    pub(crate) kind: Kind,
    /// Its buckets, in order.
    pub(crate) buckets: &'a [Bucket],
    /// Its series, the lowest first.
    pub(crate) series: &'a [Series<'a>],
    /// The range before, to compare with.
    pub(crate) before: Option<&'a Before>,
    /// What happened in its buckets, in order.
    pub(crate) marks: &'a [Mark],
}

impl Chart<'_> {
    /// The chart with its legend and its table. It is live: a page that shows it again changes it in place.
    pub(crate) fn draw(&self) -> Markup {
        html! {
            figure.chart id=(self.id) data-live data-chart {
                figcaption {
                    span.chart-title { (self.title) } span.unit { " " (self.measured()) }
                    @if self.series.len() > 1 {
                        ul.legend { @for series in self.series { li { span class={ "key k" (series.colour) } {} (series.label) } } }
                    }
                }
                @if let Some(before) = self.before { (before.caption(self.unit)) }
                @if self.buckets.is_empty() {
                    p.empty { (words!("charts-nothing")) }
                } @else {
                    div.chart-area { (self.drawn()) }
                    (self.table())
                }
            }
        }
    }

    /// What its figures are in, and by what.
    fn measured(&self) -> String {
        words!("charts-measured", unit = self.unit, bucket = self.bucket)
    }

    fn axis(&self) -> Axis {
        let figures = self.series.iter().flat_map(|series| &series.figures);
        let least = figures.clone().next().map_or(1, |figure| match figure {
            // A cent.
            Figure::Money(_) => 1_000_000,
            Figure::Count(_) => 1,
        });
        let before = self.before.into_iter().flat_map(|before| &before.figures).map(|figure| figure.steps());
        match self.kind {
            Kind::Lines => Axis::around(figures.map(|figure| figure.steps()).chain(before), least),
            Kind::StackedBars => {
                let ends = (0..self.buckets.len()).flat_map(|at| {
                    let steps = self
                        .series
                        .iter()
                        .filter_map(move |series| series.figures.get(at))
                        .map(|figure| figure.steps());
                    let (below, above): (Vec<i128>, Vec<i128>) = steps.partition(|steps| *steps < 0);
                    [below.iter().sum(), above.iter().sum()]
                });
                Axis::around(ends.chain(before), least)
            }
        }
    }

    fn drawn(&self) -> Markup {
        let axis = self.axis();
        let like = self.series.first().and_then(|series| series.figures.first()).copied().unwrap_or(Figure::Count(0));
        let lines: Vec<(i128, i128)> = axis.lines().map(|value| (TOP + axis.down(value, PLOT), value)).collect();
        html! {
            svg.axis width="52" height=(HEIGHT) aria-hidden="true" {
                @for (y, value) in &lines { text x="46" y=(y + 4) text-anchor="end" { (label(*value, like)) } }
            }
            svg.plot width="100%" height=(HEIGHT) role="img" aria-label=(words!("charts-read-out", title = self.title, measured = self.measured())) {
                @for (y, value) in &lines {
                    line class=(if *value == 0 { "zero" } else { "grid" }) x1="0" x2="100%" y1=(y) y2=(y) {}
                }
                (PreEscaped(match self.kind {
                    Kind::StackedBars => self.bars(&axis),
                    Kind::Lines => self.lines(&axis),
                }))
                @if let Some(before) = self.before { (PreEscaped(before.line(&axis, PLOT, |at| self.middle(at)))) }
                (flags(self.marks, |at| self.middle(at)))
                (self.bucket_labels())
                (self.hits())
            }
        }
    }

    /// Where a bucket begins, in hundredths of a per cent.
    fn left(&self, at: usize) -> usize {
        at * WIDTH / self.buckets.len().max(1)
    }

    fn middle(&self, at: usize) -> usize {
        (self.left(at) + self.left(at + 1)) / 2
    }

    fn bars(&self, axis: &Axis) -> String {
        let mut out = String::new();
        let zero = axis.down(0, PLOT);
        for at in 0..self.buckets.len() {
            let wide = self.left(at + 1) - self.left(at);
            let (left, wide) = (self.left(at) + wide / 8, wide - wide / 4);
            let (mut above, mut below) = (0_i128, 0_i128);
            for series in self.series {
                let steps = series.figures.get(at).map_or(0, |figure| figure.steps());
                let stacked = if steps < 0 { &mut below } else { &mut above };
                let from = axis.down(*stacked, PLOT);
                *stacked += steps;
                let to = axis.down(*stacked, PLOT);
                let (top, height) = (from.min(to), (from - to).abs());
                // What is not 0 is seen, be it as thin as a line.
                let (top, height) = match (steps, height) {
                    (0, _) => continue,
                    (1.., 0) => ((zero.min(top) - 1).max(0), 1),
                    (_, 0) => (top, 1),
                    _ => (top, height),
                };
                out.push_str(&format!(
                    "<rect class=\"k{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{height}\"/>",
                    series.colour,
                    percent(left),
                    TOP + top,
                    percent(wide),
                ));
            }
        }
        out
    }

    fn lines(&self, axis: &Axis) -> String {
        let mut out = String::new();
        for series in self.series {
            let points: Vec<(usize, i128)> = series
                .figures
                .iter()
                .enumerate()
                .map(|(at, figure)| (self.middle(at), TOP + axis.down(figure.steps(), PLOT)))
                .collect();
            if let [(x, y)] = *points {
                out.push_str(&format!(
                    "<circle class=\"k{}\" cx=\"{}\" cy=\"{y}\" r=\"3\"/>",
                    series.colour,
                    percent(x)
                ));
                continue;
            }
            let points: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
            // Stretched across, but drawn as thin as it is.
            out.push_str(&format!(
                "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" width=\"100%\" \
                 height=\"{HEIGHT}\"><polyline class=\"k{}\" points=\"{}\"/></svg>",
                series.colour,
                points.join(" ")
            ));
        }
        out
    }

    fn bucket_labels(&self) -> Markup {
        let every = self.buckets.len().div_ceil(LABELS_MAX).max(1);
        let last = self.buckets.len().saturating_sub(1);
        html! {
            @for (at, bucket) in self.buckets.iter().enumerate().filter(|(at, _)| at % every == 0) {
                // The first and the last do not stand out of the chart.
                text x=(percent(if at == 0 && last > 0 { self.left(0) } else { self.middle(at) })) y=(HEIGHT - 6)
                    text-anchor=(if at == 0 && last > 0 { "start" } else if at == last && last > 0 { "end" } else { "middle" }) {
                    (bucket.short)
                }
            }
        }
    }

    /// What is pointed at: a column a bucket, which tells its figures.
    fn hits(&self) -> Markup {
        html! {
            @for (at, bucket) in self.buckets.iter().enumerate() {
                @let mark = self.marks.iter().find(|mark| mark.at == at);
                rect.bucket x=(percent(self.left(at))) width=(percent(self.left(at + 1) - self.left(at))) data-mark=[mark.map(|mark| &mark.says)] {
                    @if self.buckets.len() <= TITLES_MAX {
                        title {
                            (bucket.name)
                            @for series in self.series {
                                @if let Some(figure) = series.figures.get(at) { "\n" (words!("charts-figure", label = series.label, figure = figure.plain())) }
                            }
                            @if let Some(mark) = mark { "\n" (mark.says) }
                        }
                    }
                }
            }
        }
    }

    fn table(&self) -> Markup {
        html! {
            details.chart-table {
                summary { (words!("charts-as-table")) }
                section.table-scroll tabindex="0" aria-label=(words!("charts-titled-table", title = self.title)) {
                    table.figures {
                        caption.visually-hidden { (words!("charts-caption", title = self.title, measured = self.measured())) }
                        thead { tr {
                            th scope="col" { (self.bucket) }
                            @for series in self.series { th.num scope="col" data-colour={ "k" (series.colour) } { (series.label) } }
                            @if let Some(before) = self.before { th.num scope="col" data-colour="before" { (before.label) } }
                        } }
                        tbody {
                            @for (at, bucket) in self.buckets.iter().enumerate() {
                                tr {
                                    th scope="row" { (bucket.name) }
                                    @for series in self.series {
                                        @if let Some(figure) = series.figures.get(at) { td data-value=(figure.exact()) { (figure.plain()) } }
                                    }
                                    @if let Some(before) = self.before {
                                        @if let (Some(figure), Some(name)) = (before.figures.get(at), before.names.get(at)) {
                                            td title=(name) data-value=(figure.exact()) { (figure.plain()) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
