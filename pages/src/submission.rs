//! A form that was sent: its fields, once its seal was found good.

use api::body::{BodyFields, Shape, receive};
use api::commands::codes::code_made;
use api::parameters::{Given, UID, read_query_string};
use api::{Problem, ProblemKind, require_media_type};
use std::ops::Deref;

use axum::extract::{FromRequest, FromRequestParts, Request};
use ingest::Done;
use projections::commands::Command;
use schemas::Uid;

use super::seal::check_origin;
use super::visit::Visit;
use super::visitor::Visitor;
use crate::site::Site;
use crate::words::words;

/// The field that bears the seal.
pub(super) const SEAL_FIELD: &str = "_seal";
/// The field that makes a form safe to send twice.
pub(super) const KEY_FIELD: &str = "_key";
const BODY_BYTES_MAX: usize = 256 * 1024;

/// The fields of a form, in the order in which they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    /// A field, `""` where it is absent. Line ends are as the browser sent them: `\r\n`.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// All values of a name, as checkboxes send them.
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The fields as the body of an API's command, which is then read by the API's own rules: these as texts, and
    /// these checkboxes as booleans. An empty text is left out if it is in `optional`.
    pub(crate) fn to_body(
        &self,
        shape: Shape,
        texts: &[&str],
        optional: &[&str],
        flags: &[&str],
    ) -> Result<BodyFields, Problem> {
        let mut body = serde_json::Map::new();
        for name in texts {
            body.insert((*name).to_owned(), self.get(name).replace("\r\n", "\n").into());
        }
        for name in optional.iter().filter(|name| !self.get(name).is_empty()) {
            body.insert((*name).to_owned(), self.get(name).replace("\r\n", "\n").into());
        }
        for name in flags {
            body.insert((*name).to_owned(), self.is_checked(name).into());
        }
        BodyFields::read(serde_json::Value::Object(body).to_string().as_bytes(), shape)
    }

    /// Whether a checkbox was checked.
    pub(crate) fn is_checked(&self, name: &str) -> bool {
        self.0.iter().any(|(found, _)| found == name)
    }
}

/// A form that may come from a browser which is not signed in.
pub(super) struct Posted {
    pub(super) visitor: Visitor,
    pub(super) fields: Fields,
}

impl FromRequest<Site> for Posted {
    type Rejection = Problem;

    async fn from_request(request: Request, site: &Site) -> Result<Posted, Problem> {
        let (mut parts, body) = request.into_parts();
        check_origin(&site.app.http().reach, &parts)?;
        let visitor = Visitor::from_request_parts(&mut parts, site).await?;
        require_media_type(&parts.headers, &["application/x-www-form-urlencoded"])?;
        let body = receive(&parts.headers, body, BODY_BYTES_MAX).await?;
        let text = std::str::from_utf8(&body)
            .map_err(|_| Problem::new(ProblemKind::InvalidBody, words!("problems-not-utf-8")))?;
        let fields = Fields(read_query_string(text)?);
        site.form_key.check(&visitor, Some(fields.get(SEAL_FIELD)))?;
        Ok(Posted { visitor, fields })
    }
}

/// What a command has come to.
enum CameTo {
    /// In the ledger here.
    Here(Done),
    /// By the answer of whoever has the ledger.
    Elsewhere(Vec<u8>),
}

/// A form of somebody who is signed in. It is the [`Visit`] that sent it, too.
pub(crate) struct Submission {
    pub(crate) visit: Visit,
    pub(crate) fields: Fields,
}

impl Deref for Submission {
    type Target = Visit;

    fn deref(&self) -> &Visit {
        &self.visit
    }
}

impl FromRequest<Site> for Submission {
    type Rejection = Problem;

    async fn from_request(request: Request, site: &Site) -> Result<Submission, Problem> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, site).await?;
        // Without a ledger nothing is read of a form: it must not become a command when there is one. Where there never is, those
        // who have it are given the command, and what is set for this browser alone is taken.
        if site.elsewhere.is_none() {
            site.app.ledger()?;
        }
        let Posted { fields, .. } = Posted::from_request(Request::from_parts(parts, body), site).await?;
        Ok(Submission { visit, fields })
    }
}

impl Submission {
    /// Gives a command for the referrer whose page it is, and waits until it is durable. The form sent twice does it
    /// once.
    pub(crate) async fn command(&self, command: Command) -> Result<(), Problem> {
        self.give(command).await.map(drop)
    }

    /// The same with a command that makes a code. Which code was made.
    pub(crate) async fn make_code(&self, command: Command) -> Result<String, Problem> {
        match self.give(command).await? {
            CameTo::Here(done) => code_made(&self.visit.site.app, done).await,
            CameTo::Elsewhere(answer) => {
                let read: serde_json::Value = serde_json::from_slice(&answer).unwrap_or_default();
                let code = read.get("code").and_then(serde_json::Value::as_str).map(str::to_owned);
                code.ok_or_else(|| Problem::internal(&"what a new code was answered names none"))
            }
        }
    }

    async fn give(&self, command: Command) -> Result<CameTo, Problem> {
        self.visit.require_command()?;
        let uid = self.command_referrer()?;
        let key = Some(self.fields.get(KEY_FIELD)).filter(|key| is_key(key)).map(str::to_owned);
        if let Some(elsewhere) = self.visit.elsewhere() {
            let parameters: Vec<(String, String)> = self.named_uid().into_iter().collect();
            return Ok(CameTo::Elsewhere(elsewhere.give(&command, &parameters, key.as_deref()).await?));
        }
        let ledger = self.visit.site.app.ledger()?.clone();
        let actor = Some(self.visit.actor());
        Ok(CameTo::Here(self.visit.site.app.write(move || ledger.command(uid, command, key, actor)).await??))
    }

    fn named_uid(&self) -> Option<(String, String)> {
        self.visit.parameter("uid").map(|uid| ("uid".to_owned(), uid.to_owned()))
    }

    fn command_referrer(&self) -> Result<Uid, Problem> {
        let named: Vec<(String, String)> = self.named_uid().into_iter().collect();
        self.visit.caller.referrer(&Given::of(&named, &[&UID])?)
    }
}

/// A key as the forms here bear it.
fn is_key(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
