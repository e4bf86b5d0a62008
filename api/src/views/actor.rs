//! Who did something.

use serde::Serialize;
use utoipa::ToSchema;

/// Who sent an event in, gave the command that it comes from, or decided on a quarantined one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Actor {
    /// Who, as its token says: its `sub`; null where it named nobody, or no token was needed.
    pub who: Option<String>,
    /// In which role.
    pub role: String,
    /// From which address, as far as the server could tell; null where the ledger keeps none.
    pub address: Option<String>,
    /// By which request; null where it was done on the machine itself.
    pub request_id: Option<String>,
}

impl From<ledger::Actor> for Actor {
    fn from(actor: ledger::Actor) -> Actor {
        let ledger::Actor { who, role, address, request_id } = actor;
        Actor { who, role, address: address.map(|address| address.to_string()), request_id }
    }
}
