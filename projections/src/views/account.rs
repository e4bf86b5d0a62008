//! `GET /v1/account`: a referrer's standing and base rates.

use schemas::{AffiliateStatus, Rate, Timestamp, Uid};

use super::AsOf;

/// A referrer's standing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// An approved affiliate.
    Approved,
    /// Suspended.
    Suspended,
    /// No affiliate event says anything.
    None,
}

impl Standing {
    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Approved => "approved",
            Standing::Suspended => "suspended",
            Standing::None => "none",
        }
    }

    /// The standing of a text as the API writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Standing> {
        [Standing::Approved, Standing::Suspended, Standing::None].into_iter().find(|of| of.as_str() == text)
    }
}

impl From<AffiliateStatus> for Standing {
    fn from(status: AffiliateStatus) -> Standing {
        match status {
            AffiliateStatus::Approved => Standing::Approved,
            AffiliateStatus::Suspended => Standing::Suspended,
        }
    }
}

/// One affiliate event of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingEvent {
    /// From when on.
    pub time: Timestamp,
    /// The standing.
    pub status: Standing,
    /// Base rate of spot and margin.
    pub spot_rate: Rate,
    /// Base rate of futures.
    pub futures_rate: Rate,
    /// Futures window in days; null: no window.
    pub futures_window_days: Option<u16>,
    /// Where it stands in the ledger.
    pub position: u64,
}

/// `GET /v1/account`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The referrer.
    pub uid: Uid,
    /// Its standing now.
    pub status: Standing,
    /// Base rate of spot and margin in force now.
    pub spot_rate: Rate,
    /// Base rate of futures in force now.
    pub futures_rate: Rate,
    /// Futures window in force now; null: no window.
    pub futures_window_days: Option<u16>,
    /// Every affiliate event up to now, ascending.
    pub history: Vec<StandingEvent>,
    /// Its default code; null if there is none.
    pub default_code: Option<String>,
    /// What the answer reflects.
    pub as_of: AsOf,
}
