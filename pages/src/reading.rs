//! Several questions asked for one page: of one state, so that what it shows belongs together; or, where this process has no
//! ledger, of whoever answers them there.

mod beside;

use api::parameters::{Given, UID};
use api::query::Asked;
use api::question::Question;
use api::{Caller, Problem};

pub(crate) use self::beside::earliest;
use super::elsewhere::Elsewhere;

/// What is asked, and who asks.
pub(crate) struct Reading<'a> {
    source: Source<'a>,
    uid: Option<(String, String)>,
    as_of: Option<(String, String)>,
}

enum Source<'a> {
    /// A state of the ledger.
    Here(&'a Asked<'a>),
    Elsewhere(&'a Elsewhere),
}

impl<'a> Reading<'a> {
    pub(super) fn here_of(
        asked: &'a Asked<'a>,
        uid: Option<(String, String)>,
        as_of: Option<(String, String)>,
    ) -> Self {
        Reading { source: Source::Here(asked), uid, as_of }
    }

    pub(super) fn elsewhere(
        elsewhere: &'a Elsewhere,
        uid: Option<(String, String)>,
        as_of: Option<(String, String)>,
    ) -> Self {
        Reading { source: Source::Elsewhere(elsewhere), uid, as_of }
    }

    /// Asks a question of the API about the referrer whose data the page shows, who has to be known: without one some
    /// questions are of everybody. Parameters that are `None` are left out; `uid` and `as_of` are given besides.
    pub(crate) fn ask<T>(&self, parameters: &[(&str, Option<&str>)], question: Question<'_, T>) -> Result<T, Problem> {
        self.require_referrer()?;
        self.put(&self.given(parameters, self.uid.iter().chain(&self.as_of)), question)
    }

    /// Asks a question of everybody, which takes `as_of` and no `uid`.
    pub(crate) fn ask_without_uid<T>(
        &self,
        parameters: &[(&str, Option<&str>)],
        question: Question<'_, T>,
    ) -> Result<T, Problem> {
        self.put(&self.given(parameters, self.as_of.iter()), question)
    }

    /// Asks what no question of the API tells, about the referrer whose data the page shows.
    ///
    /// # Errors
    /// Where there is no ledger; and what was refused.
    pub(crate) fn ask_here<T>(
        &self,
        parameters: &[(&str, Option<&str>)],
        ask: impl FnOnce(&Asked<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let here = self.here()?;
        self.require_referrer()?;
        let parameters = self.given(parameters, self.uid.iter().chain(&self.as_of));
        ask(&Asked { parameters: &parameters, ..*here })
    }

    /// The same about everybody.
    ///
    /// # Errors
    /// Likewise.
    pub(crate) fn ask_of_everybody_here<T>(
        &self,
        parameters: &[(&str, Option<&str>)],
        ask: impl FnOnce(&Asked<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let here = self.here()?;
        ask(&Asked { parameters: &self.given(parameters, self.as_of.iter()), ..*here })
    }

    /// Whether a ledger's state is asked.
    pub(crate) fn is_here(&self) -> bool {
        matches!(self.source, Source::Here(_))
    }

    /// The state itself, its ledger and who asks: for what no question of the API tells.
    ///
    /// # Errors
    /// Where there is none: with who tells it.
    pub(crate) fn here(&self) -> Result<&Asked<'a>, Problem> {
        match &self.source {
            Source::Here(asked) => Ok(asked),
            Source::Elsewhere(elsewhere) => Err(elsewhere.refusal()),
        }
    }

    fn caller(&self) -> &Caller {
        match &self.source {
            Source::Here(asked) => asked.caller,
            Source::Elsewhere(elsewhere) => elsewhere.caller(),
        }
    }

    fn require_referrer(&self) -> Result<(), Problem> {
        let uid: Vec<_> = self.uid.iter().cloned().collect();
        self.caller().referrer(&Given::of(&uid, &[&UID])?).map(drop)
    }

    fn given<'p>(
        &self,
        parameters: &[(&str, Option<&str>)],
        kept: impl Iterator<Item = &'p (String, String)>,
    ) -> Vec<(String, String)> {
        let given = parameters.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.to_owned())));
        kept.cloned().chain(given).collect()
    }

    fn put<T>(&self, parameters: &[(String, String)], question: Question<'_, T>) -> Result<T, Problem> {
        match &self.source {
            Source::Here(asked) => question.answer(&Asked { parameters, ..**asked }),
            Source::Elsewhere(elsewhere) => elsewhere.ask(parameters, question),
        }
    }
}
