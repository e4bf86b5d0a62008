//! Several questions asked of one state: what a page shows belongs together.

use api::Problem;
use api::parameters::{Given, UID};
use api::query::Asked;

/// A state of the ledger, and who asks it.
pub(crate) struct Reading<'a> {
    asked: &'a Asked<'a>,
    uid: Option<(String, String)>,
    as_of: Option<(String, String)>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(asked: &'a Asked<'a>, uid: Option<(String, String)>, as_of: Option<(String, String)>) -> Self {
        Reading { asked, uid, as_of }
    }

    /// Asks a question of the API about the referrer whose data the page shows, who has to be known: without one some
    /// questions are of everybody. Parameters that are `None` are left out; `uid` and `as_of` are given besides.
    pub(crate) fn ask<T>(
        &self,
        parameters: &[(&str, Option<&str>)],
        question: impl FnOnce(&Asked<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let uid: Vec<_> = self.uid.iter().cloned().collect();
        self.asked.caller.referrer(&Given::of(&uid, &[&UID])?)?;
        self.ask_with(parameters, self.uid.iter().chain(&self.as_of), question)
    }

    /// Asks a question that takes `as_of` and no `uid`, as `trades/explain`, or one of everybody.
    pub(crate) fn ask_without_uid<T>(
        &self,
        parameters: &[(&str, Option<&str>)],
        question: impl FnOnce(&Asked<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.ask_with(parameters, self.as_of.iter(), question)
    }

    /// The state itself, its ledger and who asks: for what no question of the API tells.
    pub(crate) fn asked(&self) -> &Asked<'a> {
        self.asked
    }

    fn ask_with<'p, T>(
        &self,
        parameters: &[(&str, Option<&str>)],
        kept: impl Iterator<Item = &'p (String, String)>,
        question: impl FnOnce(&Asked<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let given = parameters.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.to_owned())));
        let parameters: Vec<(String, String)> = kept.cloned().chain(given).collect();
        question(&Asked { parameters: &parameters, ..*self.asked })
    }
}
