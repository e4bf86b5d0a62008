//! Verifies the whole ledger: bytes, hash chain, sequence, books, and projections against a fresh replay.

use ingest::{CheckpointUse, Handle, StartError};
use ledger::{FrameCursor, Head, HeadFound, LedgerError, LedgerReader, QuarantineState};
use projections::State;
use projections::query::Books;
use replay::{ReplayError, Until, replay};
use serde::Serialize;

use crate::cli::{CommonFlags, VerifyArgs};
use crate::config::{Key, Value, load, surroundings};
use crate::exit::{self, Failure, after_report};
use crate::output;
use crate::place::{Place, cores};
use crate::survey::{DamagedFile, Surveyed, survey};

/// What was checked and found.
#[derive(Debug, Default, Serialize)]
struct Verdict {
    ok: bool,
    position: u64,
    segments: u64,
    frames: u64,
    bytes: u64,
    /// The hash of the last good frame, which ends at the position.
    head: String,
    /// What more is said of a check that looked at the projections too.
    #[serde(flatten)]
    numbers: Option<Numbers>,
    damage: Option<String>,
    /// The files that are not what was written.
    damages: Vec<DamagedFile>,
    /// What was found where the head given was looked for, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<String>,
    /// What is said of damage and what to do, in lines for the terminal.
    #[serde(skip)]
    advice: Vec<String>,
}

/// What the projections came to.
#[derive(Debug, Default, Serialize)]
struct Numbers {
    quarantined: u64,
    set_aside: u64,
    postings: u64,
    commission_expense: String,
    digest: Option<String>,
    checkpoint: &'static str,
}

/// Checks everything, says what was found, and ends with exit code 3 if anything is damaged.
pub(super) fn execute(common: &CommonFlags, args: VerifyArgs) -> Result<(), Failure> {
    let mut flags = common.given();
    flags.extend(args.data.map(|data| (Key::Data, "data", Value::Text(data))));
    let (settings, _) = load(common.config.as_deref(), surroundings(), flags)?;
    crate::logging::start(&settings.log);
    let place = Place::of(&settings)?;
    let mut verdict = match survey(place.existing_storage()?) {
        Err(error @ LedgerError::NoFormat) => without_format(&error, &place),
        surveyed => of_survey(&surveyed.map_err(anyhow::Error::from)?, &place),
    };
    let is_whole = verdict.damage.is_none();
    let is_of_chain_alone = args.head || args.against.is_some();
    if let (true, Some(head)) = (is_whole, &args.against) {
        check_against(head, &place.reader()?, &mut verdict)?;
    } else if is_whole && !is_of_chain_alone {
        let mut numbers = Numbers { checkpoint: "none", ..Numbers::default() };
        let found = match place.read(&settings) {
            Ok((handle, checkpoint)) => check(&handle, &checkpoint, &mut numbers),
            Err(Failure::Failed(error) | Failure::Damaged(error)) if error.is::<StartError>() => Err(error.into()),
            Err(failure) => return Err(failure),
        };
        verdict.numbers = Some(numbers);
        match found {
            Ok(()) => {}
            Err(StoppedBy::Damage(damage)) => {
                verdict.advice.push(format!("DAMAGE      {damage}"));
                verdict.damage = Some(damage);
            }
            Err(StoppedBy::Failure(failure)) => return Err(failure),
        }
    }
    verdict.ok = verdict.damage.is_none();
    let printed = if args.json {
        let text = serde_json::to_vec(&verdict).map_err(anyhow::Error::from)?;
        output::print(&text, output::Format::Json)
    } else {
        output::print_raw(&in_words(&verdict))
    };
    after_report(if verdict.ok { Ok(()) } else { Err(Failure::Damage) }, printed)
}

fn of_survey(surveyed: &Surveyed, place: &Place) -> Verdict {
    let Surveyed { report, damages } = surveyed;
    let damaged = damages.iter().map(|damage| damage.detail.clone()).collect::<Vec<_>>();
    Verdict {
        position: surveyed.good(),
        segments: report.segments,
        frames: report.frames,
        bytes: report.bytes,
        head: Head::at(&report.good).hex(),
        damage: (!damaged.is_empty()).then(|| damaged.join("; ")),
        advice: if damaged.is_empty() { Vec::new() } else { surveyed.told(place.folder()) },
        damages: damages.clone(),
        ..Verdict::default()
    }
}

