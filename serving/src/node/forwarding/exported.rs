//! The export of rewards over all shards: each writes its own, and one file is made of them. What does not fit into a little
//! memory waits on disk, so that no shard waits for another's records or for who reads.

use api::{App, Asking, NoAnswer, NotTogether, Problem, Records, RewardsExport, is_of_the_past};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::future::try_join_all;
use ingest::{Clock, SystemClock};
use projections::query::DateRange;

use super::Shards;
use super::passed::Passed;
use super::shard_client::{Answered, ShardAt, ShardClient};
use super::together::{NO_ANSWER, PAUSE, TRIES, apart, latest_day};

/// The one file; none where a shard has said no address.
pub(super) async fn exported(
    client: &ShardClient,
    shards: &Shards,
    (app, passed, asking): (&App, &Passed, &Asking),
) -> Result<Option<Response>, Problem> {
    let all: Option<Vec<ShardAt<'_>>> = (0..shards.0.len()).map(|number| shards.at(number)).collect();
    let Some(all) = all else { return Ok(None) };
    let export = RewardsExport::of(asking)?;
    let range = export.days(today(client, &all, (passed, asking), &export).await?)?;
    let place = RewardsExport::place(app, asking).await?;
    let own = own(passed, range);
    let mut tries = 0;
    loop {
        tries += 1;
        let records = match records(client, &all, &own).await? {
            Ok(records) => records,
            Err(refusal) => return Ok(Some(refusal.into_response())),
        };
        match export.merged(range, records).await {
            Ok(file) => return file.response(place).map(Some),
            Err(NotTogether::Refused(problem)) => return Err(problem),
            Err(NotTogether::NoAnswer(NoAnswer { number })) => return Err(all[number].away(NO_ANSWER)),
            Err(NotTogether::Apart(_)) if tries < TRIES => tokio::time::sleep(PAUSE).await,
            Err(NotTogether::Apart(why)) => return Err(apart(&why.to_string())),
        }
    }
}

/// The day on which those that end today do.
async fn today(
    client: &ShardClient,
    all: &[ShardAt<'_>],
    (passed, asking): (&Passed, &Asking),
    export: &RewardsExport,
) -> Result<schemas::Day, Problem> {
    let now = SystemClock::new().now().day();
    if !(export.is_of_last_days() && is_of_the_past(&asking.parameters)) {
        return Ok(now);
    }
    let each: Vec<Passed> = all.iter().map(|_| passed.of_one(None)).collect();
    Ok(latest_day(client, (all, &each), (passed, asking)).await?.unwrap_or(now))
}

/// What each shard is asked.
fn own(passed: &Passed, DateRange { from, to }: DateRange) -> Passed {
    let days = [("from", &*from.to_string()), ("to", &*to.to_string())];
    passed.of_one(None).with(&[("format", "ndjson"), ("csv_bom", ""), days[0], days[1]])
}

/// The records of each; or what one refuses.
async fn records(
    client: &ShardClient,
    all: &[ShardAt<'_>],
    own: &Passed,
) -> Result<Result<Vec<Records>, Answered>, Problem> {
    let mut answers = try_join_all(all.iter().map(|shard| client.ask_for_file(*shard, own))).await?;
    if let Some(refusal) = answers.iter().position(|answer| answer.status() != StatusCode::OK) {
        return Ok(Err(answers.swap_remove(refusal)));
    }
    let of_one = async |shard: &ShardAt<'_>, mut answer: Answered| {
        let mut records = Records::at(answer.position().ok_or_else(|| shard.away(NO_ANSWER))?);
        while let Some(part) = answer.next().await.map_err(|why| shard.away(&why))? {
            records.take(&part)?;
        }
        Ok(records)
    };
    try_join_all(all.iter().zip(answers).map(|(shard, answer)| of_one(shard, answer))).await.map(Ok)
}
