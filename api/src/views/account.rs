//! `GET /v1/account`: a referrer's standing and base rates.

use schemas::{Rate, Timestamp, Uid};
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::{Shown, shaped};
use super::{Actor, AsOf};

/// A referrer's standing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// An approved affiliate.
    Approved,
    /// Suspended.
    Suspended,
    /// No affiliate event says anything.
    None,
}

shaped!(
    enum Standing {
        Approved,
        Suspended,
        None,
    }
);

/// One affiliate event of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
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
    /// Who sent it in; null where that is not kept, or not the asker's to see.
    pub actor: Option<Actor>,
}

impl Shown for projections::views::StandingEvent {
    type Shape = StandingEvent;

    fn shown(self) -> StandingEvent {
        let projections::views::StandingEvent {
            time,
            status,
            spot_rate,
            futures_rate,
            futures_window_days,
            position: _,
        } = self;
        // Who it was is told by the ledger, and to whom by who asks.
        StandingEvent { time, status: status.shown(), spot_rate, futures_rate, futures_window_days, actor: None }
    }
}

/// `GET /v1/account`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
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

shaped!(struct Account { uid, status, spot_rate, futures_rate, futures_window_days, history, default_code, as_of });

/// `GET /v1/account/application`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Application {
    /// The user.
    pub uid: Uid,
    /// Since when it waits for an answer to its application; null where it does not.
    pub waiting_since: Option<Timestamp>,
    /// What the answer reflects.
    pub as_of: AsOf,
}
