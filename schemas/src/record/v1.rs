//! Version 1 of the records: one struct a type of event, its fields in the order of `docs/FORMAT.md`.
//!
//! NOTE: these structs are on disk. A change of any of them is a new version beside this one.

mod reading;
mod writing;

use bincode::{BorrowDecode, Encode};

use super::amount::Amount;
use super::fields::{List, Moment, Text};

pub(super) use self::reading::decode;
pub(super) use self::writing::encode;

const VERSION: u8 = 1;

/// What every event has: it stands before the fields of its type.
#[derive(Encode, BorrowDecode)]
struct Envelope<'a> {
    source: Text<'a>,
    id: &'a str,
    time: Moment,
}

#[derive(Encode, BorrowDecode)]
struct RegistrationRecord<'a> {
    uid: u64,
    account_type: u8,
    country: Option<[u8; 2]>,
    code: Option<Text<'a>>,
    relationship: u8,
    parent_uid: Option<u64>,
}

#[derive(Encode, BorrowDecode)]
struct DepositRecord<'a> {
    uid: u64,
    channel: Text<'a>,
    asset: Text<'a>,
    amount: Amount,
    amount_usd: Amount,
}

/// `product_and_level`: the VIP level, and the product times 32.
#[derive(Encode, BorrowDecode)]
struct TradeRecord<'a> {
    uid: u64,
    product_and_level: u8,
    symbol: Text<'a>,
    volume_usd: Amount,
    fee_usd: Amount,
    fee_asset: Text<'a>,
    fee_amount: Amount,
}

#[derive(Encode, BorrowDecode)]
struct ReversalRecord<'a> {
    uid: u64,
    trade_source: Text<'a>,
    trade_id: &'a str,
    reason: &'a str,
}

/// A uid and a small number: the status of `kyc`, the level of `vip`.
#[derive(Encode, BorrowDecode)]
struct UidAndNumber {
    uid: u64,
    number: u8,
}

/// A uid and a text: `note`, `join`, `application`.
#[derive(Encode, BorrowDecode)]
struct UidAndText<'a> {
    uid: u64,
    text: &'a str,
}

#[derive(Encode, BorrowDecode)]
struct AffiliateRecord {
    uid: u64,
    status: u8,
    spot_rate: u32,
    futures_rate: u32,
    futures_window_days: Option<u16>,
}

#[derive(Encode, BorrowDecode)]
struct CodeRecord<'a> {
    code: Text<'a>,
    owner_uid: u64,
    spot_rebate_rate: u32,
    futures_rebate_rate: u32,
    note: &'a str,
    is_default: bool,
}

#[derive(Encode, BorrowDecode)]
struct RebateRecord {
    uid: u64,
    spot_rebate_rate: u32,
    futures_rebate_rate: u32,
}

#[derive(Encode, BorrowDecode)]
struct ProgramRecord {
    default_spot_rate: u32,
    default_futures_rate: u32,
    default_futures_window_days: Option<u16>,
    spot_vip_max: u8,
    futures_vip_max: u8,
}

#[derive(Encode, BorrowDecode)]
struct OfferRecord<'a> {
    id: &'a str,
    kind: u8,
    title: &'a str,
    url: &'a str,
    period: u8,
    starts: Option<i32>,
    ends: Option<i32>,
    affiliates_only: bool,
    tiers: List<TierRecord<'a>>,
}

#[derive(Encode, BorrowDecode)]
struct TierRecord<'a> {
    name: &'a str,
    reward: &'a str,
    all: List<ConditionRecord>,
}

#[derive(Encode, BorrowDecode)]
struct ConditionRecord {
    metric: u8,
    at_least: ThresholdRecord,
}

#[derive(Encode, BorrowDecode)]
enum ThresholdRecord {
    Count(u64),
    Usd(Amount),
}

#[derive(Encode, BorrowDecode)]
struct CampaignRecord<'a> {
    id: &'a str,
    visibility: u8,
    title: &'a str,
    description: &'a str,
    url: &'a str,
    starts: i32,
    ends: i32,
}

/// The level of a trade takes this many bits beside its product.
const LEVEL_BITS: u32 = 5;
