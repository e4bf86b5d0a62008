//! A guide: what a newcomer is shown first, in chapters that lead to the pages and say the commands. Whoever serves the
//! pages writes it; the demo tells its story by one. `guide_page` shows it.

use crate::link::Link;

/// Where it stands.
pub(crate) const PATH: &str = "/guide";

/// What a newcomer is shown first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guide {
    /// Its heading.
    pub title: String,
    /// What it is about, in a sentence or two.
    pub begins: String,
    /// Its chapters, in order.
    pub chapters: Vec<Chapter>,
}

/// A part of a guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// Its heading.
    pub heading: String,
    /// What happened, or what there is to see.
    pub says: String,
    /// Where to look.
    pub leads: Vec<Lead>,
    /// The same from the shell, ready to paste.
    pub command: Option<String>,
}

/// Where a chapter leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// What is seen there.
    pub label: String,
    /// The page's path, from `/` on.
    pub path: &'static str,
    /// Its parameters.
    pub parameters: Vec<(&'static str, String)>,
}

impl Lead {
    /// Its address below the one that the pages are served at.
    #[must_use]
    pub fn address(&self, base: &str) -> String {
        let parameters = self.parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        Link::below(base, self.path, parameters.collect()).to_string()
    }
}
