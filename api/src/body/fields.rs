//! Every field of a command's body, each with one meaning wherever it stands.

use schemas::json::is_code;
use schemas::json::limits::{NOTE_CODE_POINTS_MAX, TEXT_CODE_POINTS_MAX};
use schemas::{Rate, Timestamp};
use serde_json::Value;
use utoipa::PartialSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use super::{Field, JsonType};
use crate::auth::JTI_BYTES_MAX;
use crate::parameters::day_or_time;

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

/// A token, whole.
pub(crate) const TOKEN: Field<String> = Field {
    name: "token",
    json_type: JsonType::Text,
    expected: "a token",
    read: |value| text_of_at_most(value, TOKEN_BYTES_MAX).map(|text| text.trim().to_owned()),
    schema: || text(TOKEN_BYTES_MAX),
};

/// What names a token.
pub(crate) const JTI: Field<String> = Field {
    name: "jti",
    json_type: JsonType::Text,
    expected: "a text of 1 to 256 bytes",
    read: |value| value.as_str().filter(|jti| (1..=JTI_BYTES_MAX).contains(&jti.len())).map(str::to_owned),
    schema: || text(JTI_BYTES_MAX),
};

/// When a token expires; a date is the end of its day.
pub(crate) const EXPIRES_AT: Field<Timestamp> = Field {
    name: "expires_at",
    json_type: JsonType::Text,
    expected: "a time as RFC 3339 has it, such as \"2026-03-01T00:00:00Z\", or a date",
    read: |value| value.as_str().and_then(Timestamp::parse_last),
    schema: day_or_time,
};

/// A path within the pages.
pub(crate) const NEXT: Field<String> = Field {
    name: "next",
    json_type: JsonType::Text,
    expected: "a path of the pages such as \"/codes\", in visible ASCII, at most 2000 bytes",
    read: |value| value.as_str().filter(|path| is_path_of_pages(path)).map(str::to_owned),
    schema: || text(TEXT_CODE_POINTS_MAX),
};

/// A token has at most so many bytes: more would not fit into a header.
const TOKEN_BYTES_MAX: usize = 16_384;

/// Whether a path leads somewhere within the pages, and nowhere else, whatever a browser makes of it.
#[must_use]
pub fn is_path_of_pages(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    path.starts_with('/') && !path.starts_with("//") && path.len() <= TEXT_CODE_POINTS_MAX && path.bytes().all(is_plain)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_pages_leads_nowhere_else() {
        for path in ["/", "/codes?uid=7", "/referrals/100?as_of=2026-01-01T00:00:00Z#x"] {
            assert!(is_path_of_pages(path), "{path}");
        }
        let long = format!("/{}", "x".repeat(2_000));
        for path in [
            "",
            "codes",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "https://evil.example",
            "/a\r\nb",
            "/ b",
            "/\t/evil.example",
            "javascript:alert(1)",
            "/é",
            &long,
        ] {
            assert!(!is_path_of_pages(path), "{path:?}");
        }
    }
}
