//! What every request to the API says of itself: who asks, the names in its path, its parameters.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::app::App;
use crate::caller::Caller;
use crate::parameters::read_query_string;
use crate::problem::{Problem, ProblemKind};
use crate::server::recognize;

/// Who asks, and with which names and parameters.
pub struct Asking {
    /// Who asks.
    pub caller: Caller,
    /// The names in the path.
    pub path: PathNames,
    /// The parameters, decoded, in the order in which they were given.
    pub parameters: Vec<(String, String)>,
}

/// The names in a path, in order, decoded.
pub struct PathNames(Vec<String>);

impl PathNames {
    /// A path without names.
    pub fn none() -> PathNames {
        PathNames(Vec::new())
    }

    /// The first name; empty where the path has none.
    pub(crate) fn first(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }
}

impl FromRequestParts<App> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Asking, Problem> {
        let caller = app.caller(&parts.headers)?;
        recognize(&parts.extensions);
        let parameters = read_query_string(parts.uri.query().unwrap_or_default())?;
        let names = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|error| Problem::new(ProblemKind::InvalidPath, format!("the path cannot be read: {error}")))?;
        let path = PathNames(names.iter().map(|(_, value)| value.to_owned()).collect());
        Ok(Asking { caller, path, parameters })
    }
}
