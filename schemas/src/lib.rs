//! The events of a referral program: their types, their strict reading from CloudEvents JSON, their
//! validation, and their encoding on disk. Pure: no file, no clock, no randomness; the moment of arrival is
//! an argument.
//!
//! What this crate does not do: it decides nothing about an event beside the others (duplicates and
//! conflicts are the ledger's), and it rates no trade (that is the projections').

pub mod country;
mod decimal_text;
pub mod dictionary;
pub mod event;
pub mod json;
pub mod json_schema;
pub mod money;
mod openapi;
pub mod record;
pub mod rejection;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;

pub use country::Country;
pub use decimal_text::DecimalText;
pub use dictionary::Dictionary;
pub use event::{
    AccountType, Affiliate, AffiliateStatus, Application, Body, Campaign, Code, Condition, Deposit, Event, EventType,
    Join, Kyc, KycStatus, Metric, Note, Offer, OfferKind, Period, Product, ProductGroup, Program, Rebate, Registration,
    Relationship, Reversal, StreamKey, Threshold, Tier, Trade, Uid, Vip, Visibility,
};
pub use money::{AssetAmount, Rate, Usd};
pub use record::RecordError;
pub use rejection::{Reason, Rejection};
pub use rust_decimal::Decimal;
pub use time::{Day, Timestamp};
