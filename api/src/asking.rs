//! What every request to the API says of itself: who asks, the names in its path, its parameters; and how it is
//! answered as of the moment that it names.

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams};
use axum::http::HeaderName;
use axum::http::request::Parts;
use projections::View;
use replay::AsOf;
use schemas::{Timestamp, Uid};

use crate::app::App;
use crate::as_of::{moment_of, position_of};
use crate::caller::Caller;
use crate::came::Came;
use crate::giving_way::giving_way;
use crate::parameters::{AS_OF, UID, read_query_string};
use crate::problem::{Problem, ProblemKind};
use crate::query::Asked;
use crate::scope::Scope;
use crate::server::arrived::recognize;
use crate::within::Within;

/// Who asks, and with which names and parameters.
pub struct Asking {
    /// Who asks.
    pub caller: Caller,
    /// The names in the path.
    pub path: PathNames,
    /// The parameters, decoded, in the order in which they were given.
    pub parameters: Vec<(String, String)>,
    /// What is looked at to answer.
    pub scope: Scope,
    /// How the request came.
    pub came: Came,
    /// Of the past, what holds is asked at this time where the moment that is asked about is an earlier one ([`NOW_HEADER`]):
    /// of several ledgers the one that recorded last tells the moment of all.
    pub now_at_least: Option<Timestamp>,
}

/// The header in which who makes one answer of several ledgers' says of which moment that is, as a time.
pub const NOW_HEADER: HeaderName = HeaderName::from_static("tributary-now");

/// The names in a path, in order, decoded.
pub struct PathNames(Vec<String>);

impl PathNames {
    /// These, in order.
    pub(crate) fn of(names: Vec<String>) -> PathNames {
        PathNames(names)
    }

    /// A path without names.
    pub fn none() -> PathNames {
        PathNames(Vec::new())
    }

    /// The path below `/v1/` that a template and these names make, in segments.
    #[must_use]
    pub fn path_of(&self, template: &str) -> Vec<String> {
        let mut names = self.0.iter();
        let segments = template.trim_start_matches("/v1/").split('/');
        let named = segments.map(|segment| match segment.starts_with('{') {
            true => names.next().cloned().unwrap_or_default(),
            false => segment.to_owned(),
        });
        named.collect()
    }

    /// The first name; empty where the path has none.
    pub(crate) fn first(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }
}

impl Asking {
    /// The one referrer that is asked about, where one is: by its own token, or by name.
    #[must_use]
    pub fn referrer(&self) -> Option<Uid> {
        let named = self.parameters.iter().find(|(name, _)| name == UID.name);
        self.caller.own_data_of().or_else(|| named.and_then(|(_, uid)| Uid::parse(uid)))
    }
}

impl App {
    /// Answers a question about the referrer that it names, as of the moment that it names. It looks at nothing of
    /// others, but where it names no referrer.
    ///
    /// # Errors
    /// What the question was refused with.
    pub async fn answer_about_referrer<T: Send + 'static>(
        &self,
        asking: Asking,
        answer: impl FnOnce(&Asked<'_>, &PathNames) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let about = asking.referrer();
        self.answer_about(asking, about, answer).await
    }

    /// Answers a question that looks at nothing but one referrer, or at all of them where none is given, as of the moment
    /// that it names.
    ///
    /// # Errors
    /// What the question was refused with.
    pub async fn answer_about<T: Send + 'static>(
        &self,
        asking: Asking,
        about: Option<Uid>,
        answer: impl FnOnce(&Asked<'_>, &PathNames) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        match moment_of(&asking.parameters)? {
            None => self.answer_now(asking, answer).await,
            Some(moment) => self.answer_as_of(asking, about, (moment, AS_OF.name), answer).await,
        }
    }

    /// Answers a question that bears these names and parameters, as of the moment that they name.
    ///
    /// # Errors
    /// What the question was refused with.
    pub async fn answer<T: Send + 'static>(
        &self,
        asking: Asking,
        answer: impl FnOnce(&Asked<'_>, &PathNames) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.answer_about(asking, None, answer).await
    }

    /// Answers a question that is about the present.
    ///
    /// # Errors
    /// What the question was refused with.
    pub async fn answer_now<T: Send + 'static>(
        &self,
        asking: Asking,
        answer: impl FnOnce(&Asked<'_>, &PathNames) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.ask_of(asking.scope, move |view, ledger| {
            let Asking { caller, path, parameters, .. } = &asking;
            answer(&Asked { view, ledger, who: ledger, caller, parameters, present: view.now }, path)
        })
        .await
    }

    /// Answers a question as of a moment that the parameter of this name gave. Where it looks at nothing but one referrer,
    /// no state of the past has to be made. So many are answered at a time, and some of each caller.
    ///
    /// # Errors
    /// If there is no such moment, too many are asked at a time, or what the question was refused with.
    pub async fn answer_as_of<T: Send + 'static>(
        &self,
        asking: Asking,
        about: Option<Uid>,
        (moment, name): (AsOf, &'static str),
        answer: impl FnOnce(&Asked<'_>, &PathNames) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let ledger = self.ledger()?.clone();
        let place = self.past_places().take(&asking.caller).await?;
        giving_way(move || {
            let _place = place;
            let position = position_of(&ledger, moment, name)?;
            let Asking { caller, path, parameters, .. } = &asking;
            let reader = ledger.reader();
            let present = ledger.now();
            let ask = |view: &View<'_>| {
                // Never later than the present: what is to come is nobody's to see yet.
                let now = asking.now_at_least.map_or(view.now, |least| least.min(present).max(view.now));
                let view = &View { now, ..*view };
                answer(&Asked { view, ledger: &reader, who: &reader, caller, parameters, present }, path)
            };
            match about {
                Some(referrer) => ledger.read_as_of_about(referrer, position, ask)?,
                None => ledger.read_as_of(position, ask)?,
            }
        })
        .await?
    }
}

impl FromRequestParts<App> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Asking, Problem> {
        let caller = match parts.extensions.get::<Within>() {
            Some(within) => within.caller.clone(),
            None => app.caller(&parts.headers).await?,
        };
        recognize(&parts.extensions);
        let parameters = read_query_string(parts.uri.query().unwrap_or_default())?;
        let names = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|error| Problem::new(ProblemKind::InvalidPath, format!("the path cannot be read: {error}")))?;
        let path = PathNames(names.iter().map(|(_, value)| value.to_owned()).collect());
        let template = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let scope = Scope::of_endpoint(template, &caller, &parameters);
        let came = Came::of(&app.http().reach, parts);
        Ok(Asking { caller, path, parameters, scope, came, now_at_least: now_at_least(parts)? })
    }
}

fn now_at_least(parts: &Parts) -> Result<Option<Timestamp>, Problem> {
    let Some(given) = parts.headers.get(NOW_HEADER) else { return Ok(None) };
    let time = given.to_str().ok().and_then(Timestamp::parse);
    time.map(Some).ok_or_else(|| {
        Problem::of_field(ProblemKind::InvalidParameter, NOW_HEADER.as_str(), "expected a time as in RFC 3339")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_its_names_as_they_were_meant() {
        let names = PathNames::of(vec!["A/B".to_owned()]);
        assert_eq!(names.path_of("/v1/codes/{code}/referrals"), ["codes", "A/B", "referrals"]);
        assert_eq!(PathNames::none().path_of("/v1/account"), ["account"]);
    }
}
