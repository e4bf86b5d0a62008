//! A guide: what a newcomer is shown first, in chapters that lead to the pages and say the commands. Whoever serves the
//! pages says what happened ([`Guide`]); the pages tell it in the language that is being answered in, `guide_page` shows it,
//! and outside of an answer, as in a terminal, it is told in English.

mod story;

use schemas::{Day, Timestamp, Uid};

use crate::link::Link;

/// Where it stands.
pub(crate) const PATH: &str = "/guide";

/// What a guide is told of: a referrer's ledger, and what happened in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guide {
    /// The referrer that is looked at.
    pub uid: Uid,
    /// How a shell calls the binary.
    pub program: String,
    /// The directory of the ledger, as a shell takes it.
    pub data: String,
    /// What happened, if there is a story.
    pub story: Option<Story>,
}

/// A month that was closed, and what came to be known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The first day of the month.
    pub first: Day,
    /// Its last day.
    pub last: Day,
    /// When it was closed.
    pub closed: Timestamp,
    /// A trade that came late.
    pub late: Trade,
    /// The affiliate that was suspended.
    pub suspended: Uid,
    /// Since which day.
    pub suspended_on: Day,
    /// A trade by which nobody earned a commission for it.
    pub unpaid: Trade,
    /// The file of rules of the what-if, as a shell takes it.
    pub rules: String,
}

/// The name of a trade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trade {
    /// Whose.
    pub uid: Uid,
    /// Its event's source.
    pub source: &'static str,
    /// Its event's id.
    pub id: &'static str,
}

/// A guide as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
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
