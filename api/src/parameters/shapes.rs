//! What a parameter looks like in the OpenAPI document: a schema takes what the reader takes, and nothing else.

use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};

pub(super) fn text() -> RefOr<Schema> {
    RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::String).build()))
}

pub(super) fn matching(pattern: &str) -> RefOr<Schema> {
    RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).build()))
}

/// A date: the format says that there has to be such a day, the pattern that nothing else is written.
pub(super) fn day() -> RefOr<Schema> {
    let date = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        .pattern(Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"));
    RefOr::T(Schema::Object(date.build()))
}

/// A position of the ledger from this one on, a date, or a time.
pub(super) fn moment(first: usize) -> RefOr<Schema> {
    let position = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(first));
    let either = OneOfBuilder::new().item(Schema::Object(position.build())).item(day()).item(time());
    RefOr::T(Schema::OneOf(either.build()))
}

/// A date, or a time.
pub(crate) fn day_or_time() -> RefOr<Schema> {
    RefOr::T(Schema::OneOf(OneOfBuilder::new().item(day()).item(time()).build()))
}

/// A time. There is no leap second in a ledger.
fn time() -> RefOr<Schema> {
    let time = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .pattern(Some(
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-5][0-9](\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
        ));
    RefOr::T(Schema::Object(time.build()))
}

pub(super) fn boolean() -> RefOr<Schema> {
    RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::Boolean).build()))
}

pub(super) fn integer(minimum: usize, maximum: usize) -> RefOr<Schema> {
    let integer = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(minimum)).maximum(Some(maximum));
    RefOr::T(Schema::Object(integer.build()))
}

pub(super) fn one_of(texts: &'static [&'static str]) -> RefOr<Schema> {
    let one = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(texts.iter().copied()));
    RefOr::T(Schema::Object(one.build()))
}

pub(super) fn array(items: RefOr<Schema>) -> RefOr<Schema> {
    RefOr::T(Schema::Array(ArrayBuilder::new().items(items).min_items(Some(1)).build()))
}
