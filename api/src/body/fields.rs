//! Every field of a command's body, each with one meaning wherever it stands.

use schemas::Rate;
use schemas::json::is_code;
use schemas::json::limits::{NOTE_CODE_POINTS_MAX, TEXT_CODE_POINTS_MAX};
use serde_json::Value;
use utoipa::PartialSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use super::{Field, JsonType};

/// A note.
pub const NOTE: Field<String> = Field {
    name: "note",
    json_type: JsonType::Text,
    expected: "a text of at most 200 characters",
    read: |value| text_of_at_most(value, NOTE_CODE_POINTS_MAX),
    schema: || text(NOTE_CODE_POINTS_MAX),
};

/// An applicant's message.
pub const MESSAGE: Field<String> = Field {
    name: "message",
    json_type: JsonType::Text,
    expected: "a text of at most 2000 characters",
    read: |value| text_of_at_most(value, TEXT_CODE_POINTS_MAX),
    schema: || text(TEXT_CODE_POINTS_MAX),
};

pub(crate) const ACT_REASON: Field<String> = Field {
    name: "reason",
    json_type: JsonType::Text,
    expected: "a text of 1 to 2000 characters",
    read: |value| text_of_at_most(value, TEXT_CODE_POINTS_MAX).filter(|text| !text.trim().is_empty()),
    schema: || text(TEXT_CODE_POINTS_MAX),
};

pub(crate) const NEW_CODE: Field<String> = Field {
    name: "code",
    json_type: JsonType::Text,
    expected: "a code: 3 to 20 of A-Z, 0-9 and _",
    read: |value| value.as_str().filter(|code| is_code(code)).map(str::to_owned),
    schema: || {
        let code = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Z0-9_]{3,20}$"));
        let code = code.description(Some("One is made up if it is left out."));
        RefOr::T(Schema::Object(code.build()))
    },
};

/// The rebate of spot and margin trades.
pub const SPOT_REBATE_RATE: Field<Rate> = Field {
    name: "spot_rebate_rate",
    json_type: JsonType::Text,
    expected: "a rate from 0 to 1 with at most 6 decimals, such as \"0.05\"",
    read: rate,
    schema: Rate::schema,
};

pub(crate) const FUTURES_REBATE_RATE: Field<Rate> = Field {
    name: "futures_rebate_rate",
    json_type: JsonType::Text,
    expected: "a rate from 0 to 1 with at most 6 decimals, such as \"0.05\"",
    read: rate,
    schema: Rate::schema,
};

/// Whether a code is its owner's default.
pub const IS_DEFAULT: Field<bool> = Field {
    name: "is_default",
    json_type: JsonType::Bool,
    expected: "true or false",
    read: Value::as_bool,
    schema: || RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::Boolean).build())),
};

/// A name that stands in the path already: in the body it may be repeated, and not be another.
pub(crate) const CAMPAIGN_ID: Field<String> = Field {
    name: "campaign_id",
    json_type: JsonType::Text,
    expected: "the campaign of the path",
    read: |value| value.as_str().map(str::to_owned),
    schema: || text(TEXT_CODE_POINTS_MAX),
};

/// The same of a code.
pub(crate) const SAME_CODE: Field<String> = Field {
    name: "code",
    json_type: JsonType::Text,
    expected: "the code of the path",
    read: |value| value.as_str().map(str::to_owned),
    schema: || text(TEXT_CODE_POINTS_MAX),
};

fn rate(value: &Value) -> Option<Rate> {
    value.as_str().and_then(|text| Rate::parse(text).ok())
}

fn text_of_at_most(value: &Value, code_points_max: usize) -> Option<String> {
    value.as_str().filter(|text| text.chars().count() <= code_points_max).map(str::to_owned)
}

fn text(code_points_max: usize) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(code_points_max));
    RefOr::T(Schema::Object(text.build()))
}
