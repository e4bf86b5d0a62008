//! The shape of the answer about what changed the terms on which amounts are made.

use schemas::{Day, Rate, Uid};
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::{Shown, shaped};
use super::{EventRef, List, Standing};

/// What kind of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
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

shaped!(
    enum ChangeKind {
        Standing,
        Code,
        Program,
        CampaignStarts,
        CampaignEnds,
    }
);

/// Terms as they hold before or after a change. What that kind of change has nothing to do with is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangedTerms {
    /// The standing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Standing>,
    /// Of spot and margin fees: a standing's base rate, a code's rebate rate, the program's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spot_rate: Option<Rate>,
    /// Of futures fees, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub futures_rate: Option<Rate>,
    /// The futures window in days; absent also where there is no window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub futures_window_days: Option<u16>,
    /// The highest VIP level whose spot and margin trades earn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spot_vip_max: Option<u8>,
    /// The highest VIP level whose futures trades earn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub futures_vip_max: Option<u8>,
}

shaped!(struct ChangedTerms { status, spot_rate, futures_rate, futures_window_days, spot_vip_max, futures_vip_max });

/// A row of `GET /v1/changes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
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
    /// The terms before; null where no event said any.
    pub before: Option<ChangedTerms>,
    /// The terms from then on; null of a campaign.
    pub after: Option<ChangedTerms>,
    /// The event that says so.
    pub event: EventRef,
}

shaped!(struct ChangeRow { date, kind, code, campaign_id, title, before, after, event });

/// `GET /v1/changes`: the list, with the range it used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Changes {
    /// The referrer; null for what is about all of them.
    pub uid: Option<Uid>,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// The code it is narrowed to, if any.
    pub code: Option<String>,
    /// The rows, by day.
    #[serde(flatten)]
    pub list: List<ChangeRow>,
}

shaped!(struct Changes { uid, from, to, code, list });
