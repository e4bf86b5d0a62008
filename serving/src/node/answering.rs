//! A question answered from rows: by the code that answers it of a ledger, over a small state that is made of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::{
    Answer, App, Asked, Asking, CellsNeeded, Problem, ProblemKind, RowsNeeded, WhoDid, answer_asked, blocking,
    rows_needed,
};
use axum::Extension;
use axum::extract::{MatchedPath, State};
use ingest::{Clock, SystemClock};
use ledger::{Actor, Position, ReadError};
use projections::View;
use projections::published::PromotionKind;
use schemas::Timestamp;
use serde_json::Value;

use super::Node;
use super::as_of::with_positions;
use super::measured::Reads;
use crate::error::ServingError;
use crate::reading::{AsOf, Found, Reading};

/// The parameter that names positions that an answer has to have reached.
pub(super) const MIN_POSITION: &str = "min_position";
/// For so long it is waited that shards reach them, and so often it is looked.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(50);

/// Who gave a referrer its standings: their positions count them from 1 on.
struct Actors(Vec<Option<Actor>>);

impl WhoDid for Actors {
    fn who_did(&self, position: Position) -> Result<Option<Actor>, ReadError> {
        let last = self.0.len() as Position;
        let actor = usize::try_from(position).ok().and_then(|position| self.0.get(position.checked_sub(1)?));
        actor.cloned().ok_or(ReadError::NoSuchPosition { position, last })
    }
}

/// Answers what rows answer.
pub(super) async fn answer(
    State(_): State<App>,
    template: MatchedPath,
    Extension(node): Extension<Arc<Node>>,
    mut asking: Asking,
) -> Result<Answer, Problem> {
    let now = SystemClock::new().now();
    let least = least_positions(&mut asking.parameters)?;
    let path = asking.path.path_of(template.as_str());
    let segments: Vec<&str> = path.iter().map(String::as_str).collect();
    let Some(needed) = rows_needed(&segments, &asking.caller, &asking.parameters, now)? else {
        let what = "a question about all referrers, or about the past,";
        return Err(node.misdirected(what).await);
    };
    let reading = node.reading().await?;
    if let Some(least) = least {
        wait_for(&node, &reading, &least).await?;
    }
    let asking = Arc::new(asking);
    let found = match node.measured.read(Reads::Rows, reading.referrer(&needed)).await {
        Err(ServingError::TooMany { what, most }) => {
            return Err(node.misdirected(&format!("what is about more than {most} {what}")).await);
        }
        found => found?,
    };
    node.measured.reached(&found.as_of);
    let is_whole = found.is_whole;
    let Some(answered) = of_rows(&node, (&asking, &path), found, &needed, now).await? else {
        return Err(node.misdirected("what an offer asks for that only trades tell").await);
    };
    let is_by_default = needed.cells.is_some_and(|CellsNeeded { is_by_default, .. }| is_by_default);
    if is_by_default && !is_whole && says_nothing(&answered.body) {
        // Where a range that nobody gave holds nothing, the answer says which days hold something: all are looked at.
        let found = node.measured.read(Reads::Rows, reading.referrer_ever(&needed)).await?;
        return Ok(of_rows(&node, (&asking, &path), found, &needed, now).await?.unwrap_or(answered));
    }
    Ok(answered)
}

/// The answer; none where rows do not tell all that it takes.
async fn of_rows(
    node: &Arc<Node>,
    (asking, path): (&Arc<Asking>, &[String]),
    found: Found,
    needed: &RowsNeeded,
    now: Timestamp,
) -> Result<Option<Answer>, Problem> {
    let is_of_offers = needed.promotions == Some(PromotionKind::Offer);
    let (node, asking, path, referrer) = (Arc::clone(node), Arc::clone(asking), path.to_vec(), needed.referrer);
    blocking(move || {
        let Found { rows, actors, as_of, .. } = found;
        let state = rows.state(referrer, now).map_err(|error| Problem::internal(&error))?;
        let view = View { state: &state, reader: &node.nothing, now, links: &node.links, is_past: false };
        if is_of_offers && !view.offers_need_no_trades() {
            return Ok(None);
        }
        let segments: Vec<&str> = path.iter().map(String::as_str).collect();
        let Asking { caller, parameters, .. } = &*asking;
        let who = Actors(actors);
        let asked = Asked { view: &view, ledger: &node.nothing, who: &who, caller, parameters, present: now };
        let Answer { media_type, body } = answer_asked(&asked, &segments)?;
        let body = with_positions(&body, &as_of).map_err(|error| Problem::internal(&error))?;
        Ok(Some(Answer { media_type, body }))
    })
    .await?
}

