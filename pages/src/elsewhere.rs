//! Where a process has no ledger, and answers the API's questions by other means: a page asks them of the API's own routes,
//! within the process, for who looks at it.

use api::commands::{CommandAsked, IDEMPOTENCY_KEY};
use api::question::{Question, encoded};
use api::{Problem, ProblemKind, Within};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header, request};
use axum::response::Response;
use projections::commands::Command;
use tokio::runtime::Handle;
use tower_service::Service;

use crate::words::words;

/// The most of an answer that is taken, in bytes: a page of a list has 500 rows.
const BYTES_MAX: usize = 64 << 20;

/// Asks for one visit.
pub(crate) struct Elsewhere {
    api: Router,
    within: Within,
    /// Borne along: who is asked in turn looks at it again.
    token: Option<String>,
    /// The path of the page.
    page: String,
    runtime: Handle,
}

impl Elsewhere {
    /// What asks these routes for somebody who came with another request, of this page and with this token. Called where there
    /// is a runtime.
    pub(super) fn of(api: Router, within: Within, token: Option<String>, page: &str) -> Elsewhere {
        Elsewhere { api, within, token, page: page.to_owned(), runtime: Handle::current() }
    }

    /// Who asks.
    pub(super) fn caller(&self) -> &api::Caller {
        &self.within.caller
    }

    /// Asks a question with these parameters, and waits. For a thread that may block.
    pub(super) fn ask<T>(&self, parameters: &[(String, String)], question: Question<'_, T>) -> Result<T, Problem> {
        let asked = self.whole(question.path(), parameters);
        question.read(&self.runtime.block_on(asked)?)
    }

    /// Why nobody here tells what the page shows. For a thread that may block.
    pub(super) fn refusal(&self) -> Problem {
        self.runtime.block_on(self.refused())
    }

    /// The same, where it may be waited for.
    pub(super) async fn refused(&self) -> Problem {
        match self.whole(&self.page, &[]).await {
            Err(problem) => problem,
            Ok(_) => Problem::new(ProblemKind::Misdirected, words!("problems-of-a-ledger")),
        }
    }

    /// The answer as it comes.
    pub(super) async fn answer(&self, path: &str, parameters: &[(String, String)]) -> Result<Response, Problem> {
        self.send(Request::get(with_query(path, parameters)), Body::empty()).await
    }

    /// Gives a command with these parameters and this key, and gives what it is answered.
    pub(super) async fn give(
        &self,
        command: &Command,
        parameters: &[(String, String)],
        key: Option<&str>,
    ) -> Result<Vec<u8>, Problem> {
        let CommandAsked { method, path, body } = CommandAsked::of(command);
        let mut request = Request::builder().method(method).uri(with_query(&path, parameters));
        request = request.header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        whole(self.send(request, Body::from(body.to_string())).await?).await
    }

    async fn send(&self, request: request::Builder, body: Body) -> Result<Response, Problem> {
        let mut request = request.extension(self.within.clone());
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(body).map_err(|error| Problem::internal(&error))?;
        let answer = self.api.clone().call(request).await.unwrap_or_else(|never| match never {});
        if answer.status().is_success() { Ok(answer) } else { Err(problem_of(answer).await) }
    }

    async fn whole(&self, path: &str, parameters: &[(String, String)]) -> Result<Vec<u8>, Problem> {
        whole(self.answer(path, parameters).await?).await
    }
}

async fn whole(answer: Response) -> Result<Vec<u8>, Problem> {
    Ok(to_bytes(answer.into_body(), BYTES_MAX).await.map_err(|error| Problem::internal(&error))?.to_vec())
}

fn with_query(path: &str, parameters: &[(String, String)]) -> String {
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// The refusal that an answer is, whoever wrote it.
async fn problem_of(mut answer: Response) -> Problem {
    if let Some(problem) = answer.extensions_mut().remove::<Problem>() {
        return problem;
    }
    let status = answer.status();
    let body = to_bytes(answer.into_body(), BYTES_MAX).await.unwrap_or_default();
    Problem::read(&body).unwrap_or_else(|| match status {
        StatusCode::NOT_FOUND => Problem::new(ProblemKind::NotFound, words!("problems-nowhere")),
        status => Problem::internal(&format_args!("a question was answered with {status}")),
    })
}
