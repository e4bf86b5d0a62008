//! A command of several shards: the one that has the family does it. Which that is, any of them says, having done nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use api::{AskedOfAll, Asking, Problem, ProblemKind};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

use super::passed::Passed;
use super::shard_client::{Answered, ShardClient};
use super::together::{ANSWER_BYTES_MAX, PAUSE, together};
use super::{Node, Shards};

/// How long the other shards may take to know what one has done, where the answer is made of what all say; and between two looks.
const KNOWN: Duration = Duration::from_secs(6);
const LOOK: Duration = Duration::from_secs(1);
/// How long the rows may take to tell what was done, where a page of them is shown next.
const PUBLISHED: Duration = Duration::from_secs(3);

/// What the command is answered; none where the shard whose it is has said no address.
pub(super) async fn commanded(
    node: &Node,
    shards: &Shards,
    (passed, asking): (&Passed, &Asking),
    is_form: bool,
) -> Result<Option<Response>, Problem> {
    let client = &node.client;
    let Some(mut answered) = given(client, shards, passed).await? else { return Ok(None) };
    // A form leads back to a page of rows.
    if answered.status().is_success() && is_form {
        answered = published(node, answered).await;
    }
    let is_done = answered.status() == StatusCode::OK;
    // What a code has brought lies on all shards, and the answer to its change tells it.
    let is_change_of_code = passed.method == Method::PATCH && shards.0.len() > 1;
    if !is_done || !is_change_of_code {
        return Ok(Some(answered.into_response()));
    }
    changed_code(client, shards, (&passed.question(), asking)).await.map(Some)
}

