//! What a what-if came to (SPEC 6).

use schemas::{Day, Uid, Usd};
use serde::Serialize;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::AsOf;
use super::shown::{Shown, shaped};

/// Amounts in the ledger, in the edited set, and the second less the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AmountChanges {
    /// What referrers earned, as the ledger is.
    pub commission_before: Usd,
    /// What they would have earned.
    pub commission_after: Usd,
    /// `commission_after` less `commission_before`.
    pub commission_difference: Usd,
    /// What invitees earned, as the ledger is.
    pub rebate_before: Usd,
    /// What they would have earned.
    pub rebate_after: Usd,
    /// `rebate_after` less `rebate_before`.
    pub rebate_difference: Usd,
    /// `commission_before + rebate_before`.
    pub total_before: Usd,
    /// `commission_after + rebate_after`.
    pub total_after: Usd,
    /// `total_after` less `total_before`.
    pub total_difference: Usd,
}

shaped!(struct AmountChanges {
    commission_before, commission_after, commission_difference, rebate_before, rebate_after, rebate_difference,
    total_before, total_after, total_difference
});

/// The amounts under one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WhatIfRow {
    /// `"total"`, the referrer's uid, the code, the day, the month (`2026-03`), the country (`ZZ` if unknown) or the product:
    /// whatever `by` says.
    pub key: AmountKey,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "its fields stand in the row, and say what they are")]
    pub changes: AmountChanges,
}

shaped!(struct WhatIfRow { key, changes });

/// What amounts stand under: the referrer's uid, or a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AmountKey {
    /// `"total"`, a code, a day, a month, a country or a product.
    Text(String),
    /// Who earns.
    Uid(Uid),
}

impl Shown for projections::query::AmountKey {
    type Shape = AmountKey;

    fn shown(self) -> AmountKey {
        match self {
            projections::query::AmountKey::Total => AmountKey::Text("total".to_owned()),
            projections::query::AmountKey::Referrer(uid) => AmountKey::Uid(uid),
            projections::query::AmountKey::Code(code) => AmountKey::Text(code.into_string()),
            projections::query::AmountKey::Day(day) => AmountKey::Text(day.to_string()),
            projections::query::AmountKey::Month(first) => {
                let mut month = first.to_string();
                month.truncate("2026-03".len());
                AmountKey::Text(month)
            }
            projections::query::AmountKey::Country(country) => AmountKey::Text(country.into_string()),
            projections::query::AmountKey::Product(product) => AmountKey::Text(product.to_owned()),
        }
    }
}

impl PartialSchema for AmountKey {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let uid = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
        RefOr::T(Schema::OneOf(OneOfBuilder::new().item(text).item(uid).build()))
    }
}

impl ToSchema for AmountKey {}

/// A what-if on its way, or what it came to.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum WhatIfJob {
    /// It waits for its turn, or is under way.
    Running {
        /// Its name; none where it is no job.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// How much of the ledger is replayed, 0 to 1.
        progress: f64,
    },
    /// It is done.
    Done {
        /// Its name; none where it is no job.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// 1.
        progress: f64,
        /// What the rows are by.
        by: &'static str,
        /// The first day; null if it is open.
        from: Option<Day>,
        /// The last day; null if it is open.
        to: Option<Day>,
        /// Whether rows without a difference are there, too.
        all: bool,
        /// Ascending by key.
        rows: Vec<WhatIfRow>,
        /// Of all keys, shown or not.
        sum: AmountChanges,
        /// What was edited: the ledger up to this position.
        as_of: AsOf,
    },
    /// An added event does not fit in, or something went wrong here.
    Failed {
        /// Its name; none where it is no job.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// How much of the ledger was replayed, 0 to 1.
        progress: f64,
        /// The number of the add that does not fit in; null if something went wrong here.
        number: Option<u64>,
        /// Why: a reason of quarantine, `duplicate`, or `internal`.
        reason: &'static str,
        /// The field that is wrong, if it is one.
        field: Option<String>,
        /// A sentence on what is wrong.
        detail: String,
    },
}
