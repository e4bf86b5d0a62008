//! What several shards answer together: all of them are asked, and their answers made one, as of where each of them stood.

use std::time::Duration;

use api::{
    Answer, AskedOfAll, Asking, NoAnswer, NotTogether, Problem, ProblemKind, Together, earned_by_day, is_of_the_past,
    last_day,
};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::future::{join_all, try_join_all};
use projections::query::{DateRange, DaySums, cursor_of_one, positions_of_cursor};
use schemas::Day;

use super::Shards;
use super::all_rows::{self, AS_OF};
use super::passed::{CURSOR, Passed};
use super::shard_client::{Answered, ShardAt, ShardClient};
use crate::node::as_of::with_positions;
use crate::reading::AsOf;

/// How often shards are asked that differ in what they all know, and how long it is waited in between: one of them reads what
/// another has read already.
pub(super) const TRIES: usize = 4;
pub(super) const PAUSE: Duration = Duration::from_millis(150);
/// A shard's answer has at most so many bytes: a page of 500 rows has some hundred thousand.
pub(super) const ANSWER_BYTES_MAX: usize = 64 << 20;

pub(super) const NO_ANSWER: &str = "what it says is no answer to the question: is it of another version?";

/// The one answer of all shards; none where one of them has said no address.
pub(super) async fn together(
    client: &ShardClient,
    shards: &Shards,
    (passed, asking): (&Passed, &Asking),
    asked: AskedOfAll,
) -> Result<Option<Response>, Problem> {
    let all: Option<Vec<ShardAt<'_>>> = (0..shards.0.len()).map(|number| shards.at(number)).collect();
    let Some(all) = all else { return Ok(None) };
    let mut each = of_each(passed, asking, asked, all.len())?;
    let is_past = is_of_the_past(&asking.parameters);
    let mut is_of_one_day = !is_past;
    // How many months a cohort has is told by the moment alone, and by none of a shard without one.
    if is_past && asked == AskedOfAll::Cohorts {
        each = of_one_day(client, (&all, each), (passed, asking)).await?;
        is_of_one_day = true;
    }
    let mut tries = 0;
    loop {
        tries += 1;
        match try_together(client, (&all, &each), (passed, asking), asked).await? {
            Tried::Answered(response) => return Ok(Some(response)),
            Tried::Apart(_) if !is_of_one_day => {
                // What they say of the past stays as it is, so it is said as of the day of the one that recorded last.
                each = of_one_day(client, (&all, each), (passed, asking)).await?;
                is_of_one_day = true;
            }
            Tried::Apart(_) if tries < TRIES => tokio::time::sleep(PAUSE).await,
            Tried::Apart(why) => return Err(apart(&why)),
        }
    }
}

/// That shards differ in what they all know.
pub(super) fn apart(why: &str) -> Problem {
    let detail = format!(
        "the shards do not say the same: {why}. One has not read yet what another has, or its moment is another: ask again, or \
         one of them, with shard=0 or another number"
    );
    Problem::new(ProblemKind::Unavailable, detail)
}

/// What came of asking all shards once.
enum Tried {
    Answered(Response),
    /// They differ in what they all know, for this reason.
    Apart(String),
}

