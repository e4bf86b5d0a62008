//! Every answer held against the second reading of the contract, which recomputes it from the set of events.

#[path = "../../projections/tests/oracle/mod.rs"]
mod second_reading;

use api::{Caller, answer};
use ingest::Handle;
use schemas::{Body, Uid};
use second_reading::{Answer, Filter, Oracle, Refusal, without_link_texts};
use serde_json::Value;

use crate::failure::Failure;
use crate::history::OWNERS;

/// Asks both everything about every account, at the handle's present.
pub(crate) fn check_everything(handle: &Handle) -> Result<(), Failure> {
    let reader = handle.reader();
    let dictionary = reader.dictionary();
    let mut arrivals = Vec::new();
    for frame in reader.frames(&ledger::FrameCursor::START) {
        let frame = frame?;
        for entry in frame.entries(&dictionary) {
            let (_, event) = entry?;
            arrivals.push((frame.recorded_at(), event.into_owned()));
        }
    }
    let (oracle, _) = Oracle::of(arrivals);
    handle.read(|view| {
        let known = oracle.at(oracle.end(), view.now);
        let ask = |path: &[&str], parameters: &[(&str, &str)]| -> Answer {
            let parameters: Vec<_> = parameters.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            match answer(view, &reader, &Caller::operator(), path, &parameters, view.now) {
                Ok(answer) => Ok(without_link_texts(serde_json::from_slice(&answer.body).expect("an answer is JSON"))),
                Err(_) => Err(Refusal::NotFound),
            }
        };
        let mut uids: Vec<Uid> = OWNERS.to_vec();
        for entry in oracle.entries() {
            if let Body::Registration(registration) = &entry.event.body {
                uids.push(registration.uid);
            }
        }
        uids.sort_unstable();
        uids.dedup();
        for uid in &uids {
            let text = uid.to_string();
            let of = [("uid", text.as_str()), ("limit", "500")];
            same(&format!("overview {uid}"), ask(&["overview"], &of[..1]), known.overview(*uid, None, None, None))?;
            same(&format!("referrals {uid}"), ask(&["referrals"], &of), known.referrals(*uid, &Filter::default()))?;
            same(&format!("codes {uid}"), ask(&["codes"], &of), known.codes(*uid))?;
            same(&format!("countries {uid}"), ask(&["countries"], &of), known.countries(*uid, None, None))?;
            let cohorts = known.cohorts(Some(*uid), None, None, (None, None));
            same(&format!("cohorts {uid}"), ask(&["cohorts"], &of), cohorts)?;
            let changes = known.changes(Some(*uid), None, None, None);
            same(&format!("changes {uid}"), ask(&["changes"], &of), changes)?;
            same(&format!("account {uid}"), ask(&["account"], &of[..1]), known.account(*uid))?;
            same(&format!("offers {uid}"), ask(&["offers"], &of), known.offers(*uid))?;
            same(&format!("campaigns {uid}"), ask(&["campaigns"], &of), known.campaigns(*uid, None))?;
        }
        for entry in oracle.entries() {
            let Body::Trade(trade) = &entry.event.body else { continue };
            let (uid, source, id) = (trade.uid.to_string(), &*entry.event.source, &*entry.event.id);
            let of = [("invitee", uid.as_str()), ("source", source), ("id", id)];
            let question = format!("explain {uid} {source} {id}");
            same(&question, ask(&["trades", "explain"], &of), known.explain(trade.uid, source, id))?;
        }
        Ok(())
    })
}

fn same(question: &str, real: Answer, expected: Answer) -> Result<(), Failure> {
    let expected = expected.map(without_link_texts);
    if real == expected {
        return Ok(());
    }
    let text = |answer: &Answer| match answer {
        Ok(answer) => serde_json::to_string_pretty::<Value>(answer).unwrap_or_default(),
        Err(refusal) => format!("{refusal:?}"),
    };
    Err(Failure::of(format!(
        "{question}\n--- the ledger\n{}\n--- the second reading\n{}",
        text(&real),
        text(&expected)
    )))
}
