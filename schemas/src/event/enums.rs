//! The closed sets of values of SPEC 1 and 4.6, each with its text on the wire.

use serde::{Serialize, Serializer};

/// Declares an enum whose variants have a text on the wire.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// All values, in the order of the contract.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The text on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// The value of a text on the wire.
            #[must_use]
            pub fn parse(text: &str) -> Option<$name> {
                match text { $($text => Some($name::$variant),)* _ => None }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

wire_enum! {
    /// What kind of account signed up. Only a major account can be an invitee.
    AccountType {
        /// A main account.
        Major = "major",
        /// A sub-account of a parent.
        Sub = "sub",
        /// Another function account of a parent.
        Other = "other",
    }
}

wire_enum! {
    /// Which product groups a referral covers (the commission type of a referral).
    Relationship {
        /// Spot and margin.
        Spot = "spot",
        /// Futures.
        Futures = "futures",
        /// Both groups.
        Both = "both",
    }
}

impl Relationship {
    /// Whether trades of the group can earn.
    #[must_use]
    pub fn covers(self, group: ProductGroup) -> bool {
        match self {
            Relationship::Both => true,
            Relationship::Spot => group == ProductGroup::Spot,
            Relationship::Futures => group == ProductGroup::Futures,
        }
    }
}

wire_enum! {
    /// Outcome of an identity check.
    KycStatus {
        /// Passed.
        Verified = "verified",
        /// Failed.
        Rejected = "rejected",
        /// Not decided.
        Pending = "pending",
    }
}

wire_enum! {
    /// What was traded.
    Product {
        /// Spot.
        Spot = "spot",
        /// Margin; uses the spot rates.
        Margin = "margin",
        /// Futures.
        Futures = "futures",
    }
}

/// Which rates a product uses (SPEC 2, product groups).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProductGroup {
    /// Spot and margin.
    Spot,
    /// Futures.
    Futures,
}

impl Product {
    /// Which rates it uses.
    #[must_use]
    pub fn group(self) -> ProductGroup {
        match self {
            Product::Spot | Product::Margin => ProductGroup::Spot,
            Product::Futures => ProductGroup::Futures,
        }
    }
}

wire_enum! {
    /// A referrer's standing.
    AffiliateStatus {
        /// Earns at its own rates.
        Approved = "approved",
        /// Earns nothing; its invitees keep their rebates.
        Suspended = "suspended",
    }
}

wire_enum! {
    /// What an offer pays for.
    OfferKind {
        /// A bonus program.
        Bonus = "bonus",
        /// An evaluation.
        Evaluation = "evaluation",
    }
}

wire_enum! {
    /// Over what an offer counts.
    Period {
        /// The running UTC month.
        Month = "month",
        /// The running UTC quarter.
        Quarter = "quarter",
    }
}

wire_enum! {
    /// Who sees a campaign.
    Visibility {
        /// Everyone.
        Public = "public",
        /// Approved affiliates.
        Exclusive = "exclusive",
    }
}

wire_enum! {
    /// What a condition of an offer's tier measures (SPEC 3 and 4.6).
    Metric {
        /// Commission, all products.
        TotalRewards = "total_rewards",
        /// Commission of spot and margin trades.
        SpotCommission = "spot_commission",
        /// Commission of futures trades.
        FuturesCommission = "futures_commission",
        /// Rebates given to invitees.
        SharedCommission = "shared_commission",
        /// Major accounts that registered.
        TotalReferrals = "total_referrals",
        /// Invitees first verified.
        Verified = "verified",
        /// Invitees who first deposited.
        Deposited = "deposited",
        /// Invitees who first traded.
        FirstTimeTrade = "first_time_trade",
        /// Distinct invitees who traded.
        Traded = "traded",
        /// Spot and margin volume.
        SpotVolume = "spot_volume",
        /// Futures volume at VIP level 0 or 1.
        FuturesVolume = "futures_volume",
        /// Volume of all trades.
        TotalVolume = "total_volume",
        /// The same as `first_time_trade`.
        NewTraders = "new_traders",
        /// Total volume of invitees whose first trade lies in the period.
        NewTraderVolume = "new_trader_volume",
        /// Invitees whose registration and first spot or margin trade lie in the period.
        NewSpotTraders = "new_spot_traders",
        /// Invitees whose registration and first futures trade lie in the period.
        NewFuturesTraders = "new_futures_traders",
        /// Positive fees of spot and margin trades, net of reversals.
        SpotFees = "spot_fees",
        /// Positive fees of futures trades, net of reversals.
        FuturesFees = "futures_fees",
        /// Volume of eligible spot and margin trades, net.
        EligibleSpotVolume = "eligible_spot_volume",
        /// Volume of eligible futures trades, net.
        EligibleFuturesVolume = "eligible_futures_volume",
    }
}

impl Metric {
    /// Whether it counts something; the others are USD.
    #[must_use]
    pub fn is_count(self) -> bool {
        match self {
            Metric::TotalReferrals
            | Metric::Verified
            | Metric::Deposited
            | Metric::FirstTimeTrade
            | Metric::Traded
            | Metric::NewTraders
            | Metric::NewSpotTraders
            | Metric::NewFuturesTraders => true,
            Metric::TotalRewards
            | Metric::SpotCommission
            | Metric::FuturesCommission
            | Metric::SharedCommission
            | Metric::SpotVolume
            | Metric::FuturesVolume
            | Metric::TotalVolume
            | Metric::NewTraderVolume
            | Metric::SpotFees
            | Metric::FuturesFees
            | Metric::EligibleSpotVolume
            | Metric::EligibleFuturesVolume => false,
        }
    }
}
