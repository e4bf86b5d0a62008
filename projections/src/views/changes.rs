//! `GET /v1/changes`: what changed the terms on which amounts are made, and when campaigns ran.

use schemas::{Day, Rate, Uid};

use super::{EventRef, List, Standing};

/// What kind of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// The referrer's standing or its base rates.
    Standing,
    /// The rebate rates of a code; without terms before, it was made.
    Code,
    /// The program's rules.
    Program,
    /// A campaign's first day.
    CampaignStarts,
    /// A campaign's last day.
    CampaignEnds,
}

impl ChangeKind {
    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Standing => "standing",
            ChangeKind::Code => "code",
            ChangeKind::Program => "program",
            ChangeKind::CampaignStarts => "campaign_starts",
            ChangeKind::CampaignEnds => "campaign_ends",
        }
    }
}

/// Terms as they hold before or after a change; none where that kind of change has nothing to do with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChangedTerms {
    /// The standing.
    pub status: Option<Standing>,
    /// Of spot and margin fees: a standing's base rate, a code's rebate rate, the program's default.
    pub spot_rate: Option<Rate>,
    /// Of futures fees, likewise.
    pub futures_rate: Option<Rate>,
    /// The futures window in days; none also where there is no window.
    pub futures_window_days: Option<u16>,
    /// The highest VIP level whose spot and margin trades earn.
    pub spot_vip_max: Option<u8>,
    /// The highest VIP level whose futures trades earn.
    pub futures_vip_max: Option<u8>,
}

/// A row of `GET /v1/changes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// The UTC day on which it holds first; of a campaign's end, its last day.
    pub date: Day,
    /// What it is.
    pub kind: ChangeKind,
    /// The code, of one of a code.
    pub code: Option<String>,
    /// The campaign's id, of one of a campaign.
    pub campaign_id: Option<String>,
    /// The campaign's title, of one of a campaign.
    pub title: Option<String>,
    /// The terms before, where any event said some.
    pub before: Option<ChangedTerms>,
    /// The terms from then on.
    pub after: Option<ChangedTerms>,
    /// The event that says so.
    pub event: EventRef,
}

/// `GET /v1/changes`: the list, with the range it used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The referrer; none for what is about all of them.
    pub uid: Option<Uid>,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// The code it is narrowed to, if any.
    pub code: Option<String>,
    /// The rows, by day.
    pub list: List<ChangeRow>,
}
