//! The numbers on disk of the contract's choices. A number, once written, means the same for ever, whatever
//! becomes of the order of the variants.

use super::RecordError;
use crate::event::{
    AccountType, AffiliateStatus, EventType, KycStatus, Metric, OfferKind, Period, Product, Relationship, Visibility,
};

/// Declares the numbers of a choice once, for both directions.
macro_rules! numbered {
    ($($choice:ident in $field:literal { $($variant:ident = $number:literal,)* })*) => {$(
        impl Choice for $choice {
            fn number(self) -> u8 {
                match self { $($choice::$variant => $number,)* }
            }

            fn of_number(number: u8) -> Result<$choice, RecordError> {
                match number {
                    $($number => Ok($choice::$variant),)*
                    _ => Err(RecordError::InvalidValue { field: $field, value: u64::from(number) }),
                }
            }
        }
    )*};
}

/// A value out of few, with its number on disk.
pub(super) trait Choice: Sized {
    /// Its number.
    fn number(self) -> u8;
    /// The value of a number.
    fn of_number(number: u8) -> Result<Self, RecordError>;
}

numbered! {
    EventType in "type" {
        Registration = 0, Kyc = 1, Deposit = 2, Trade = 3, Reversal = 4, Vip = 5, Affiliate = 6, Code = 7, Rebate = 8,
        Note = 9, Program = 10, Offer = 11, Campaign = 12, Join = 13, Application = 14,
    }
    AccountType in "account_type" { Major = 0, Sub = 1, Other = 2, }
    Relationship in "relationship" { Spot = 0, Futures = 1, Both = 2, }
    KycStatus in "status" { Verified = 0, Rejected = 1, Pending = 2, }
    Product in "product" { Spot = 0, Margin = 1, Futures = 2, }
    AffiliateStatus in "status" { Approved = 0, Suspended = 1, }
    OfferKind in "kind" { Bonus = 0, Evaluation = 1, }
    Period in "period" { Month = 0, Quarter = 1, }
    Visibility in "visibility" { Public = 0, Exclusive = 1, }
    Metric in "metric" {
        TotalRewards = 0, SpotCommission = 1, FuturesCommission = 2, SharedCommission = 3, TotalReferrals = 4,
        Verified = 5, Deposited = 6, FirstTimeTrade = 7, Traded = 8, SpotVolume = 9, FuturesVolume = 10,
        TotalVolume = 11, NewTraders = 12, NewTraderVolume = 13, NewSpotTraders = 14, NewFuturesTraders = 15,
        SpotFees = 16, FuturesFees = 17, EligibleSpotVolume = 18, EligibleFuturesVolume = 19,
    }
}
