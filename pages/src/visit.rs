//! A visit to a page: who looks, at whose data, as of when.

use api::parameters::read_query_string;
use api::query::Asked;
use api::{Asking, Caller, Came, PathNames, Privilege, Problem, ProblemKind, Scope, Within, recognize};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ledger::Actor;
use schemas::Uid;

use super::cookies;
use super::elsewhere::Elsewhere;
use super::language::{Language, speaking_within};
use super::link::Link;
use super::moment;
use super::reading::Reading;
use super::visitor::{Visitor, names};
use crate::site::Site;
use crate::words::words;

/// The parameters that every page keeps in its links.
const KEPT: [&str; 2] = ["uid", "as_of"];

/// Who looks at a page, and what its address says.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(super) site: Site,
    pub(super) visitor: Visitor,
    pub(super) caller: Caller,
    pub(super) came: Came,
    path: String,
    parameters: Vec<(String, String)>,
}

impl Visit {
    /// Reads a request, if its browser is signed in.
    pub(super) async fn read(site: &Site, visitor: Visitor, parts: &Parts) -> Result<Visit, Problem> {
        let caller = match &visitor.token {
            _ if site.app.is_open_to_anyone() => Caller::operator(),
            Some(token) => site.app.bearer_of(token).await?,
            None => return Err(Problem::new(ProblemKind::NotSignedIn, words!("problems-sign-in-first"))),
        };
        site.app.count_caller(&caller)?;
        recognize(&parts.extensions);
        let mut parameters = read_query_string(parts.uri.query().unwrap_or_default())?;
        for (_, written) in parameters.iter_mut().filter(|(name, _)| name == "as_of") {
            *written = moment::as_the_api_takes_it(written);
        }
        let came = Came::of(&site.app.http().reach, parts);
        Ok(Visit { site: site.clone(), visitor, caller, came, path: parts.uri.path().to_owned(), parameters })
    }

    /// A parameter of the page's address, if it is there and not empty (a form sends its empty fields too).
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(found, value)| found == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// All values of a parameter, as checkboxes of one name send them.
    pub(crate) fn parameter_values<'v>(&'v self, name: &'v str) -> impl Iterator<Item = &'v str> {
        let found = self.parameters.iter().filter(move |(found, value)| found == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// What a request to the API bears that is made for this visit.
    pub(super) fn within(&self) -> Within {
        Within { caller: self.caller.clone(), came: self.came.clone() }
    }

    /// What answers its questions where there is no ledger; none where there is one. Called where there is a runtime.
    pub(super) fn elsewhere(&self) -> Option<Elsewhere> {
        let token = self.visitor.token.clone().filter(|_| !self.site.app.is_open_to_anyone());
        Some(Elsewhere::of(self.site.elsewhere.clone()?, self.within(), token, &self.path))
    }

    /// Whether there is a ledger here, or was to be: with pages of the platform, and of single entries.
    pub(crate) fn has_ledger(&self) -> bool {
        self.site.elsewhere.is_none()
    }

    /// The uid whose data the page shows, if it is known and could be one.
    pub(crate) fn referrer(&self) -> Option<Uid> {
        self.caller.own_data_of().or_else(|| self.parameter("uid").and_then(Uid::parse))
    }

    /// The position or moment that the page looks back from, as it was given.
    pub(crate) fn as_of(&self) -> Option<&str> {
        self.parameter("as_of")
    }

    /// Whether the user sees any referrer's data.
    pub(crate) fn sees_any(&self) -> bool {
        self.caller.own_data_of().is_none()
    }

    /// Whether commands can be given on the page: by this role, and at present.
    pub(crate) fn may_command(&self) -> bool {
        let ledger = || self.site.app.ledger_if_open();
        let takes = !self.has_ledger() || ledger().is_some_and(|ledger| ledger.no_commands_because().is_none());
        self.as_of().is_none() && takes && self.caller.require(Privilege::Command).is_ok()
    }

    /// Whether events can be put in on the page, too: a ledger to which events come from its sources alone may take commands.
    pub(crate) fn may_put_in(&self) -> bool {
        let takes = self.site.app.ledger_if_open().is_some_and(|ledger| ledger.closed_because().is_none());
        takes && self.may_command()
    }

    /// Refuses who may not give commands, and any command beside a look back.
    pub(crate) fn require_command(&self) -> Result<(), Problem> {
        self.caller.require(Privilege::Command)?;
        if self.as_of().is_some() {
            return Err(Problem::new(ProblemKind::NotAllowed, words!("problems-past")));
        }
        Ok(())
    }

    /// Who does what is asked for on the page, as the ledger keeps it.
    pub(crate) fn actor(&self) -> Actor {
        self.site.app.actor(&self.caller, &self.came)
    }

    /// An address that keeps whose data is shown and as of when.
    pub(crate) fn link(&self, path: impl Into<String>) -> Link {
        let kept = KEPT.iter().filter_map(|name| Some(((*name).to_owned(), self.parameter(name)?.to_owned())));
        Link::below(&self.visitor.base, path, kept.collect())
    }

    /// This page's own address, to change a parameter in. Empty parameters are left out.
    pub(crate) fn here(&self) -> Link {
        let given = self.parameters.iter().filter(|(_, value)| !value.is_empty());
        Link::below(&self.visitor.base, self.path.clone(), given.cloned().collect())
    }

    /// Asks the ledger about the page's referrer, as of the moment that the page looks back from. All questions within
    /// see one state.
    pub(crate) async fn read_ledger<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reading<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.read_scope(Scope::of_page(self.referrer()), self.referrer(), read).await
    }

    /// The same about the platform as a whole, whoever the page's links keep.
    pub(crate) async fn read_platform<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reading<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.read_scope(Scope::Ledger, None, read).await
    }