/// Takes `min_position` out of the parameters: a position a shard, by commas.
fn least_positions(parameters: &mut Vec<(String, String)>) -> Result<Option<Vec<u64>>, Problem> {
    let invalid = |detail: &str| Err(Problem::of_field(ProblemKind::InvalidParameter, MIN_POSITION, detail));
    let mut given = parameters.extract_if(.., |(name, _)| name == MIN_POSITION);
    let Some((_, text)) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return invalid("it is given twice");
    }
    let positions: Option<Vec<u64>> = text.split(',').map(|position| position.parse().ok()).collect();
    match positions {
        Some(positions) => Ok(Some(positions)),
        None => invalid("expected a position for each shard, by commas, as as_of.positions tells them"),
    }
}

/// Waits until all shards have published so far.
async fn wait_for(node: &Node, reading: &Reading, least: &[u64]) -> Result<(), Problem> {
    let begun = Instant::now();
    loop {
        let AsOf { positions, .. } = node.as_of(reading).await?;
        if positions.len() != least.len() {
            let detail = format!("expected a position for each of {} shards, by commas", positions.len());
            return Err(Problem::of_field(ProblemKind::InvalidParameter, MIN_POSITION, detail));
        }
        if positions.iter().zip(least).all(|(reached, least)| reached >= least) {
            return Ok(());
        }
        if begun.elapsed() >= PATIENCE {
            let reached = positions.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
            let detail = format!("the shards have published up to {reached}, and not to {MIN_POSITION} yet: ask again");
            return Err(Problem::of_field(ProblemKind::Unavailable, MIN_POSITION, detail));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Whether no metric of an answer is anything but 0.
fn says_nothing(body: &[u8]) -> bool {
    let Ok(Value::Object(answer)) = serde_json::from_slice::<Value>(body) else { return false };
    let has_none = |name: &str| answer.get(name).is_none_or(|value| !has_metrics(value));
    has_none("metrics") && has_none("points") && has_none("total")
}

/// Whether any number or amount below it is another than 0; dates are none.
fn has_metrics(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, value)| name != "date" && has_metrics(value)),
        Value::Array(rows) => rows.iter().any(has_metrics),
        Value::Number(number) => number.as_u64() != Some(0),
        Value::String(amount) => amount != "0",
        Value::Null | Value::Bool(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_nothing_where_all_its_metrics_are_0() {
        for (body, nothing) in [
            (
                r#"{"uid":7,"from":"2026-01-01","metrics":{"traded":0,"total_rewards":"0"},"as_of":{"position":0}}"#,
                true,
            ),
            (r#"{"uid":7,"metrics":{"traded":1,"total_rewards":"0"}}"#, false),
            (r#"{"uid":7,"metrics":{"traded":0,"total_rewards":"-1"}}"#, false),
            (r#"{"points":[{"date":"2026-01-01","traded":0},{"date":"2026-01-02","traded":0}]}"#, true),
            (r#"{"points":[{"date":"2026-01-01","traded":0},{"date":"2026-01-02","traded":3}]}"#, false),
            (r#"{"rows":[],"total":0,"next_cursor":null}"#, true),
            (r#"{"rows":[{"country":"DE","traded":1}],"total":1,"next_cursor":null}"#, false),
        ] {
            assert_eq!(says_nothing(body.as_bytes()), nothing, "{body}");
        }
    }

    #[test]
    fn positions_that_an_answer_has_to_have_reached_are_taken_out_of_its_parameters() {
        let given = |of: &[(&str, &str)]| -> Vec<(String, String)> {
            of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let mut parameters = given(&[("uid", "7"), ("min_position", "812,0")]);
        assert_eq!(least_positions(&mut parameters).expect("positions"), Some(vec![812, 0]));
        assert_eq!(parameters, given(&[("uid", "7")]));
        assert_eq!(least_positions(&mut parameters).expect("none"), None);
        for wrong in
            [&[("min_position", "a")][..], &[("min_position", "")], &[("min_position", "1"), ("min_position", "1")]]
        {
            let refused = least_positions(&mut given(wrong)).expect_err("a refusal");
            assert_eq!((refused.status(), refused.field.as_deref()), (400, Some(MIN_POSITION)), "{wrong:?}");
        }
    }
}
