//! What the figures are narrowed to: a referrer, a reason, a code, a country. Each stands in the page's address.

use maud::Markup;

use super::super::link::Link;
use super::super::parts;
use super::super::visit::Visit;
use super::{Kind, called};
use crate::words::words;

/// The names in the page's address, each with the API's. Its `uid` is another: whose data the other pages show.
const NAMES: [(&str, &str); 4] = [("referrer", "uid"), ("reason", "reason"), ("code", "code"), ("country", "country")];

/// What was given.
#[derive(Clone)]
pub(super) struct Narrowed([Option<String>; 4]);

impl Narrowed {
    pub(super) fn of(visit: &Visit) -> Narrowed {
        Narrowed(NAMES.map(|(name, _)| visit.parameter(name).map(str::to_owned)))
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// As the API takes it.
    pub(super) fn parameters(&self) -> Vec<(&'static str, Option<&str>)> {
        NAMES.iter().zip(&self.0).map(|((_, name), value)| (*name, value.as_deref())).collect()
    }

    /// What is in force, each with the way to be without it.
    pub(super) fn chips(&self, visit: &Visit, kind: Kind) -> Markup {
        let here = || visit.here().first_page();
        let given = NAMES.iter().zip(&self.0).filter_map(|((name, _), value)| {
            let value = value.as_deref()?;
            let says = match (*name, kind) {
                ("reason", Kind::Withheld) => called::of_reasons(value),
                _ => value.to_owned(),
            };
            Some((words!("withheld-narrowed", what = called::narrowed_by(name), to = says), here().without(name)))
        });
        let chips: Vec<(String, Link)> = given.collect();
        let clear = NAMES.iter().fold(here(), |link, (name, _)| link.without(name));
        parts::chips(&chips, &clear)
    }
}