/// Of a ledger whose file `FORMAT` says none: nothing else is looked at.
fn without_format(error: &LedgerError, place: &Place) -> Verdict {
    let damage = error.to_string();
    let file = DamagedFile { file: "FORMAT".to_owned(), byte: 0, detail: damage.clone() };
    let data = place.folder().display();
    let advice =
        vec![format!("DAMAGE      {damage}"), format!("to repair   tributary repair --data {data} --from BACKUP")];
    Verdict {
        head: Head::at(&FrameCursor::START).hex(),
        damage: Some(damage),
        damages: vec![file],
        advice,
        ..Verdict::default()
    }
}

/// Whether what stands here goes on from a head.
fn check_against(head: &Head, reader: &LedgerReader, verdict: &mut Verdict) -> Result<(), Failure> {
    let position = head.position;
    let found = match head.look_up(reader).map_err(anyhow::Error::from)? {
        HeadFound::Same => {
            let goes_on = format!("this ledger goes on from it, to position {}", reader.durable_position());
            verdict.against = Some(format!("everything up to position {position} is what it was: {goes_on}"));
            return Ok(());
        }
        HeadFound::Other { here } => {
            format!(
                "position {position} is there with another head, {}: what lies before it is not what it was",
                here.hex()
            )
        }
        HeadFound::Within { first, last } => format!(
            "no frame ends at position {position}: one holds positions {first} to {last}, so this ledger never had a \
             head there"
        ),
        HeadFound::Beyond { last } => format!("the ledger ends at position {last}, before the head's {position}"),
    };
    verdict.advice.push(format!("NOT THE SAME  {found}"));
    verdict.damage = Some(found.clone());
    verdict.against = Some(found);
    Ok(())
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

/// Whether the projections are those of a fresh replay, and the books balance.
fn check(handle: &Handle, checkpoint: &CheckpointUse, numbers: &mut Numbers) -> Result<(), StoppedBy> {
    let reader = handle.reader();
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
    let in_state = |state| fresh.quarantine().len(state);
    numbers.quarantined = in_state(QuarantineState::Open);
    numbers.set_aside = in_state(QuarantineState::Discarded) + in_state(QuarantineState::Replaced);
    numbers.postings = books.postings;
    numbers.commission_expense = books.expense.to_string();
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
    numbers.checkpoint = match (checkpoint, is_same_place) {
        (CheckpointUse::Used, true) => "equals a fresh replay",
        (CheckpointUse::Used, false) => "not compared: a daemon goes on writing",
        (CheckpointUse::Absent, _) => "none, or held by a daemon",
        (CheckpointUse::Discarded { .. }, _) => "cannot be trusted; the next start replays everything",
    };
    numbers.digest = Some(digest);
    Ok(())
}

fn in_words(verdict: &Verdict) -> Vec<u8> {
    let mut lines = vec![format!(
        "ledger      {} entries in {} frames and {} segments, {} bytes: checksums, hash chain and sequence checked",
        verdict.position, verdict.frames, verdict.segments, verdict.bytes
    )];
    if let Some(numbers) = &verdict.numbers {
        let Numbers { quarantined, set_aside, postings, commission_expense, checkpoint, digest } = numbers;
        lines.push(format!("quarantine  {quarantined} events open, {set_aside} discarded or replaced"));
        lines.push(format!("postings    {postings}, commission expense {commission_expense} USD"));
        lines.push(format!("checkpoint  {checkpoint}"));
        lines.extend(digest.as_ref().map(|digest| format!("digest      {digest}")));
    }
    lines.push(format!("head        {} {}", verdict.position, verdict.head));
    lines.extend(verdict.advice.iter().cloned());
    if verdict.ok {
        lines.push(verdict.against.clone().unwrap_or_else(|| "everything is in order".to_owned()));
    }
    lines.push(String::new());
    lines.join("\n").into_bytes()
}

impl From<Failure> for StoppedBy {
    fn from(failure: Failure) -> StoppedBy {
        StoppedBy::Failure(failure)
    }
}
