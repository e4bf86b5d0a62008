//! Commands: POST, PUT and PATCH of a referrer, or of an operator for one. Each is decided by the writer of the
//! ledger, appended as an event, and answered once it is durable, with the resource as its GET shows it then.

pub mod account;
mod asked;
pub(crate) mod campaigns;
pub mod codes;
pub mod referrals;

pub use self::asked::CommandAsked;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use ingest::{CommandError, Done, Handle};
use ledger::{Actor, CommitRefusal};
use projections::commands::{Command, Refusal};
use schemas::Uid;
use utoipa::openapi::Required;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::app::App;
use crate::asking::{Asking, PathNames};
use crate::body::{BodyFields, Shape, receive};
use crate::caller::{Caller, Privilege};
use crate::content_type::require_media_type;
use crate::parameters::{Given, parameters};
use crate::problem::{Problem, ProblemKind};

parameters! {
    /// What every command takes beside its body.
    CommandParameters: UID
}

/// The header that makes a command safe to repeat, as the OpenAPI document has it.
pub(crate) struct IdempotencyKey;

impl utoipa::IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<utoipa::openapi::path::Parameter> {
        let key = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(IDEMPOTENCY_KEY_BYTES_MAX))
            .pattern(Some("^[!-~]+$"));
        let header = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "Makes the command safe to repeat: sent again with the same key it is done once, and answered as \
                 before; another command with it is refused with 422.",
            ))
            .schema(Some(key.build()));
        vec![header.build()]
    }
}

/// The header that makes a command safe to repeat.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The header that says which shard an answer is of; of a command that is another shard's, which one that is.
pub const SHARD_HEADER: HeaderName = HeaderName::from_static("tributary-shard");
const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;
/// A message of 2,000 characters, all of them escaped as surrogate pairs, has 24,000.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// A command on its way: for whom, and what makes it safe to repeat.
pub(crate) struct CommandRequest {
    app: App,
    /// There when the request began: without a ledger nothing is read of a command.
    ledger: Handle,
    /// The referrer that acts or is acted for.
    uid: Uid,
    /// Whether the referrer is named in the query string, as an operator has to.
    names_uid: bool,
    key: Option<String>,
    path: PathNames,
    caller: Caller,
    actor: Actor,
}

impl CommandRequest {
    /// Takes a request, with the fields of its body, if its bearer may command.
    async fn receive(
        app: App,
        asking: Asking,
        request: Request,
        shape: Shape,
    ) -> Result<(CommandRequest, BodyFields), Problem> {
        let (parts, body) = request.into_parts();
        let asked = CommandRequest::begin(app, asking, &parts.headers)?;
        Ok((asked, read_body(&parts.headers, body, shape).await?))
    }

    fn begin(app: App, asking: Asking, headers: &HeaderMap) -> Result<CommandRequest, Problem> {
        asking.caller.require(Privilege::Command)?;
        let given = Given::of(&asking.parameters, CommandParameters::ALL)?;
        let uid = asking.caller.referrer(&given)?;
        let key = idempotency_key(headers)?;
        let ledger = app.ledger()?.clone();
        let actor = app.actor(&asking.caller, &asking.came);
        let names_uid = !asking.parameters.is_empty();
        let Asking { caller, path, .. } = asking;
        Ok(CommandRequest { app, ledger, uid, names_uid, key, path, caller, actor })
    }

    /// Has the command decided, and waits until it is durable.
    async fn give(&self, command: Command) -> Result<Done, Problem> {
        let (ledger, uid, key) = (self.ledger.clone(), self.uid, self.key.clone());
        let actor = Some(self.actor.clone());
        Ok(self.app.write(move || ledger.command(uid, command, key, actor)).await??)
    }
}

pub(crate) async fn read_body(headers: &HeaderMap, body: Body, shape: Shape) -> Result<BodyFields, Problem> {
    if shape.may_be_absent && axum::body::HttpBody::is_end_stream(&body) {
        return BodyFields::read(b"{}", shape);
    }
    require_media_type(headers, &["application/json"])?;
    BodyFields::read(&receive(headers, body, BODY_BYTES_MAX).await?, shape)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let is_key = |key: &&str| {
        (1..=IDEMPOTENCY_KEY_BYTES_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let key = value.to_str().ok().filter(is_key).filter(|_| values.next().is_none());
    let wrong = || {
        let detail = format!("expected one of 1 to {IDEMPOTENCY_KEY_BYTES_MAX} visible ASCII characters");
        Problem::of_field(ProblemKind::InvalidHeader, "Idempotency-Key", detail)
    };
    key.map(|key| Some(key.to_owned())).ok_or_else(wrong)
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Problem {
        match error {
            CommandError::Refused(refusal) => refusal.into(),
            CommandError::NotTaken(refusal) => not_taken(refusal),
            CommandError::Stopped | CommandError::Unsure(_) | CommandError::NoWay(_) => {
                Problem::new(ProblemKind::Unavailable, error.to_string())
            }
            CommandError::ReadOnly | CommandError::Closed(_) => Problem::new(ProblemKind::ReadOnly, error.to_string()),
            CommandError::Elsewhere { shard, .. } => Problem::new(ProblemKind::Misdirected, error.to_string())
                .with_header(SHARD_HEADER, HeaderValue::from(shard)),
        }
    }
}

/// What the ledger refused, with which nothing has happened.
pub fn not_taken(refusal: CommitRefusal) -> Problem {
    let kind = match refusal {
        CommitRefusal::TooLarge { .. } => ProblemKind::TooLarge,
        CommitRefusal::NotInQuarantine { .. } => ProblemKind::NotFound,
        CommitRefusal::PositionsExhausted | CommitRefusal::EpochsExhausted => ProblemKind::Full,
        CommitRefusal::IndexElsewhere { .. } => ProblemKind::Internal,
    };
    Problem::new(kind, refusal.to_string())
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let detail = refusal.to_string();
        match refusal {
            Refusal::NotFound { .. } => Problem::new(ProblemKind::NotFound, detail),
            Refusal::TooManyCodes => Problem::new(ProblemKind::Conflict, detail),
            Refusal::CodeTaken { .. } => Problem::of_field(ProblemKind::Conflict, "code", detail),
            Refusal::RebateAboveBase { field, .. } => Problem::of_field(ProblemKind::BreaksRule, field, detail),
            Refusal::SubAccount { .. } => Problem::new(ProblemKind::BreaksRule, detail),
            Refusal::KeyReused => Problem::of_field(ProblemKind::BreaksRule, "Idempotency-Key", detail),
            Refusal::Read(error) => Problem::internal(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idempotency_key_is_visible_ascii() {
        let read = |values: &[&str]| {
            let name = HeaderName::from_static(IDEMPOTENCY_KEY);
            let values =
                values.iter().map(|value| (name.clone(), HeaderValue::from_bytes(value.as_bytes()).expect("a header")));
            idempotency_key(&values.collect()).map_err(|problem| problem.status())
        };
        let longest = "k".repeat(255);
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["a-1_~!"]), Ok(Some("a-1_~!".into())));
        assert_eq!(read(&[&longest]), Ok(Some(longest.clone())));
        for values in [&[""][..], &[" "], &["a b"], &["é"], &[&format!("{longest}k")], &["a", "a"]] {
            assert_eq!(read(values), Err(400), "{values:?}");
        }
    }
}
