//! `GET /v1/search`: what bears a name that was looked for.

use schemas::Uid;

use super::{AsOf, EventRef};

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoundKind {
    /// Who owns codes, or has a standing.
    Referrer,
    /// Somebody's invitee.
    Invitee,
    /// An account that is known by its events; named where it is neither a referrer nor an invitee.
    Account,
    /// A code.
    Code,
    /// A campaign.
    Campaign,
    /// An offer.
    Offer,
    /// A trade.
    Trade,
    /// An entry of the ledger that is no trade.
    Entry,
}

impl FoundKind {
    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            FoundKind::Referrer => "referrer",
            FoundKind::Invitee => "invitee",
            FoundKind::Account => "account",
            FoundKind::Code => "code",
            FoundKind::Campaign => "campaign",
            FoundKind::Offer => "offer",
            FoundKind::Trade => "trade",
            FoundKind::Entry => "entry",
        }
    }
}

/// One of the things found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRow {
    /// What it is.
    pub kind: FoundKind,
    /// The referrer, the invitee, the account; of an event that is an account's, whose; of a code, who owns it.
    pub uid: Option<Uid>,
    /// Of an invitee, whose it is.
    pub referrer_uid: Option<Uid>,
    /// The name of a code, a campaign or an offer.
    pub name: Option<String>,
    /// The title of a campaign or an offer.
    pub title: Option<String>,
    /// The event of a trade or an entry; of an account, its last.
    pub event: Option<EventRef>,
}

/// `GET /v1/search`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// What was looked for, without the blanks around it.
    pub name: String,
    /// What was found: by kind, entries latest first.
    pub rows: Vec<FoundRow>,
    /// Entries up to this position were not looked at for the id of an event; none where all were, or none had to be.
    pub not_looked_upto: Option<u64>,
    /// What the answer reflects.
    pub as_of: AsOf,
}