    /// The same as everything stands now, whatever the page looks back from.
    pub(crate) async fn read_present<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Asked<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        if let Some(elsewhere) = self.elsewhere() {
            return Err(elsewhere.refused().await);
        }
        let (caller, came) = (self.caller.clone(), self.came.clone());
        let asking = Asking {
            caller,
            path: PathNames::none(),
            parameters: Vec::new(),
            scope: Scope::Ledger,
            came,
            now_at_least: None,
        };
        let language = Language::now();
        self.site.app.answer_now(asking, move |asked, _| speaking_within(language, || read(asked))).await
    }

    async fn read_scope<T: Send + 'static>(
        &self,
        scope: Scope,
        about: Option<Uid>,
        read: impl FnOnce(&Reading<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let kept = |name: &str| Some((name.to_owned(), self.parameter(name)?.to_owned()));
        let uid = kept("uid");
        let as_of = kept("as_of");
        if let Some(elsewhere) = self.elsewhere() {
            let language = Language::now();
            let read = move || speaking_within(language, || read(&Reading::elsewhere(&elsewhere, uid, as_of)));
            return self.site.app.question(read).await?;
        }
        let parameters = as_of.iter().cloned().collect();
        let (caller, came) = (self.caller.clone(), self.came.clone());
        let asking = Asking { caller, path: PathNames::none(), parameters, scope, came, now_at_least: None };
        let language = Language::now();
        let read = move |asked: &Asked<'_>| speaking_within(language, || read(&Reading::here_of(asked, uid, as_of)));
        self.site.app.answer_about(asking, about, move |asked, _| read(asked)).await
    }

    /// The seal that a POST form has to bear.
    pub(super) fn seal(&self) -> String {
        self.site.form_key.seal(&self.visitor)
    }

    /// Leads on to a page after a form was taken, which says so once.
    pub(crate) fn redirect(&self, to: &Link, says: &str) -> Response {
        let flash = cookies::set_briefly(names::FLASH, &URL_SAFE_NO_PAD.encode(says), self.visitor.is_secure);
        let mut response = see_other(&to.to_string());
        if let Some(flash) = flash {
            response.headers_mut().append(header::SET_COOKIE, flash);
        }
        response
    }
}

/// Leads on to an address within the pages.
pub(super) fn see_other(to: &str) -> Response {
    // Addresses are encoded, or were checked to be visible ASCII.
    (StatusCode::SEE_OTHER, [(header::LOCATION, to.to_owned())]).into_response()
}

impl FromRequestParts<Site> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Visit, Problem> {
        // The frame read it already.
        match parts.extensions.get::<Result<Visit, Problem>>() {
            Some(read) => read.clone(),
            None => Visit::read(site, Visitor::read(&site.app, parts), parts).await,
        }
    }
}
