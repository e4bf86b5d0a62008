//! What all pages share: the API that they ask, what their forms are sealed with, and what the menu leads to.

use std::sync::Arc;

use api::App;

use crate::entries::Entries;
use crate::seal::FormKey;

/// The pages of one API. Clones are the same.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) app: App,
    pub(crate) form_key: Arc<FormKey>,
    pub(crate) entries: Entries,
}

impl Site {
    /// The pages of an API. Forms of another site are not taken here.
    pub(crate) fn new(app: App, entries: Entries) -> Site {
        Site { app, form_key: Arc::new(FormKey::random()), entries }
    }
}