/// What a code has come to that was changed, by all shards: once all of them know of the change.
async fn changed_code(
    client: &ShardClient,
    shards: &Shards,
    (question, asking): (&Passed, &Asking),
) -> Result<Response, Problem> {
    let begun = Instant::now();
    loop {
        let why = match together(client, shards, (question, asking), AskedOfAll::Code).await {
            Ok(Some(response)) if response.status() == StatusCode::OK => return Ok(response),
            Ok(Some(response)) => format!("a shard answers with {}", response.status()),
            Ok(None) => "a shard has said no address".to_owned(),
            Err(problem) => problem.detail,
        };
        if begun.elapsed() > KNOWN {
            let detail = format!("the code was changed, and what it has come to is not known: {why}");
            return Err(Problem::new(ProblemKind::Unavailable, detail));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Waits until the rows tell what was done, or for so long: done it is, either way.
async fn published(node: &Node, answered: Answered) -> Answered {
    let shard = answered.shard();
    let (position, answered) = answered.position_told(ANSWER_BYTES_MAX).await;
    let begun = Instant::now();
    while let (Some(shard), Some(position)) = (shard, position)
        && begun.elapsed() < PUBLISHED
    {
        let reached = async { node.as_of(&*node.reading().await?).await };
        let is_told = reached.await.is_ok_and(|as_of| as_of.positions.get(shard).is_some_and(|told| *told >= position));
        if is_told {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    answered
}

/// Gives a command to the shard whose it is. Each is asked once at most, so that none is given it twice: whether one that gave no
/// answer has done it, nobody knows.
async fn given(client: &ShardClient, shards: &Shards, passed: &Passed) -> Result<Option<Answered>, Problem> {
    let mut without: BTreeMap<usize, Without> = BTreeMap::new();
    let mut asked = vec![false; shards.0.len()];
    let mut next = Some(client.first_for_commands(shards.0.len()));
    while let Some(number) = next {
        asked[number] = true;
        let left = match shards.at(number) {
            None => Without::Address,
            Some(shard) => match client.ask(shard, passed).await {
                Ok(answered) => match (answered.elsewhere(), answered.status()) {
                    (Some(other), _) if asked.get(other) == Some(&false) => {
                        next = Some(other);
                        continue;
                    }
                    (Some(other), _) => {
                        return without.remove(&other).map_or_else(|| Err(nobodys(number, other)), Without::told);
                    }
                    (None, StatusCode::SERVICE_UNAVAILABLE) => Without::Answer(Box::new(answered)),
                    (None, StatusCode::FORBIDDEN) => match answered.says_that_it_only_reads().await {
                        (true, _) => Without::Shard(shard.away("it only follows another one now")),
                        (false, answered) => return Ok(Some(answered)),
                    },
                    (None, _) => return Ok(Some(answered)),
                },
                Err(problem) => Without::Shard(problem),
            },
        };
        client.begin_commands_behind(number);
        without.insert(number, left);
        next = asked.iter().position(|asked| !asked);
    }
    // Whose it is nobody says: one of those that gave no answer may have done it.
    let mut left: Vec<Without> = without.into_values().collect();
    left.sort_by_key(Without::order);
    left.into_iter().next().map_or(Ok(None), Without::told)
}

/// What is left of a shard that has not done a command, as far as it is known.
enum Without {
    /// It says that it is not known.
    Answer(Box<Answered>),
    /// It gave no answer.
    Shard(Problem),
    /// It has said no address: it was not given it.
    Address,
}

impl Without {
    fn order(&self) -> u8 {
        match self {
            Without::Answer(_) => 0,
            Without::Shard(_) => 1,
            Without::Address => 2,
        }
    }

    fn told(self) -> Result<Option<Answered>, Problem> {
        match self {
            Without::Answer(answered) => Ok(Some(*answered)),
            Without::Shard(problem) => Err(problem),
            Without::Address => Ok(None),
        }
    }
}

fn nobodys(number: usize, other: usize) -> Problem {
    let detail = format!(
        "shard {number} says that shard {other} does it, and that one says it does not: one has not read yet what the other has. \
         Give it again"
    );
    Problem::new(ProblemKind::Unavailable, detail)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use api::Came;
    use axum::http::Request;

    use super::super::shard_client::tests::{measured, server};
    use super::*;

    const GONE: &str = "http://127.0.0.1:1";

    async fn shard(status: &str, headers: &str) -> (String, Arc<Mutex<usize>>) {
        server(format!("HTTP/1.1 {status}\r\n{headers}content-length: 2\r\nconnection: close\r\n\r\n{{}}"), false).await
    }

    async fn elsewhere(number: usize) -> (String, Arc<Mutex<usize>>) {
        shard("421 Misdirected Request", &format!("tributary-shard: {number}\r\n")).await
    }

    async fn status_of(addresses: &[&str]) -> Result<Option<u16>, Problem> {
        let request = Request::post("/v1/codes?uid=7").body(()).expect("a request");
        let passed = Passed::of(&request.into_parts().0, &Came::default(), b"{}".to_vec());
        let addresses =
            addresses.iter().map(|address| Some((*address).to_owned()).filter(|address| !address.is_empty()));
        let client = ShardClient::new(measured()).expect("a client");
        let answered = given(&client, &Shards(addresses.collect()), &passed).await?;
        Ok(answered.map(|answered| answered.status().as_u16()))
    }

    #[tokio::test]
    async fn a_command_goes_to_the_shard_that_the_first_one_names_and_to_no_other() {
        let ((zero, _), (one, at_one), (two, at_two)) =
            (elsewhere(2).await, shard("201 Created", "").await, shard("201 Created", "").await);
        assert_eq!(status_of(&[&zero, &one, &two]).await, Ok(Some(201)));
        assert_eq!((*at_one.lock().expect("a count"), *at_two.lock().expect("a count")), (0, 1));
    }

    #[tokio::test]
    async fn where_the_first_is_away_another_says_whose_it_is_and_none_is_given_it_twice() {
        let ((done, at_done), (zero, _)) = (shard("201 Created", "").await, elsewhere(0).await);
        assert_eq!(status_of(&[GONE, "", &done]).await, Ok(Some(201)));
        assert_eq!(*at_done.lock().expect("a count"), 1);
        // It was given to the one that it is for, which gave no answer: that stays unknown.
        let problem = status_of(&[GONE, &zero]).await.expect_err("no answer");
        assert!(problem.status() == 503 && problem.detail.contains("shard 0 at"), "{}", problem.detail);
        let (unsure, at_unsure) = shard("503 Service Unavailable", "").await;
        assert_eq!(status_of(&[&unsure, &zero]).await, Ok(Some(503)));
        assert_eq!(*at_unsure.lock().expect("a count"), 1);
        assert_eq!(status_of(&["", &zero]).await, Ok(None));
        // Nobody says whose it is: one may have done it.
        assert_eq!(status_of(&["", &unsure]).await, Ok(Some(503)));
        assert_eq!(status_of(&[GONE, &unsure]).await, Ok(Some(503)));
        assert_eq!(status_of(&["", GONE]).await.expect_err("no answer").status(), 503);
        assert_eq!(status_of(&["", ""]).await, Ok(None));
    }

    #[tokio::test]
    async fn one_that_only_follows_now_is_away_and_who_may_not_is_told_so() {
        let of_kind = |kind: &str| format!(r#"{{"type":"/problems/{kind}","detail":"d"}}"#);
        let refusing = |body: String| async move {
            let head = format!("content-length: {}\r\nconnection: close", body.len());
            server(format!("HTTP/1.1 403 Forbidden\r\n{head}\r\n\r\n{body}"), false).await
        };
        let ((reader, _), (strict, _)) = (refusing(of_kind("read-only")).await, refusing(of_kind("not-allowed")).await);
        let (done, _) = shard("201 Created", "").await;
        assert_eq!(status_of(&[&reader, &done]).await, Ok(Some(201)));
        assert_eq!(status_of(&[&reader]).await.expect_err("away").status(), 503);
        assert_eq!(status_of(&[&strict, &done]).await, Ok(Some(403)));
    }

    #[tokio::test]
    async fn one_that_gave_no_answer_is_not_the_first_to_be_asked_the_next_time() {
        let ((done, _), (other, at_other)) = (shard("201 Created", "").await, elsewhere(1).await);
        let request = Request::post("/v1/codes?uid=7").body(()).expect("a request");
        let passed = Passed::of(&request.into_parts().0, &Came::default(), b"{}".to_vec());
        let client = ShardClient::new(measured()).expect("a client");
        let shards = |addresses: [&str; 2]| Shards(addresses.map(|address| Some(address.to_owned())).to_vec());
        let first = given(&client, &shards([GONE, &done]), &passed).await.expect("done");
        assert_eq!(first.map(|answered| answered.status().as_u16()), Some(201));
        let second = given(&client, &shards([&other, &done]), &passed).await.expect("done");
        assert_eq!(second.map(|answered| answered.status().as_u16()), Some(201));
        assert_eq!(*at_other.lock().expect("a count"), 0);
    }

    #[tokio::test]
    async fn shards_that_each_name_the_other_leave_it_undone() {
        let ((zero, _), (one, _)) = (elsewhere(1).await, elsewhere(0).await);
        let problem = status_of(&[&zero, &one]).await.expect_err("nobody's");
        assert!(problem.status() == 503 && problem.detail.contains("Give it again"), "{}", problem.detail);
        // A number that there is none of is nobody's either, and no shard's own refusal.
        let (strange, _) = elsewhere(7).await;
        assert_eq!(status_of(&[&strange]).await.expect_err("nobody's").status(), 503);
    }
}
