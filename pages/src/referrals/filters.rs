//! The filters of the list as a page's address has them, and as chips that take each away.

use api::{Problem, ProblemKind};

use super::super::link::Link;
use super::super::visit::Visit;
use crate::words::words;

/// The filters, by the API's names.
pub(super) const NAMES: [&str; 10] = [
    "q",
    "registered_from",
    "registered_to",
    "vip",
    "verified",
    "deposited",
    "traded",
    "code",
    "country",
    "commission_type",
];

/// How the checkboxes of the levels are called, of which several may be checked.
pub(super) const VIP_BOXES: &str = "vip[]";

/// What else the list takes from an address.
pub(super) const SORTING: [&str; 2] = ["sort", "order"];

/// The filters in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filters {
    filters: Vec<(&'static str, String)>,
    sorting: Vec<(&'static str, String)>,
}

impl Filters {
    /// Those of a page's address. A list may come as one value with commas, or as several values, as checkboxes
    /// send them.
    pub(super) fn of(visit: &Visit) -> Filters {
        let filters = NAMES.into_iter().filter_map(|name| {
            let value = match name {
                "vip" => parts(visit.parameter_values(name).chain(visit.parameter_values(VIP_BOXES))).join(","),
                "country" => parts(visit.parameter_values(name)).join(",").to_uppercase(),
                _ => visit.parameter(name)?.to_owned(),
            };
            (!value.is_empty()).then_some((name, value))
        });
        let sorting = SORTING.into_iter().filter_map(|name| Some((name, visit.parameter(name)?.to_owned())));
        Filters { filters: filters.collect(), sorting: sorting.collect() }
    }

    /// What a filter asks for; `""` if it is not in force.
    pub(super) fn get(&self, name: &str) -> &str {
        self.filters.iter().find(|(found, _)| *found == name).map_or("", |(_, value)| value)
    }

    /// Whether none is in force.
    pub(super) fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// Filters and sorting as the API's parameters.
    pub(super) fn parameters(&self) -> Vec<(&'static str, Option<&str>)> {
        self.filters.iter().chain(&self.sorting).map(|(name, value)| (*name, Some(value.as_str()))).collect()
    }

    /// Each filter's name and value.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.filters.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// A link that bears the filters and the sorting.
    pub(super) fn on(&self, link: Link) -> Link {
        self.filters.iter().chain(&self.sorting).fold(link, |link, (name, value)| link.with(name, value))
    }

    /// Whether a refusal is about the filters, so that it stands beside them and not on a page of its own.
    pub(super) fn are_refused_by(&self, problem: &Problem) -> bool {
        let is_named = |field: &str| NAMES.contains(&field) || SORTING.contains(&field) || field == "cursor";
        (problem.kind == ProblemKind::InvalidParameter && problem.field.as_deref().is_some_and(is_named))
            || (problem.kind == ProblemKind::NotFound && !self.get("code").is_empty())
    }

    /// A chip for each value of each filter, with the page that lacks it.
    pub(super) fn chips(&self, visit: &Visit) -> Vec<(String, Link)> {
        let here = self.on(visit.here().without("cursor").without(VIP_BOXES));
        let mut chips = Vec::new();
        for (name, value) in self.pairs() {
            match name {
                "vip" | "country" => {
                    let all: Vec<&str> = value.split(',').collect();
                    for one in &all {
                        let rest: Vec<&str> = all.iter().copied().filter(|other| other != one).collect();
                        let link = here.clone().without(name);
                        let link = if rest.is_empty() { link } else { link.with(name, rest.join(",")) };
                        chips.push((in_words(name, one), link));
                    }
                }
                _ => chips.push((in_words(name, value), here.clone().without(name))),
            }
        }
        chips
    }

    /// The page without any filter.
    pub(super) fn none(visit: &Visit) -> Link {
        NAMES.into_iter().chain([VIP_BOXES]).fold(visit.here().without("cursor"), Link::without)
    }
}

/// The parts of lists, without blanks and repetitions.
fn parts<'v>(values: impl Iterator<Item = &'v str>) -> Vec<&'v str> {
    let mut parts: Vec<&str> = Vec::new();
    for part in values.flat_map(|value| value.split(',')).map(str::trim).filter(|part| !part.is_empty()) {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts
}

fn in_words(name: &str, value: &str) -> String {
    let yes_or_no = |yes: &str, no: &str| match value {
        "true" => yes.to_owned(),
        "false" => no.to_owned(),
        _ => format!("{yes}: {value}"),
    };
    match name {
        "q" => words!("referrals-filter-search", text = value),
        "registered_from" => words!("referrals-filter-registered-from", day = value),
        "registered_to" => words!("referrals-filter-registered-to", day = value),
        "vip" => words!("referrals-filter-vip", level = value),
        "verified" => yes_or_no(words!("referrals-verified"), words!("referrals-not-verified")),
        "deposited" => yes_or_no(words!("referrals-deposited"), words!("referrals-not-deposited")),
        "traded" => yes_or_no(words!("referrals-traded"), words!("referrals-not-traded")),
        "code" => words!("referrals-filter-code", code = value),
        "country" if value == "ZZ" => words!("referrals-filter-country-unknown").to_owned(),
        "country" => words!("referrals-filter-country", country = value),
        "commission_type" => match value {
            "both" => words!("referrals-covers-both").to_owned(),
            "spot" => words!("referrals-filter-covers", what = words!("referrals-type-spot")),
            "futures" => words!("referrals-filter-covers", what = words!("referrals-type-futures")),
            _ => words!("referrals-filter-covers", what = value),
        },
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_joined_without_blanks_and_repetitions() {
        assert_eq!(parts(["0, 1", "1", "", "2,"].into_iter()), ["0", "1", "2"]);
    }

    #[test]
    fn every_filter_is_told_in_words() {
        for name in NAMES {
            for value in ["true", "false", "ZZ", "both", "1"] {
                let told = in_words(name, value);
                assert!(told.len() > value.len() || told != value, "{name}={value}: {told}");
            }
        }
        assert_eq!(in_words("verified", "false"), "Not verified");
        assert_eq!(in_words("country", "ZZ"), "Country unknown");
    }
}
