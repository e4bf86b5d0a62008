//! Verifies the whole ledger: bytes, hash chain, sequence, books, and projections against a fresh replay.

use ingest::{CheckpointUse, Handle, StartError};
use ledger::{FrameCursor, LedgerError, VerifyReport};
use projections::State;
use projections::query::Books;
use replay::{ReplayError, Until, replay};
use serde::Serialize;

use crate::cli::{CommonFlags, VerifyArgs};
use crate::config::{Key, Value, load, surroundings};
use crate::exit::{self, Failure, after_report};
use crate::output;
use crate::place::{Place, cores};

/// What was checked and found.
#[derive(Debug, Default, Serialize)]
struct Verdict {
    ok: bool,
    position: u64,
    segments: u64,
    frames: u64,
    bytes: u64,
    quarantined: u64,
    set_aside: u64,
    postings: u64,
    commission_expense: String,
    digest: Option<String>,
    checkpoint: &'static str,
    damage: Option<String>,
}

/// Checks everything, says what was found, and ends with exit code 3 at the first damage.
pub(super) fn execute(common: &CommonFlags, args: VerifyArgs) -> Result<(), Failure> {
    let mut flags = common.given();
    flags.extend(args.data.map(|data| (Key::Data, "data", Value::Text(data))));
    let (settings, _) = load(common.config.as_deref(), surroundings(), flags)?;
    crate::logging::start(&settings.log);
    let place = Place::of(&settings)?;
    let mut verdict = Verdict { checkpoint: "none", ..Verdict::default() };
    let found = match place.read(&settings) {
        Ok((handle, checkpoint)) => check(&handle, &checkpoint, &mut verdict),
        Err(Failure::Failed(error)) if error.downcast_ref::<StartError>().is_some() => Err(error.into()),
        Err(failure) => return Err(failure),
    };
    match found {
        Ok(()) => verdict.ok = true,
        Err(StoppedBy::Damage(damage)) => verdict.damage = Some(damage),
        Err(StoppedBy::Failure(failure)) => return Err(failure),
    }
    let printed = if args.json {
        let text = serde_json::to_vec(&verdict).map_err(anyhow::Error::from)?;
        output::print(&text, output::Format::Json)
    } else {
        output::print_raw(&in_words(&verdict))
    };
    after_report(if verdict.ok { Ok(()) } else { Err(Failure::Damage) }, printed)
}

/// What stopped the checking.
enum StoppedBy {
    Damage(String),
    Failure(Failure),
}

/// Bytes that are not what was written are damage; what keeps them from being read is a failure.
impl From<anyhow::Error> for StoppedBy {
    fn from(error: anyhow::Error) -> StoppedBy {
        // An error that passes another one through is not followed by it in the chain.
        let ledger = error.chain().find_map(|cause| match cause.downcast_ref::<StartError>() {
            Some(StartError::Ledger(error)) => Some(error),
            Some(StartError::Replay(_)) | None => cause.downcast_ref::<LedgerError>(),
        });
        match ledger {
            Some(LedgerError::Damaged { .. }) => StoppedBy::Damage(exit::in_words(&error)),
            Some(_) | None => StoppedBy::Failure(Failure::failed(error)),
        }
    }
}

fn check(handle: &Handle, checkpoint: &CheckpointUse, verdict: &mut Verdict) -> Result<(), StoppedBy> {
    let reader = handle.reader();
    let report: VerifyReport = ledger::verify(&reader, |_| {}).map_err(anyhow::Error::from)?;
    verdict.position = report.position;
    verdict.segments = report.segments;
    verdict.frames = report.frames;
    verdict.bytes = report.bytes;
    verdict.quarantined = report.quarantined;
    verdict.set_aside = report.set_aside;

    let mut fresh = State::new();
    let replayed = replay(&reader, &mut fresh, FrameCursor::START, Until::End, cores(), &mut |_| {});
    replayed.map_err(|error| match error {
        ReplayError::Ledger(error) => anyhow::Error::from(error),
        ReplayError::Read(_) | ReplayError::BeyondEnd { .. } => error.into(),
    })?;
    let digest = fresh.digest(&reader).map_err(anyhow::Error::from)?;
    let (kept, books): (String, Books) = handle
        .read(|view| Ok((view.state.digest(view.reader)?, view.books(|_| {})?)))
        .map_err(|error: ledger::ReadError| anyhow::Error::from(error))?;
    verdict.postings = books.postings;
    verdict.commission_expense = books.expense.to_string();
    if let Some(position) = books.unbalanced {
        return Err(StoppedBy::Damage(format!("the postings of position {position} do not balance")));
    }
    if !books.are_in_order() {
        let (expense, amounts) = (books.expense, books.amounts);
        return Err(StoppedBy::Damage(format!("the postings come to {expense}, the amounts to {amounts}")));
    }
    // Where a daemon writes beside, the kept state may be ahead of the fresh one.
    let is_same_place = handle.position() == fresh.position();
    if is_same_place && kept != digest {
        return Err(StoppedBy::Damage("the projections from the checkpoint differ from a fresh replay".to_owned()));
    }
    verdict.checkpoint = match (checkpoint, is_same_place) {
        (CheckpointUse::Used, true) => "equals a fresh replay",
        (CheckpointUse::Used, false) => "not compared: a daemon goes on writing",
        (CheckpointUse::Absent, _) => "none, or held by a daemon",
        (CheckpointUse::Discarded { .. }, _) => "cannot be trusted; the next start replays everything",
    };
    verdict.digest = Some(digest);
    Ok(())
}

fn in_words(verdict: &Verdict) -> Vec<u8> {
    let mut lines = vec![format!(
        "ledger      {} entries in {} frames and {} segments, {} bytes: checksums, hash chain and sequence checked",
        verdict.position, verdict.frames, verdict.segments, verdict.bytes
    )];
    lines.push(format!("quarantine  {} events open, {} discarded or replaced", verdict.quarantined, verdict.set_aside));
    lines.push(format!("postings    {}, commission expense {} USD", verdict.postings, verdict.commission_expense));
    lines.push(format!("checkpoint  {}", verdict.checkpoint));
    if let Some(digest) = &verdict.digest {
        lines.push(format!("digest      {digest}"));
    }
    match &verdict.damage {
        Some(damage) => lines.push(format!("DAMAGE      {damage}")),
        None => lines.push("everything is in order".to_owned()),
    }
    lines.push(String::new());
    lines.join("\n").into_bytes()
}

impl From<Failure> for StoppedBy {
    fn from(failure: Failure) -> StoppedBy {
        StoppedBy::Failure(failure)
    }
}
