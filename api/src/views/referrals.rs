//! Referrals (SPEC 4.1) and codes (SPEC 4.2).

use schemas::{Country, Rate, Relationship, Timestamp, Uid, Usd};
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::{Shown, shaped};
use super::{AsOf, Explained};

/// A row of the referral list (SPEC 4.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReferralRow {
    /// The invitee.
    pub uid: Uid,
    /// When it registered.
    pub registered_at: Timestamp,
    /// The code it registered with.
    pub code: String,
    /// Its country; null if unknown.
    pub country: Option<Country>,
    /// Its first `verified` KYC.
    pub verified_at: Option<Timestamp>,
    /// Its first deposit that counts.
    pub first_deposit_at: Option<Timestamp>,
    /// Its first trade at or after its registration.
    pub first_trade_at: Option<Timestamp>,
    /// What the referrer earned from it, all time, net.
    pub commission: Usd,
    /// What it earned itself, all time, net.
    pub rebate: Usd,
    /// Its volume, all time, all products, net.
    pub volume: Usd,
    /// Its latest VIP level; 0 if none is known.
    pub vip_level: u8,
    /// Which product groups the referral covers.
    pub commission_type: Relationship,
    /// The spot rebate rate agreed last, uncapped.
    pub spot_rebate_rate: Rate,
    /// The futures rebate rate agreed last, uncapped.
    pub futures_rebate_rate: Rate,
    /// The referrer's note; empty if none.
    pub note: String,
}

shaped!(struct ReferralRow {
    uid, registered_at, code, country, verified_at, first_deposit_at, first_trade_at, commission, rebate, volume,
    vip_level, commission_type, spot_rebate_rate, futures_rebate_rate, note
});

/// `GET /v1/referrals/{invitee}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReferralDetail {
    /// The invitee's row.
    pub referral: ReferralRow,
    /// Its and its sub-accounts' latest 20 trades, newest first, each explained.
    pub trades: Vec<Explained>,
    /// What the answer reflects.
    pub as_of: AsOf,
}

shaped!(struct ReferralDetail { referral, trades, as_of });

/// A row of the codes (SPEC 4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CodeRow {
    /// The code.
    pub code: String,
    /// The time of its first event.
    pub created_at: Timestamp,
    /// Major accounts that registered with it.
    pub referrals: u64,
    /// Commission from its invitees, all time, net.
    pub commission: Usd,
    /// What the referrer keeps of spot and margin fees now.
    pub spot_rate: Rate,
    /// What the referrer keeps of futures fees now.
    pub futures_rate: Rate,
    /// What an invitee gets of spot and margin fees.
    pub spot_rebate_rate: Rate,
    /// What an invitee gets of futures fees.
    pub futures_rebate_rate: Rate,
    /// The owner's note.
    pub note: String,
    /// Whether it is the owner's default.
    pub is_default: bool,
    /// What to share.
    pub link: String,
}

shaped!(struct CodeRow {
    code, created_at, referrals, commission, spot_rate, futures_rate, spot_rebate_rate, futures_rebate_rate, note,
    is_default, link
});

/// `GET /v1/codes/{code}`: the row, with `as_of`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CodeDetail {
    /// The row.
    #[serde(flatten)]
    pub row: CodeRow,
    /// What the answer reflects.
    pub as_of: AsOf,
}

shaped!(struct CodeDetail { row, as_of });

/// A code in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CodeSplit {
    /// The code.
    pub code: String,
    /// What the referrer keeps of spot and margin fees now.
    pub spot_rate: Rate,
    /// What the referrer keeps of futures fees now.
    pub futures_rate: Rate,
    /// What an invitee gets of spot and margin fees.
    pub spot_rebate_rate: Rate,
    /// What an invitee gets of futures fees.
    pub futures_rebate_rate: Rate,
    /// What to share.
    pub link: String,
}

impl Shown for projections::query::CodeSplit {
    type Shape = CodeSplit;

    fn shown(self) -> CodeSplit {
        let projections::query::CodeSplit {
            code,
            spot_rate,
            futures_rate,
            spot_rebate_rate,
            futures_rebate_rate,
            link,
        } = self;
        CodeSplit { code, spot_rate, futures_rate, spot_rebate_rate, futures_rebate_rate, link }
    }
}

/// `GET /v1/account/codes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountCodes {
    /// The referrer.
    pub uid: Uid,
    /// All its codes, by code.
    pub rows: Vec<CodeSplit>,
    /// What the answer reflects.
    pub as_of: AsOf,
}
