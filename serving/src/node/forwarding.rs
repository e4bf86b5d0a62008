//! What rows do not answer and one shard can: it is asked of that shard, where that has published that it is, and its answer
//! given back as it is. What nobody can answer alone stays refused, with where the shards are.
//!
//! Which family an account belongs to, rows do not say; so a question about an account is asked of one shard after the other,
//! until one has an answer of its own. What a referrer's families on all shards have come to, where no row tells it, all of them
//! are asked, and their answers made one.

mod all_rows;
mod commanded;
mod exported;
mod passed;
mod shard_client;
#[cfg(test)]
mod simulated;
mod together;
mod way;

use std::sync::Arc;

use api::{App, Asking, Came, Problem, ProblemKind, Within};
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use self::passed::{Passed, SHARD, named_shard};
pub(super) use self::shard_client::ShardClient;
use self::shard_client::{Answered, ShardAt};
pub(super) use self::way::Way;
use super::Node;
use super::answering::MIN_POSITION;
use super::measured::By;

/// A command's body has at most so many bytes, and those of a question whose rules are tried a few.
const BODY_BYTES_MAX: usize = 1 << 20;

/// The shards that there are, by number, each with its address; none where nobody said.
struct Shards(Vec<Option<String>>);

impl Shards {
    fn at(&self, number: usize) -> Option<ShardAt<'_>> {
        self.0.get(number)?.as_deref().map(|address| ShardAt { number, address })
    }
}

/// Answers from rows where these do, and else passes the request on.
pub(super) async fn ask_the_shards(
    State((node, app)): State<(Arc<Node>, App)>,
    request: Request,
    next: Next,
) -> Response {
    let is_of_api = request.uri().path().starts_with("/v1/");
    let (by, response) = answered(&node, &app, request, next).await;
    if is_of_api {
        node.measured.answered(by, response.status());
    }
    response
}

fn is_misdirected(response: &Response) -> bool {
    response.extensions().get::<Problem>().is_some_and(|problem| problem.kind == ProblemKind::Misdirected)
}

/// The answer, and whose it is.
async fn answered(node: &Node, app: &App, request: Request, next: Next) -> (By, Response) {
    let (mut parts, body) = request.into_parts();
    let named = match named_shard(parts.uri.query()) {
        Ok(named) => named,
        Err(problem) => return (By::Nobody, problem.into_response()),
    };
    let Some(way) = Way::of(&parts.method, parts.uri.path()) else {
        return (By::Nobody, next.run(Request::from_parts(parts, body)).await);
    };
    let is_question = matches!(parts.method, Method::GET | Method::HEAD);
    let (mut from_rows, mut who) = (None, None);
    if is_question && named.is_none() {
        let response = next.run(Request::from_parts(parts.clone(), Body::empty())).await;
        if !is_misdirected(&response) {
            return (By::Rows, response);
        }
        from_rows = Some(response);
    } else {
        // A form's request is a page's, and comes from within.
        let is_form = parts.extensions.get::<Within>().is_some();
        match Asking::from_request_parts(&mut parts, app).await {
            Ok(asking) => who = Some((asking, is_form)),
            Err(problem) => return (By::Nobody, problem.into_response()),
        }
    }
    let by = if named.is_none() && matches!(way, Way::All(_) | Way::Export) { By::Shards } else { By::Shard };
    match pass_on(node, app, (&parts, body, who), way, named).await {
        Ok(Some(response)) => (by, response),
        Ok(None) => match (from_rows, own_reason(parts.uri.path())) {
            (Some(refused), None) => (By::Nobody, refused),
            (_, reason) => (By::Nobody, node.misdirected(reason.unwrap_or(parts.uri.path())).await.into_response()),
        },
        Err(problem) => (by, problem.into_response()),
    }
}

/// What is said of a question that no shards answer together, where there is a reason that lies in it.
fn own_reason(path: &str) -> Option<&'static str> {
    (path == "/v1/restatement").then_some(
        "a restatement, whose rows are entries of one ledger (what a range came to before and after, over all shards, tell two \
         overviews as of two times),",
    )
}

