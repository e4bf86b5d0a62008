//! How the scalars of the contract look in an OpenAPI document: money and rates as text, dates, times.

use std::borrow::Cow;

use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::{
    AccountType, AffiliateStatus, Country, Day, KycStatus, Metric, OfferKind, Period, Product, Rate, Relationship,
    Threshold, Timestamp, Uid, Usd, Visibility,
};

fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description))
}

/// Implements the schema of a scalar: its name in the document, and the object that describes it.
macro_rules! scalar {
    ($($name:ident => $object:expr;)*) => {
        $(
            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    let object: Object = $object;
                    RefOr::T(Schema::Object(object))
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed(stringify!($name))
                }
            }
        )*
    };
}

/// The schema of an enum with texts on the wire.
macro_rules! texts {
    ($name:ident, $description:literal) => {
        text($description).enum_values(Some($name::ALL.iter().map(|value| value.as_str()))).build()
    };
}

scalar! {
    Usd => text("USD, up to 8 decimals, no trailing zeros").pattern(Some(r"^-?(0|[1-9][0-9]*)(\.[0-9]{1,8})?$")).build();
    Rate => text("A rate, 0 to 1, up to 6 decimals, no trailing zeros").pattern(Some(r"^(0(\.[0-9]{1,6})?|1)$")).build();
    Timestamp => text("RFC 3339, UTC, at microseconds").format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).build();
    Day => text("A UTC day").format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))).build();
    Country => text("An assigned ISO 3166-1 alpha-2 code, or XK").pattern(Some("^[A-Z]{2}$")).build();
    Uid => ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some("An account's uid, 1 to 2^53-1"))
        .minimum(Some(1))
        .maximum(Some(Uid::MAX))
        .build();
    AccountType => texts!(AccountType, "What kind of account signed up");
    Relationship => texts!(Relationship, "Which product groups a referral covers");
    KycStatus => texts!(KycStatus, "Outcome of an identity check");
    Product => texts!(Product, "What was traded");
    AffiliateStatus => texts!(AffiliateStatus, "A referrer's standing");
    OfferKind => texts!(OfferKind, "What an offer pays for");
    Period => texts!(Period, "Over what an offer counts");
    Visibility => texts!(Visibility, "Who sees a campaign");
    Metric => texts!(Metric, "What a condition measures");
}

impl PartialSchema for Threshold {
    fn schema() -> RefOr<Schema> {
        let count = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).build();
        let one_of = utoipa::openapi::OneOfBuilder::new()
            .item(Schema::Object(count))
            .item(Usd::schema())
            .description(Some("A count as an integer, USD as text, as the metric is"))
            .build();
        RefOr::T(Schema::OneOf(one_of))
    }
}

impl ToSchema for Threshold {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Threshold")
    }
}
