//! What a restatement is asked for: the page's address in the API's parameters.

use api::query::{self, Asked};
use api::{Asking, PathNames, Problem, Scope, until_of};
use projections::query::LIMIT_MAX;
use projections::views::Restatement;

use super::super::moment;
use super::super::visit::Visit;
use super::sentence::Kinds;

/// What the page's address names. Empty fields are left out.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) uid: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) code: Option<String>,
    /// Where the learning begins: the API's `as_of`.
    pub(super) since: Option<String>,
    /// Where it ends: the moment that the page looks back from, if it does.
    pub(super) until: Option<String>,
    pub(super) cursor: Option<String>,
}

impl Wanted {
    pub(super) fn of(visit: &Visit) -> Wanted {
        let text = |name: &str| visit.parameter(name).map(|text| text.trim().to_owned());
        Wanted {
            uid: text("uid"),
            from: text("from"),
            to: text("to"),
            code: text("code"),
            since: text("since_position").or_else(|| text("since")).map(|since| moment::looked_back_from(&since)),
            until: text("as_of")
                .or_else(|| text("until_position"))
                .or_else(|| text("until"))
                .map(|until| moment::looked_back_from(&until)),
            cursor: text("cursor"),
        }
    }

    /// As the API's parameters.
    fn parameters(&self) -> Vec<(String, String)> {
        let given = [
            ("uid", &self.uid),
            ("from", &self.from),
            ("to", &self.to),
            ("code", &self.code),
            ("as_of", &self.since),
            ("until", &self.until),
            ("cursor", &self.cursor),
        ];
        given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))).collect()
    }

    /// Asks the ledger as of where the learning ends.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        visit: &Visit,
        question: impl FnOnce(&Asked<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let parameters = self.parameters();
        let moment = until_of(&parameters)?;
        let (caller, came) = (visit.caller.clone(), visit.came.clone());
        let asking =
            Asking { caller, path: PathNames::none(), parameters, scope: Scope::Ledger, came, now_at_least: None };
        let about = asking.referrer();
        match moment {
            None => visit.site.app.answer_now(asking, |asked, _| question(asked)).await,
            Some(moment) => {
                visit.site.app.answer_as_of(asking, about, (moment, "until"), |asked, _| question(asked)).await
            }
        }
    }

    /// The restatement, with how many entries of each kind it has; none where they are more than a page of the API.
    pub(super) async fn restatement(&self, visit: &Visit) -> Result<(Restatement, Option<Kinds>), Problem> {
        let of_all: Vec<(String, String)> = [("limit".to_owned(), LIMIT_MAX.to_string())]
            .into_iter()
            .chain(self.parameters().into_iter().filter(|(name, _)| name != "cursor"))
            .collect();
        let question = move |asked: &Asked<'_>| {
            let shown = query::restatement::restatement(asked)?;
            let kinds = if shown.list.total == shown.list.rows.len() as u64 {
                Some(Kinds::of(&shown.list.rows))
            } else if shown.list.total <= LIMIT_MAX as u64 {
                let all = query::restatement::restatement(&Asked { parameters: &of_all, ..*asked })?;
                Some(Kinds::of(&all.list.rows))
            } else {
                None
            };
            Ok((shown, kinds))
        };
        self.ask(visit, question).await
    }
}

/// A refusal in the names of the page's form.
pub(super) fn in_the_forms_names(mut problem: Problem) -> Problem {
    if problem.field.as_deref() == Some("as_of") {
        problem.field = Some("since".to_owned());
    }
    problem
}
