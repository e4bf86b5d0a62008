//! Charts as SVG: lines over time.

use std::fmt::Write;

/// A line of a chart: what it shows, and its points as seconds and value.
pub struct Line {
    pub name: &'static str,
    pub points: Vec<(f64, f64)>,
}

/// A chart: a title with its unit, and lines from 0 up.
pub struct Chart {
    pub title: &'static str,
    pub lines: Vec<Line>,
}

const COLOURS: [&str; 6] = ["#2563eb", "#d97706", "#059669", "#dc2626", "#7c3aed", "#475569"];
const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 22.0;

/// All charts one below the other, as one picture.
pub fn picture(about: &str, charts: &[Chart]) -> String {
    let end = charts.iter().flat_map(|chart| &chart.lines).flat_map(|line| &line.points).map(|point| point.0);
    let end = end.fold(1.0, f64::max);
    let height = 30.0 + HEIGHT * charts.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"11\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\
         <text x=\"{LEFT}\" y=\"20\" font-size=\"14\" fill=\"#111827\">{about}</text>\n"
    );
    for (number, chart) in charts.iter().enumerate() {
        let _ = write!(svg, "<g transform=\"translate(0 {})\">", 30.0 + HEIGHT * number as f64);
        chart.draw(&mut svg, end);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

impl Chart {
    fn draw(&self, svg: &mut String, end: f64) {
        let top = self.lines.iter().flat_map(|line| &line.points).map(|point| point.1).fold(0.0, f64::max);
        let top = round_up(top);
        let x = |seconds: f64| LEFT + seconds / end * (WIDTH - LEFT - RIGHT);
        let y = |value: f64| HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
        let _ = write!(svg, "<text x=\"{LEFT}\" y=\"14\" font-weight=\"bold\" fill=\"#111827\">{}</text>", self.title);
        for part in 0..=4 {
            let value = top * f64::from(part) / 4.0;
            let (at, from, to) = (y(value), LEFT, WIDTH - RIGHT);
            let _ = write!(
                svg,
                "<path d=\"M{from} {at:.1}H{to}\" stroke=\"#e5e7eb\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" \
                 fill=\"#4b5563\">{}</text>",
                LEFT - 6.0,
                at + 4.0,
                short(value)
            );
            let seconds = end * f64::from(part) / 4.0;
            let _ = write!(
                svg,
                "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"#4b5563\">{:.1} min</text>",
                x(seconds).min(WIDTH - 30.0),
                HEIGHT - 6.0,
                seconds / 60.0
            );
        }
        for (number, line) in self.lines.iter().enumerate() {
            let colour = COLOURS[number % COLOURS.len()];
            let mut path = String::new();
            for (at, (seconds, value)) in line.points.iter().enumerate() {
                let _ = write!(path, "{}{:.1} {:.1}", if at == 0 { 'M' } else { 'L' }, x(*seconds), y(*value));
            }
            let at = LEFT + 140.0 * number as f64;
            let _ = write!(
                svg,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.3\"/>\
                 <rect x=\"{at}\" y=\"22\" width=\"10\" height=\"10\" fill=\"{colour}\"/>\
                 <text x=\"{}\" y=\"31\" fill=\"#111827\">{}</text>",
                at + 14.0,
                line.name
            );
        }
    }
}

/// The next of 1, 2, 2.5, 5 times a power of ten.
fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|step| step * power).find(|top| *top >= value).unwrap_or(value)
}

fn short(value: f64) -> String {
    if value >= 1_000_000.0 {
        format!("{:.1} M", value / 1_000_000.0)
    } else if value >= 10_000.0 {
        format!("{:.0} k", value / 1_000.0)
    } else if value >= 10.0 || value == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}
