//! Ranges of UTC days: the presets, and any from–to. A range stands in the page's address, so that it can be shared.

use api::{Problem, ProblemKind};
use maud::{Markup, html};
use schemas::Day;

use super::figures;
use super::forms::hidden_parameters;
use super::language::of_the_api;
use super::reading::Reading;
use super::visit::Visit;
use super::words::{marked, words};

/// A range with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preset {
    /// The last 7 days, with today.
    Days7,
    /// The last 30 days, with today.
    Days30,
    /// The last 90 days, with today.
    Days90,
    /// The last 12 calendar months, with this one so far.
    Months12,
    /// This month so far.
    Month,
    /// The whole last month.
    LastMonth,
    /// This quarter so far.
    Quarter,
    /// From the first day with anything in it.
    All,
}

impl Preset {
    /// All presets.
    pub(crate) const ALL: [Preset; 8] = [
        Preset::Days7,
        Preset::Days30,
        Preset::Days90,
        Preset::Months12,
        Preset::Month,
        Preset::LastMonth,
        Preset::Quarter,
        Preset::All,
    ];

    /// Its name in an address.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Preset::Days7 => "7d",
            Preset::Days30 => "30d",
            Preset::Days90 => "90d",
            Preset::Months12 => "12m",
            Preset::Month => "month",
            Preset::LastMonth => "last-month",
            Preset::Quarter => "quarter",
            Preset::All => "all",
        }
    }

    /// What it is called.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Preset::Days7 => words!("ranges-7-days"),
            Preset::Days30 => words!("ranges-30-days"),
            Preset::Days90 => words!("ranges-90-days"),
            Preset::Months12 => words!("ranges-12-months"),
            Preset::Month => words!("ranges-this-month"),
            Preset::LastMonth => words!("ranges-last-month"),
            Preset::Quarter => words!("ranges-this-quarter"),
            Preset::All => words!("ranges-all-time"),
        }
    }

    /// Its days on a day, where `held` are those with anything in them.
    fn days(self, today: Day, held: Option<(Day, Day)>) -> (Day, Day) {
        match self {
            Preset::Days7 => (today.plus(-6), today),
            Preset::Days30 => (today.plus(-29), today),
            Preset::Days90 => (today.plus(-89), today),
            Preset::Months12 => (today.month_plus(-11), today),
            Preset::Month => (today.month_start(), today),
            Preset::LastMonth => {
                let last = today.month_start().plus(-1);
                (last.month_start(), last)
            }
            Preset::Quarter => (today.quarter_start(), today),
            // Clocks differ: an event may be of tomorrow.
            Preset::All => held.map_or((today, today), |(from, to)| (from.min(today), to.max(today))),
        }
    }
}

/// The range that a page's address names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    preset: Option<Preset>,
    from: Option<String>,
    to: Option<String>,
}

impl Chosen {
    /// Reads `range`, or `from` and `to`; with none of them, the preset given here.
    ///
    /// # Errors
    /// If `range` is none of the presets.
    pub(crate) fn of(visit: &Visit, default: Preset) -> Result<Chosen, Problem> {
        let text = |name| visit.parameter(name).map(str::to_owned);
        let (from, to) = (text("from"), text("to"));
        let preset = match visit.parameter("range") {
            Some(name) => {
                let expected = || {
                    let names: Vec<&str> = Preset::ALL.iter().map(|preset| preset.as_str()).collect();
                    let detail = format!("expected one of {}", names.join(", "));
                    Problem::of_field(ProblemKind::InvalidParameter, "range", detail)
                };
                Some(Preset::ALL.into_iter().find(|preset| preset.as_str() == name).ok_or_else(expected)?)
            }
            None if from.is_none() && to.is_none() => Some(default),
            None => None,
        };
        Ok(if preset.is_some() { Chosen { preset, from: None, to: None } } else { Chosen { preset, from, to } })
    }

    /// `from` and `to` as the API takes them. What was entered goes to the API as it is, so that the API refuses it.
    ///
    /// # Errors
    /// If the code is not the referrer's.
    pub(crate) fn resolve(&self, read: &Reading<'_>, code: Option<&str>) -> Result<Resolved, Problem> {
        let Some(preset) = self.preset else {
            return Ok(Resolved { from: self.from.clone(), to: self.to.clone() });
        };
        let held = if preset == Preset::All { read.ask_held(code)? } else { None };
        Ok(Resolved::of(preset.days(read.today()?, held)))
    }

    /// The same for a page about all referrers together.
    ///
    /// # Errors
    /// If the ledger cannot be asked.
    pub(crate) fn resolve_for_everybody(&self, read: &Reading<'_>) -> Result<Resolved, Problem> {
        let Some(preset) = self.preset else {
            return Ok(Resolved { from: self.from.clone(), to: self.to.clone() });
        };
        let held = if preset == Preset::All { read.ask_held_by_anybody()? } else { None };
        Ok(Resolved::of(preset.days(read.today()?, held)))
    }