async fn try_together(
    client: &ShardClient,
    (all, each): (&[ShardAt<'_>], &[Passed]),
    (passed, asking): (&Passed, &Asking),
    asked: AskedOfAll,
) -> Result<Tried, Problem> {
    let answers = try_join_all(all.iter().zip(each).map(|(shard, own)| client.ask(*shard, own))).await?;
    let is_there = |answer: &Answered| answer.status() == StatusCode::OK;
    if let Some(refusal) = answers.iter().position(|answer| !is_there(answer)) {
        let is_unknown = answers[refusal].status() == StatusCode::NOT_FOUND;
        if is_unknown && answers.iter().any(is_there) {
            return Ok(Tried::Apart(format!("what is asked about is not known to shard {refusal}")));
        }
        let response = answers.into_iter().nth(refusal).map(IntoResponse::into_response);
        return response.map(Tried::Answered).ok_or_else(|| Problem::internal(&"no answer"));
    }
    let mut bodies = bodies_of(all, answers).await?;
    if asked.takes_all_rows() {
        let whole = all.iter().zip(each).zip(bodies);
        bodies = try_join_all(whole.map(|((shard, own), body)| all_rows::whole(client, *shard, own, body))).await?;
    }
    let parts = asked.read(&bodies).map_err(|NoAnswer { number }| all[number].away(NO_ANSWER))?;
    let by_day = match parts.days_in_doubt() {
        Some(days) => earned(client, all, (passed, asking), days, &parts).await?,
        None => Vec::new(),
    };
    let as_of = AsOf { positions: parts.positions.clone(), event_time: parts.event_time };
    match parts.answer(asking, &by_day) {
        Ok(Answer { media_type, body }) => {
            let body = with_positions(&body, &as_of).map_err(|error| Problem::internal(&error))?;
            Ok(Tried::Answered(Answer { media_type, body }.into_response()))
        }
        Err(NotTogether::Refused(problem)) => Err(problem),
        Err(NotTogether::NoAnswer(NoAnswer { number })) => Err(all[number].away(NO_ANSWER)),
        Err(NotTogether::Apart(apart)) => Ok(Tried::Apart(apart.to_string())),
    }
}

/// What each shard is asked. A cursor that keeps a position of each is given to each as its own.
fn of_each(passed: &Passed, asking: &Asking, asked: AskedOfAll, shards: usize) -> Result<Vec<Passed>, Problem> {
    let cursor = asking.parameters.iter().find(|(name, _)| name == CURSOR).map(|(_, value)| value.as_str());
    let kept = cursor.and_then(positions_of_cursor);
    if let Some(kept) = kept.filter(|kept| kept.len() != shards) {
        let detail = format!("it belongs to a list of {} shards, and there are {shards}", kept.len());
        return Err(Problem::of_field(ProblemKind::InvalidParameter, CURSOR, detail));
    }
    if asked.takes_all_rows() {
        return Ok((0..shards).map(|number| all_rows::asked_for(passed, cursor, number)).collect());
    }
    let own = |number| cursor.and_then(|cursor| cursor_of_one(cursor, number));
    Ok((0..shards).map(|number| passed.of_one(own(number).as_deref())).collect())
}

/// The same questions of the past, as of the latest of the days on which the shards stood then: of one ledger it would be that
/// of its last entry.
async fn of_one_day(
    client: &ShardClient,
    (all, each): (&[ShardAt<'_>], Vec<Passed>),
    (passed, asking): (&Passed, &Asking),
) -> Result<Vec<Passed>, Problem> {
    let Some(day) = latest_day(client, (all, &each), (passed, asking)).await? else { return Ok(each) };
    Ok(each.into_iter().map(|own| own.not_before(day.start())).collect())
}

/// That day; none where nobody tells, as what is asked is refused.
pub(super) async fn latest_day(
    client: &ShardClient,
    (all, each): (&[ShardAt<'_>], &[Passed]),
    (passed, asking): (&Passed, &Asking),
) -> Result<Option<Day>, Problem> {
    let kept =
        asking.parameters.iter().find(|(name, _)| name == CURSOR).and_then(|(_, value)| positions_of_cursor(value));
    let of_one = async |shard: ShardAt<'_>, own: &Passed| {
        let kept = || Some(format!("{AS_OF}={}", kept.as_ref()?.get(shard.number)?));
        let moment = own.pair(AS_OF).map(str::to_owned).or_else(kept).unwrap_or_default();
        let query = match asking.referrer() {
            Some(referrer) => format!("uid={referrer}&{moment}"),
            None => moment,
        };
        let answer = client.ask(shard, &passed.asking("/v1/overview", query)).await?;
        if answer.status() != StatusCode::OK {
            return Ok(None);
        }
        let body = answer.whole(ANSWER_BYTES_MAX).await.map_err(|why| shard.away(&why))?;
        last_day(&body).map(Some).ok_or_else(|| shard.away(NO_ANSWER))
    };
    let days: Vec<Option<Day>> = try_join_all(all.iter().zip(each).map(|(shard, own)| of_one(*shard, own))).await?;
    Ok(days.into_iter().flatten().max())
}

async fn bodies_of(all: &[ShardAt<'_>], answers: Vec<Answered>) -> Result<Vec<Bytes>, Problem> {
    let bodies = join_all(answers.into_iter().map(|answer| answer.whole(ANSWER_BYTES_MAX))).await;
    all.iter().zip(bodies).map(|(shard, body)| body.map_err(|why| shard.away(&why))).collect()
}

/// What the referrer earned by day in each shard, as of where it stood when it was asked.
async fn earned(
    client: &ShardClient,
    all: &[ShardAt<'_>],
    (passed, asking): (&Passed, &Asking),
    DateRange { from, to }: DateRange,
    parts: &Together,
) -> Result<Vec<DaySums>, Problem> {
    let Some(referrer) = asking.referrer() else { return Ok(Vec::new()) };
    let of_one = async |shard: ShardAt<'_>, position: u64| {
        if position == 0 {
            return Ok(DaySums::new());
        }
        let query = format!("uid={referrer}&from={from}&to={to}&interval=day&as_of={position}");
        let answer = client.ask(shard, &passed.asking("/v1/overview/series", query)).await?;
        let status = answer.status();
        if status != StatusCode::OK {
            return Err(shard.away(&format!("asked for a series of days it answers with {status}")));
        }
        let body = answer.whole(ANSWER_BYTES_MAX).await.map_err(|why| shard.away(&why))?;
        earned_by_day(&body).ok_or_else(|| shard.away(NO_ANSWER))
    };
    try_join_all(all.iter().zip(&parts.positions).map(|(shard, position)| of_one(*shard, *position))).await
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use api::parameters::read_query_string;
    use api::{Caller, Came, PathNames, Scope};
    use axum::body::to_bytes;
    use axum::http::Request;
    use serde_json::{Value, json};

    use super::super::shard_client::tests::{measured, server};
    use super::*;

    async fn shard(status: &str, body: &Value) -> (String, Arc<Mutex<usize>>) {
        let body = body.to_string();
        let head = format!("content-type: application/json\r\ncontent-length: {}\r\nconnection: close", body.len());
        server(format!("HTTP/1.1 {status}\r\n{head}\r\n\r\n{body}"), false).await
    }

    /// What a node with shards at these addresses answers.
    async fn asked(target: &str, addresses: Vec<Option<String>>) -> Result<(u16, Value), Problem> {
        let (parts, ()) = Request::get(target).body(()).expect("a request").into_parts();
        let passed = Passed::of(&parts, &Came::default(), Vec::new());
        let parameters = read_query_string(parts.uri.query().unwrap_or_default())?;
        let (caller, path) = (Caller::operator(), PathNames::none());
        let asking =
            Asking { caller, path, parameters, scope: Scope::Ledger, came: Came::default(), now_at_least: None };
        let segments: Vec<&str> = parts.uri.path().trim_start_matches("/v1/").split('/').collect();
        let question = AskedOfAll::of(&segments).expect("a question");
        let client = ShardClient::new(measured()).expect("a client");
        let answered = together(&client, &Shards(addresses), (&passed, &asking), question).await?;
        let Some(response) = answered else { return Ok((421, Value::Null)) };
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        Ok((status, serde_json::from_slice(&body).expect("JSON")))
    }

    fn rewards(position: u64, time: &str, rows: &[(&str, u64, &str)]) -> Value {
        let row = |(date, invitee, amount): &(&str, u64, &str)| {
            json!({"date": date, "kind": "commission", "invitee_uid": invitee, "product": "spot", "trades": 1,
                "fee_usd": amount, "amount": amount})
        };
        json!({"uid": 7, "kind": "commission", "from": "2026-01-01", "to": "2026-01-31",
            "rows": rows.iter().map(row).collect::<Vec<_>>(), "total": rows.len(), "next_cursor": null,
            "as_of": {"position": position, "event_time": time}})
    }

    fn offers(volume: &str, title: &str) -> Value {
        let condition = json!({"metric": "total_volume", "current": volume, "target": "10", "met": false});
        let tier = json!({"name": "gold", "reward": "5", "conditions": [condition], "met": false});
        let period = json!({"kind": "month", "from": "2026-01-01", "to": "2026-01-31"});
        json!({"rows": [{"id": "A", "kind": "bonus", "title": title, "url": "/", "period": period, "eligible": true,
            "tiers": [tier], "reached": null, "next": "gold"}], "total": 1, "next_cursor": null,
            "as_of": {"position": 3, "event_time": null}})
    }

    #[tokio::test]
    async fn the_records_of_all_shards_are_one_list_as_of_where_each_of_them_stood() {
        let (zero, _) = shard("200 OK", &rewards(5, "2026-01-03T00:00:00Z", &[("2026-01-02", 9, "0.5")])).await;
        let others = [("2026-01-03", 8, "2"), ("2026-01-02", 3, "1")];
        let (one, _) = shard("200 OK", &rewards(9, "2026-01-02T00:00:00Z", &others)).await;
        let addresses = vec![Some(zero), Some(one)];
        let (status, answer) = asked("/v1/rewards?uid=7&limit=2", addresses).await.expect("an answer");
        assert_eq!((status, &answer["total"]), (200, &json!(3)));
        assert_eq!(answer["as_of"], json!({"positions": [5, 9], "event_time": "2026-01-03T00:00:00Z"}));
        let invitees: Vec<&Value> =
            answer["rows"].as_array().expect("rows").iter().map(|row| &row["invitee_uid"]).collect();
        assert_eq!(invitees, [&json!(8), &json!(3)]);
        assert!(answer["next_cursor"].is_string(), "another row follows");
    }

    #[tokio::test]
    async fn what_offers_have_come_to_adds_up_and_what_is_met_follows() {
        let ((zero, _), (one, _)) =
            (shard("200 OK", &offers("4", "t")).await, shard("200 OK", &offers("6.00000001", "t")).await);
        let (_, answer) = asked("/v1/offers?uid=7", vec![Some(zero), Some(one)]).await.expect("an answer");
        let row = &answer["rows"][0];
        let condition = &row["tiers"][0]["conditions"][0];
        assert_eq!((&condition["current"], &condition["met"]), (&json!("10.00000001"), &json!(true)));
        assert_eq!((&row["reached"], &row["next"]), (&json!("gold"), &Value::Null));
    }

    #[tokio::test]
    async fn shards_that_differ_are_asked_again_and_then_it_is_told_in_what() {
        let ((zero, _), (one, taken)) =
            (shard("200 OK", &offers("4", "old")).await, shard("200 OK", &offers("6", "new")).await);
        let problem = asked("/v1/offers?uid=7", vec![Some(zero), Some(one)]).await.expect_err("a refusal");
        assert_eq!(problem.status(), 503);
        assert!(problem.detail.contains("ledgers 0 and 1 differ in the offers that run"), "{}", problem.detail);
        assert_eq!(*taken.lock().expect("a count"), TRIES);
    }

    #[tokio::test]
    async fn a_refusal_of_one_is_the_refusal_and_one_that_is_away_or_unknown_leaves_no_answer() {
        let (well, _) = shard("200 OK", &rewards(5, "2026-01-03T00:00:00Z", &[])).await;
        let (refusing, _) = shard("400 Bad Request", &json!({"field": "limit"})).await;
        let (strange, _) = shard("200 OK", &json!({"rows": []})).await;
        let target = "/v1/rewards?uid=7";
        let of = |other: &str| vec![Some(well.clone()), Some(other.to_owned())];
        let (status, answer) = asked(target, of(&refusing)).await.expect("a refusal of a shard's");
        assert_eq!((status, &answer["field"]), (400, &json!("limit")));
        let problem = asked(target, of(&strange)).await.expect_err("no answer");
        assert!(problem.status() == 503 && problem.detail.contains("shard 1 at"), "{}", problem.detail);
        let problem = asked(target, of("http://127.0.0.1:1")).await.expect_err("nobody is there");
        assert!(problem.status() == 503 && problem.detail.contains("shard 1 at"), "{}", problem.detail);
        assert_eq!(asked(target, vec![Some(well), None]).await.expect("none").0, 421);
    }
}
