//! What the two kinds, their rows and their reasons are called.

use projections::WhyNothing;
use projections::query::ForgoneBy;

use super::{Kind, Rows};
use crate::words::words;

pub(super) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Withheld => words!("withheld-kind"),
        Kind::Clawbacks => words!("withheld-clawbacks"),
    }
}

pub(super) fn meaning(kind: Kind) -> &'static str {
    match kind {
        Kind::Withheld => words!("withheld-meaning"),
        Kind::Clawbacks => words!("withheld-clawbacks-meaning"),
    }
}

pub(super) fn nothing(kind: Kind) -> &'static str {
    match kind {
        Kind::Withheld => words!("withheld-nothing"),
        Kind::Clawbacks => words!("withheld-nothing-taken-back"),
    }
}

pub(super) fn side(rows: Rows) -> &'static str {
    match rows {
        Rows::By(ForgoneBy::Referrer) => words!("withheld-referrer"),
        Rows::By(ForgoneBy::Reason) => words!("withheld-reason"),
        Rows::By(ForgoneBy::Code) => words!("withheld-code"),
        Rows::By(ForgoneBy::Country) => words!("withheld-country"),
        Rows::By(ForgoneBy::Day) => words!("withheld-day"),
        Rows::Trades => words!("withheld-trades"),
    }
}

pub(super) fn caption(kind: Kind, rows: Rows) -> &'static str {
    match (kind, rows) {
        (Kind::Withheld, Rows::By(ForgoneBy::Day)) => words!("withheld-caption-days"),
        (Kind::Clawbacks, Rows::By(ForgoneBy::Day)) => words!("withheld-clawbacks-caption-days"),
        (Kind::Withheld, Rows::By(_)) => words!("withheld-caption"),
        (Kind::Clawbacks, Rows::By(_)) => words!("withheld-clawbacks-caption"),
        (Kind::Withheld, Rows::Trades) => words!("withheld-caption-trades"),
        (Kind::Clawbacks, Rows::Trades) => words!("withheld-clawbacks-caption-trades"),
    }
}

pub(super) fn narrowed_by(name: &str) -> &'static str {
    match name {
        "referrer" => words!("withheld-referrer"),
        "reason" => words!("withheld-reason"),
        "code" => words!("withheld-code"),
        _ => words!("withheld-country"),
    }
}

/// A reason by its name in the API; another text as it is.
pub(super) fn of_reason(name: &str) -> &str {
    let known = WhyNothing::WITHHOLDING.into_iter().find(|reason| reason.as_str() == name);
    known.map_or(name, |reason| why(reason))
}

/// Several of them, with commas between them.
pub(super) fn of_reasons(names: &str) -> String {
    names.split(',').map(of_reason).collect::<Vec<_>>().join(words!("withheld-between"))
}

pub(super) fn why(reason: WhyNothing) -> &'static str {
    match reason {
        WhyNothing::NotRegistered => words!("withheld-why-not-registered"),
        WhyNothing::BeforeRegistration => words!("withheld-why-before-registration"),
        WhyNothing::SelfReferral => words!("withheld-why-self-referral"),
        WhyNothing::NotAttributed => words!("withheld-why-not-attributed"),
        WhyNothing::Relationship => words!("withheld-why-relationship"),
        WhyNothing::VipLevel => words!("withheld-why-vip-level"),
        WhyNothing::FeeNotPositive => words!("withheld-why-no-fee"),
        WhyNothing::WindowEnded => words!("withheld-why-window-ended"),
        WhyNothing::Suspended => words!("withheld-why-suspended"),
        WhyNothing::RateZero => words!("withheld-why-rate-zero"),
    }
}
