//! What the two kinds, their rows and their reasons are called.

use projections::WhyNothing;
use projections::query::ForgoneBy;

use super::{Kind, Rows};

pub(super) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Withheld => "Withheld",
        Kind::Clawbacks => "Taken back",
    }
}

pub(super) fn meaning(kind: Kind) -> &'static str {
    match kind {
        Kind::Withheld => {
            "What trades would have given by the rates in force at them, and did not because of a rule. Each stands under the one \
             reason why it gave no commission; one that was taken back later is taken off on the day of its reversal."
        }
        Kind::Clawbacks => {
            "What reversals took back of commission and rebates that trades had given, on the day of the reversal. A trade \
             that had given nothing is none of these."
        }
    }
}

pub(super) fn nothing(kind: Kind) -> &'static str {
    match kind {
        Kind::Withheld => "Every trade in these days gave a commission, or there was none.",
        Kind::Clawbacks => "Nothing was taken back in these days.",
    }
}

pub(super) fn side(rows: Rows) -> &'static str {
    match rows {
        Rows::By(ForgoneBy::Referrer) => "Referrer",
        Rows::By(ForgoneBy::Reason) => "Reason",
        Rows::By(ForgoneBy::Code) => "Code",
        Rows::By(ForgoneBy::Country) => "Country",
        Rows::By(ForgoneBy::Day) => "Day",
        Rows::Trades => "Trades",
    }
}

pub(super) fn caption(kind: Kind, rows: Rows) -> &'static str {
    match (kind, rows) {
        (Kind::Withheld, Rows::By(ForgoneBy::Day)) => "What was withheld, the newest day first",
        (Kind::Clawbacks, Rows::By(ForgoneBy::Day)) => "What was taken back, the newest day first",
        (Kind::Withheld, Rows::By(_)) => "What was withheld, the most first",
        (Kind::Clawbacks, Rows::By(_)) => "What was taken back, the most first",
        (Kind::Withheld, Rows::Trades) => "Trades without commission, the most withheld first",
        (Kind::Clawbacks, Rows::Trades) => "Trades that were taken back, the most first",
    }
}

pub(super) fn narrowed_by(name: &str) -> &'static str {
    match name {
        "referrer" => "Referrer",
        "reason" => "Reason",
        "code" => "Code",
        _ => "Country",
    }
}

/// A reason by its name in the API; another text as it is.
pub(super) fn of_reason(name: &str) -> &str {
    let known = WhyNothing::WITHHOLDING.into_iter().find(|reason| reason.as_str() == name);
    known.map_or(name, |reason| why(reason))
}

/// Several of them, with commas between them.
pub(super) fn of_reasons(names: &str) -> String {
    names.split(',').map(of_reason).collect::<Vec<_>>().join(", ")
}

pub(super) fn why(reason: WhyNothing) -> &'static str {
    match reason {
        WhyNothing::NotRegistered => "Not registered",
        WhyNothing::BeforeRegistration => "Before the registration",
        WhyNothing::SelfReferral => "Own code",
        WhyNothing::NotAttributed => "Nobody's invitee",
        WhyNothing::Relationship => "Products not covered",
        WhyNothing::VipLevel => "VIP level above the limit",
        WhyNothing::FeeNotPositive => "No fee paid",
        WhyNothing::WindowEnded => "Futures days ended",
        WhyNothing::Suspended => "Referrer suspended",
        WhyNothing::RateZero => "Rate comes to 0",
    }
}
