//! What all pages share: the API that they ask, what their forms are sealed with, and what the menu leads to.

use std::sync::Arc;

use api::{App, Problem};
use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::entries::Entries;
use crate::guide::Guide;
use crate::seal::FormKey;
use crate::visitor::Visitor;

/// The pages of one API. Clones are the same.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) app: App,
    pub(crate) form_key: Arc<FormKey>,
    pub(crate) entries: Entries,
    /// What a newcomer is shown first, if there is such a thing.
    pub(crate) guide: Option<Arc<Guide>>,
    /// What answers the API where there is no ledger.
    pub(crate) elsewhere: Option<Router>,
}

impl Site {
    /// The pages of an API. Forms of another site are not taken here.
    pub(crate) fn new(app: App, entries: Entries, guide: Option<Guide>) -> Site {
        Site { app, form_key: Arc::new(FormKey::random()), entries, guide: guide.map(Arc::new), elsewhere: None }
    }

    /// The same where there is no ledger, and these routes answer the API. Forms of all such processes of one secret are taken.
    pub(crate) fn elsewhere(app: App, entries: Entries, api: Router) -> Site {
        let form_key = Arc::new(FormKey::of(app.key_of_forms()));
        Site { elsewhere: Some(api), form_key, ..Site::new(app, entries, None) }
    }

    /// What answers the API.
    pub(crate) fn api(&self) -> Router {
        self.elsewhere.clone().unwrap_or_else(|| self.app.router())
    }
}

impl FromRequestParts<Site> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Visitor, Problem> {
        // The frame read it already, and a new name is told to the browser by it.
        let read = parts.extensions.get::<Visitor>().cloned();
        Ok(read.unwrap_or_else(|| Visitor::read(&site.app, parts)))
    }
}
