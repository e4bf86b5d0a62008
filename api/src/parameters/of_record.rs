//! The parameters that name a record of rewards.

use schemas::{Day, Product, Uid};
use utoipa::PartialSchema;

use super::parameter::Parameter;
use super::shapes::{day, one_of};

/// The day of a record.
pub(crate) const DATE: Parameter<Day> = Parameter {
    name: "date",
    meaning: "The UTC day of the record.",
    expected: "a date such as 2026-03-01",
    is_required: true,
    read: Day::parse,
    schema: day,
};

/// Who is on the other side of a record.
pub(crate) const COUNTERPARTY: Parameter<Uid> = Parameter {
    name: "counterparty",
    meaning: "The invitee of the record, or of one of `shared` the referrer.",
    expected: "a uid, 1 to 9007199254740991",
    is_required: true,
    read: Uid::parse,
    schema: Uid::schema,
};

/// The product of a record.
pub(crate) const PRODUCT: Parameter<Product> = Parameter {
    name: "product",
    meaning: "The product of the record.",
    expected: "spot, margin or futures",
    is_required: true,
    read: Product::parse,
    schema: || one_of(&["spot", "margin", "futures"]),
};
