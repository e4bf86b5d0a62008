//! Why an event is not accepted: the closed list of reasons, in the order in which they are tried (SPEC 1).

use std::fmt;

use serde::{Serialize, Serializer};

/// Why an event is quarantined. The order of the variants is the order in which the reasons are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Its own JSON text, without line end, has more than 1,048,576 bytes.
    TooLarge,
    /// It is no UTF-8, no JSON as the contract wants it, or no CloudEvents envelope.
    Malformed,
    /// Its `type` is none of the contract's.
    UnknownType,
    /// `time`, `data` or a field of `data` is missing or not what the contract says.
    InvalidField,
    /// It contradicts an accepted fact; only the ledger can tell.
    Conflict,
}

impl Reason {
    /// All reasons, in the order in which they are tried.
    pub const ALL: &'static [Reason] =
        &[Reason::TooLarge, Reason::Malformed, Reason::UnknownType, Reason::InvalidField, Reason::Conflict];

    /// The reason code that the API and the metrics show.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::TooLarge => "too_large",
            Reason::Malformed => "malformed",
            Reason::UnknownType => "unknown_type",
            Reason::InvalidField => "invalid_field",
            Reason::Conflict => "conflict",
        }
    }

    /// The reason of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Reason> {
        Reason::ALL.iter().copied().find(|reason| reason.as_str() == code)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What an event is quarantined with: the reason, the field it is about, and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct Rejection {
    /// Why.
    pub reason: Reason,
    /// The field's own name, without a path: for `invalid_field`, and for a `conflict` that is about one.
    pub field: Option<String>,
    /// What was expected and what came.
    pub detail: String,
}

impl Rejection {
    /// A rejection about the event as a whole.
    #[must_use]
    pub fn new(reason: Reason, detail: impl Into<String>) -> Rejection {
        Rejection { reason, field: None, detail: detail.into() }
    }

    /// A rejection about one field.
    #[must_use]
    pub fn of_field(reason: Reason, field: &str, detail: impl Into<String>) -> Rejection {
        Rejection { reason, field: Some(field.to_owned()), detail: detail.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_ordered_as_they_are_tried_and_have_their_codes() {
        let codes: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        assert_eq!(codes, ["too_large", "malformed", "unknown_type", "invalid_field", "conflict"]);
        assert!(Reason::ALL.is_sorted());
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.as_str()), Some(*reason));
        }
        assert_eq!(Reason::parse("Malformed"), None);
    }
}
