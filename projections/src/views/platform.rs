//! What operators see of the platform's own settings: rules, standings, offers and campaigns, with what is to come.

use schemas::{Affiliate, Campaign, Offer, Program, Timestamp, Uid};

/// A fact that holds from a moment on, and the event that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<T> {
    /// From when on.
    pub time: Timestamp,
    /// The event's position.
    pub position: u64,
    /// The event's source.
    pub source: String,
    /// The event's id.
    pub id: String,
    /// What it says.
    pub value: T,
}

/// The program's rules through time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramRules {
    /// What holds now: of the latest event, or built in.
    pub in_force: Program,
    /// Every program event, ascending in the order of equals; those to come, too.
    pub history: Vec<Dated<Program>>,
}

/// A referrer with a standing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingRow {
    /// The referrer.
    pub uid: Uid,
    /// Its standing and base rates now.
    pub now: Dated<Affiliate>,
    /// From when on another event of it holds, where one is to come.
    pub changes_at: Option<Timestamp>,
}

/// Where something with dates stands today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Today is one of its days.
    Running,
    /// Its first day, or its first event, lies ahead.
    ToCome,
    /// Its last day is past.
    Over,
}

/// An offer or a campaign, whatever its dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion<T> {
    /// Where it stands today.
    pub phase: Phase,
    /// What holds now; of one whose first event lies ahead, what will.
    pub state: Dated<T>,
    /// How many events of it there are.
    pub changes: usize,
    /// From when on another state of it holds, where one is to come.
    pub changes_at: Option<Timestamp>,
    /// How many referrers joined; of a campaign.
    pub joined: usize,
}

/// An offer as operators see it.
pub type PlatformOffer = Promotion<Offer<'static>>;
/// A campaign as operators see it.
pub type PlatformCampaign = Promotion<Campaign<'static>>;