    /// The preset, if it is one.
    pub(crate) fn preset(&self) -> Option<Preset> {
        self.preset
    }
}

/// A range as the API's parameters have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    from: Option<String>,
    to: Option<String>,
}

impl Resolved {
    fn of((from, to): (Day, Day)) -> Resolved {
        Resolved { from: Some(from.to_string()), to: Some(to.to_string()) }
    }

    /// The parameters `from` and `to`.
    pub(crate) fn parameters(&self) -> [(&'static str, Option<&str>); 2] {
        [("from", self.from.as_deref()), ("to", self.to.as_deref())]
    }
}

/// Fields that a page has in the form of its range, so that one button is enough.
pub(crate) struct Inside<'a> {
    /// Their names.
    pub(crate) names: &'a [&'a str],
    /// The fields.
    pub(crate) fields: Markup,
}

impl Inside<'_> {
    /// No field besides the range's own.
    pub(crate) fn nothing() -> Inside<'static> {
        Inside { names: &[], fields: html! {} }
    }
}

/// The ways to choose a range: presets as links, and a form for any from–to. `shown` is the range that the API used;
/// `problem` is what it said against one. `inside` are fields of the form besides, such as a code, with their names.
pub(crate) fn picker(
    visit: &Visit,
    chosen: &Chosen,
    shown: Option<(Day, Day)>,
    problem: Option<&Problem>,
    inside: Inside<'_>,
) -> Markup {
    let here = visit.here().without("range").without("from").without("to").first_page();
    let (from, to) = match (shown, &chosen.from, &chosen.to) {
        (Some((from, to)), _, _) => (Some(from.to_string()), Some(to.to_string())),
        (None, from, to) => (from.clone(), to.clone()),
    };
    let wrong = |name: &str| problem.filter(|problem| problem.field.as_deref() == Some(name));
    let day_field = |name: &str, label: &str, value: Option<String>| {
        let id = format!("range-{name}");
        let error = format!("{id}-error");
        let problem = wrong(name);
        html! {
            div.field {
                label for=(id) { (label) }
                input id=(id) name=(name) type="date" value=[value] aria-invalid=[problem.map(|_| "true")]
                    aria-describedby=[problem.map(|_| &error)];
                @if let Some(problem) = problem { p.error id=(error) role="alert" lang=[of_the_api(&problem.detail)] { (problem.detail) } }
            }
        }
    };
    html! {
        div.range {
            nav aria-label=(words!("ranges-label")) { ul.presets {
                @for preset in Preset::ALL {
                    li {
                        a href=(here.clone().with("range", preset.as_str()))
                            aria-current=[(chosen.preset == Some(preset)).then_some("true")] { (preset.label()) }
                    }
                }
            } }
            form.inline method="get" action=(here.path()) {
                (hidden_parameters(&inside.names.iter().fold(here, |here, name| here.without(name))))
                (day_field("from", words!("ranges-from"), from))
                (day_field("to", words!("ranges-to"), to))
                (inside.fields)
                button type="submit" { (words!("parts-show")) }
            }
            @if let Some((from, to)) = shown {
                p.range-shown { (marked!("ranges-shown", from = figures::day(from), to = figures::day(to), days = days(from, to))) }
            }
        }
    }
}

/// That a range holds nothing, where what there is lies, and the way there.
pub(crate) fn elsewhere(visit: &Visit, from: Day, to: Day) -> Markup {
    let all = visit.here().without("from").without("to").first_page().with("range", Preset::All.as_str());
    html! {
        div.empty #nothing-here {
            p { (marked!("ranges-elsewhere", from = figures::day(from), to = figures::day(to))) }
            a.button href=(all) { (words!("ranges-look-at-all")) }
        }
    }
}

/// How many days a range has, in words.
pub(crate) fn days(from: Day, to: Day) -> String {
    words!("ranges-days", days = to.0 - from.0 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_whole_days_that_end_today_but_for_the_last_month() {
        let today = Day::parse("2026-05-15").expect("a day");
        let day = |text| Day::parse(text).expect("a day");
        let held = Some((day("2025-11-03"), day("2026-05-16")));
        let table = [
            (Preset::Days7, "2026-05-09", "2026-05-15"),
            (Preset::Days30, "2026-04-16", "2026-05-15"),
            (Preset::Days90, "2026-02-15", "2026-05-15"),
            (Preset::Months12, "2025-06-01", "2026-05-15"),
            (Preset::Month, "2026-05-01", "2026-05-15"),
            (Preset::LastMonth, "2026-04-01", "2026-04-30"),
            (Preset::Quarter, "2026-04-01", "2026-05-15"),
            (Preset::All, "2025-11-03", "2026-05-16"),
        ];
        for (preset, from, to) in table {
            assert_eq!(preset.days(today, held), (day(from), day(to)), "{preset:?}");
        }
        assert_eq!(Preset::All.days(today, None), (today, today));
    }
}