/// The answer of a shard; none where no shard can answer it alone, or it has said no address.
async fn pass_on(
    node: &Node,
    app: &App,
    (parts, body, who): (&Parts, Body, Option<(Asking, bool)>),
    way: Way,
    named: Option<usize>,
) -> Result<Option<Response>, Problem> {
    let shards = node.shards().await?;
    let of = shards.0.len();
    let way = match named {
        Some(number) if number < of => Way::One(number),
        Some(_) => {
            let detail = format!("expected the number of a shard, from 0 to {}", of - 1);
            return Err(Problem::of_field(ProblemKind::InvalidParameter, SHARD, detail));
        }
        // A form waits for the rows of one ledger, too.
        None if of == 1 && way != Way::Command => Way::One(0),
        None => way,
    };
    let came = Came::of(&app.http().reach, parts);
    let passed = Passed::of(parts, &came, body_of(parts, body).await?);
    match way {
        Way::One(number) => match shards.at(number) {
            Some(shard) => Ok(Some(node.client.ask(shard, &passed).await?.into_response())),
            None => Ok(None),
        },
        Way::Any => {
            passed.is_of_any_ledger()?;
            any(node, &shards, &passed).await
        }
        Way::Family | Way::Explained => {
            passed.is_of_any_ledger()?;
            in_turn(node, &shards, &passed, way).await
        }
        Way::All(asked) => {
            passed.is_of_any_ledger()?;
            let mut asking = Asking::from_request_parts(&mut parts.clone(), app).await?;
            asking.parameters.retain(|(name, _)| name != MIN_POSITION);
            together::together(&node.client, &shards, (&passed, &asking), asked).await
        }
        Way::Export => {
            passed.is_of_any_ledger()?;
            let mut asking = Asking::from_request_parts(&mut parts.clone(), app).await?;
            asking.parameters.retain(|(name, _)| name != MIN_POSITION);
            exported::exported(&node.client, &shards, (app, &passed, &asking)).await
        }
        Way::Command => {
            let Some((asking, is_form)) = who else { return Ok(None) };
            commanded::commanded(node, &shards, (&passed, &asking), is_form).await
        }
        Way::Alone => Ok(None),
    }
}

async fn body_of(parts: &Parts, body: Body) -> Result<Vec<u8>, Problem> {
    if matches!(parts.method, Method::GET | Method::HEAD) {
        return Ok(Vec::new());
    }
    let read = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| {
        Problem::new(ProblemKind::TooLarge, format!("a body that is passed on has at most {BODY_BYTES_MAX} bytes"))
    })?;
    Ok(read.to_vec())
}

/// What all shards say alike: the first one that answers.
async fn any(node: &Node, shards: &Shards, passed: &Passed) -> Result<Option<Response>, Problem> {
    let mut away = None;
    for shard in (0..shards.0.len()).filter_map(|number| shards.at(number)) {
        match node.client.ask(shard, passed).await {
            Ok(answered) if answered.status() != StatusCode::SERVICE_UNAVAILABLE => {
                return Ok(Some(answered.into_response()));
            }
            Ok(unavailable) => away = Some(Ok(unavailable)),
            Err(problem) => away = away.or(Some(Err(problem))),
        }
    }
    away.transpose().map(|answered| answered.map(IntoResponse::into_response))
}

/// What the family's shard alone answers: all others say 404. Who holds a copy of a trade that was sent on explains it too,
/// and knows no code of its invitee's registration.
async fn in_turn(node: &Node, shards: &Shards, passed: &Passed, way: Way) -> Result<Option<Response>, Problem> {
    let (mut not_there, mut copy, mut away, mut has_no_address) = (None, None::<(u8, Answered)>, None, false);
    for number in 0..shards.0.len() {
        let Some(shard) = shards.at(number) else {
            has_no_address = true;
            continue;
        };
        let answered = match node.client.ask(shard, passed).await {
            Ok(answered) => answered,
            Err(problem) => {
                away = away.or(Some(Err(problem)));
                continue;
            }
        };
        if answered.status() == StatusCode::NOT_FOUND {
            not_there = Some(answered);
        } else if answered.status() == StatusCode::SERVICE_UNAVAILABLE {
            away = away.or(Some(Ok(answered)));
        } else if answered.status() == StatusCode::OK && way == Way::Explained {
            let (known, answered) = answered.how_much_is_known().await;
            match known {
                None => return Ok(Some(answered.into_response())),
                Some(known) if copy.as_ref().is_none_or(|(most, _)| known > *most) => copy = Some((known, answered)),
                Some(_) => {}
            }
        } else {
            return Ok(Some(answered.into_response()));
        }
    }
    if let Some(away) = away {
        return away.map(|answered| Some(answered.into_response()));
    }
    if has_no_address {
        return Ok(None);
    }
    Ok(copy.map(|(_, answered)| answered).or(not_there).map(IntoResponse::into_response))
}

impl Node {
    /// The shards, all of which there have to be.
    async fn shards(&self) -> Result<Shards, Problem> {
        let rows = self.shard_rows().await?;
        let of = rows.first().map_or(0, |row| row.shards);
        let mut addresses = Vec::new();
        for number in 0..of.max(1) {
            let Some(row) = rows.iter().find(|row| row.shard == number) else {
                let detail = format!("shard {number} has published nothing yet: nobody says where it is");
                return Err(Problem::new(ProblemKind::Unavailable, detail));
            };
            addresses.push(Some(row.address.clone()).filter(|address| !address.is_empty()));
        }
        Ok(Shards(addresses))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_nobody_makes_one_restatement_of_several_is_told() {
        assert!(own_reason("/v1/restatement").is_some_and(|reason| reason.contains("two overviews as of two times")));
        assert_eq!(own_reason("/v1/withheld"), None);
    }
}
