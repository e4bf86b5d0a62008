//! The shape of the answer about what bears a name.

use schemas::Uid;
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::{Shown, shaped};
use super::{AsOf, EventRef};

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    /// Who owns codes, or has a standing.
    Referrer,
    /// Somebody's invitee.
    Invitee,
    /// An account that is known by its events, and neither a referrer nor an invitee.
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

shaped!(
    enum FoundKind {
        Referrer,
        Invitee,
        Account,
        Code,
        Campaign,
        Offer,
        Trade,
        Entry,
    }
);

/// One of the things found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
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

shaped!(struct FoundRow { kind, uid, referrer_uid, name, title, event });

/// `GET /v1/search`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Search {
    /// What was looked for, without the blanks around it.
    pub name: String,
    /// What was found: by kind, entries latest first.
    pub rows: Vec<FoundRow>,
    /// Entries up to this position were not looked at for the id of an event: to look further, give it as `upto`. Null
    /// where all were.
    pub not_looked_upto: Option<u64>,
    /// What the answer reflects.
    pub as_of: AsOf,
}

shaped!(struct Search { name, rows, not_looked_upto, as_of });
