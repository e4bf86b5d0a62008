//! One file of the records of several ledgers, which divide the families among them: their lists, each in the order of the one,
//! merged. What does not fit into a little memory waits on disk.

use std::cmp::Reverse;
use std::io::{BufRead, BufReader, Seek, Write};

use ledger::Position;
use projections::query::{Apart, DateRange, RangeRequest};
use projections::views::{RewardKind, RewardRow};
use schemas::{Day, Uid};
use tempfile::SpooledTempFile;

use super::{AskedFor, Export, ExportPlace, MEMORY_BYTES_MAX, RANGE_DAYS, Waiting, place};
use crate::app::App;
use crate::asking::Asking;
use crate::giving_way::giving_way;
use crate::problem::Problem;
use crate::together::{NoAnswer, NotTogether, record_of_line};

/// What is asked of several ledgers: `GET /v1/rewards/export`.
#[derive(Clone, Debug)]
pub struct RewardsExport {
    asked: AskedFor,
    range: RangeRequest,
}

/// The records of one ledger, in NDJSON, as of a position.
pub struct Records {
    written: SpooledTempFile,
    position: Position,
}

impl Records {
    /// None yet, as of a position.
    #[must_use]
    pub fn at(position: Position) -> Records {
        Records { written: SpooledTempFile::new(MEMORY_BYTES_MAX), position }
    }

    /// Takes more of the text.
    ///
    /// # Errors
    /// If there is no place for it.
    pub fn take(&mut self, part: &[u8]) -> Result<(), Problem> {
        self.written.write_all(part).map_err(|error| Problem::internal(&error))
    }
}

impl RewardsExport {
    /// What a request asks for.
    ///
    /// # Errors
    /// The refusal that the API gives.
    pub fn of(asking: &Asking) -> Result<RewardsExport, Problem> {
        let (asked, range) = AskedFor::of(&asking.caller, &asking.parameters)?;
        Ok(RewardsExport { asked, range })
    }

    /// Whether nobody gave a day: then those are meant that end on the day of the moment.
    #[must_use]
    pub fn is_of_last_days(&self) -> bool {
        self.range == RangeRequest::default()
    }

    /// The days, on this day.
    ///
    /// # Errors
    /// If they end before they begin.
    pub fn days(&self, today: Day) -> Result<DateRange, Problem> {
        Ok(self.range.resolve(today.start(), RANGE_DAYS)?)
    }

    /// A place among those whose exports are under way: it is waited for.
    ///
    /// # Errors
    /// If too many wait.
    pub async fn place(app: &App, asking: &Asking) -> Result<ExportPlace, Problem> {
        place(app, asking).await
    }

    /// The one file of the records of all ledgers, by their number, of these days. It is written on a thread that gives way.
    ///
    /// # Errors
    /// If what one says is none of its records, or two say the same record.
    pub async fn merged(&self, range: DateRange, records: Vec<Records>) -> Result<Export, NotTogether> {
        let waiting = Waiting::default();
        let is_waited_for = waiting.look();
        let asked = self.asked.clone();
        giving_way(move || write(asked, range, records, &is_waited_for)).await?
    }
}

fn write(
    asked: AskedFor,
    range: DateRange,
    records: Vec<Records>,
    is_waited_for: &dyn Fn() -> bool,
) -> Result<Export, NotTogether> {
    let positions: Vec<Position> = records.iter().map(|one| one.position).collect();
    let mut merging = Merging::of(records, (asked.kind, range))?;
    let mut why = None;
    let written = Export::write((asked, range), positions, &mut |take| {
        loop {
            match merging.next() {
                Ok(Some(record)) => super::as_long_as(is_waited_for, take, record)?,
                Ok(None) => return Ok(()),
                Err(none) => {
                    why = Some(none);
                    return Err(exports::ExportError::Interrupted);
                }
            }
        }
    });
    match why {
        Some(none) => Err(none),
        None => Ok(written?),
    }
}

/// The place of a record in the list: newest first, then counterparty, then product.
fn place_of(record: &RewardRow) -> (Reverse<Day>, Option<Uid>, &'static str) {
    (Reverse(record.date), record.invitee_uid.or(record.referrer_uid), record.product.as_str())
}

/// Several lists, each in order, of which the first record of all is taken.
struct Merging {
    lists: Vec<BufReader<SpooledTempFile>>,
    next: Vec<Option<RewardRow>>,
    last: Option<RewardRow>,
    of: (RewardKind, DateRange),
}

impl Merging {
    fn of(records: Vec<Records>, of: (RewardKind, DateRange)) -> Result<Merging, NotTogether> {
        let mut lists = Vec::new();
        for Records { mut written, .. } in records {
            written.rewind().map_err(|error| Problem::internal(&error))?;
            lists.push(BufReader::new(written));
        }
        let next = vec![None; lists.len()];
        let mut merging = Merging { lists, next, last: None, of };
        for number in 0..merging.lists.len() {
            merging.read(number)?;
        }
        Ok(merging)
    }

    /// Reads the next record of one list; none at its end.
    fn read(&mut self, number: usize) -> Result<(), NotTogether> {
        let mut line = String::new();
        let none = || NotTogether::NoAnswer(NoAnswer { number });
        if self.lists[number].read_line(&mut line).map_err(|_| none())? == 0 {
            self.next[number] = None;
            return Ok(());
        }
        let (kind, range) = self.of;
        let record = record_of_line(&line).filter(|record| record.kind == kind && range.contains(record.date));
        let record = record.filter(|_| line.ends_with('\n')).ok_or_else(none)?;
        let is_behind = |before: &RewardRow| place_of(before) < place_of(&record);
        if !self.next[number].as_ref().is_none_or(is_behind) {
            return Err(none());
        }
        self.next[number] = Some(record);
        Ok(())
    }

    fn next(&mut self) -> Result<Option<RewardRow>, NotTogether> {
        let heads = self.next.iter().enumerate().filter_map(|(number, record)| Some((number, record.as_ref()?)));
        let Some((number, record)) = heads.min_by_key(|(_, record)| place_of(record)) else { return Ok(None) };
        let record = record.clone();
        if self.last.as_ref().is_some_and(|last| place_of(last) >= place_of(&record)) {
            return Err(NotTogether::Apart(Apart::Twice));
        }
        self.read(number)?;
        self.last = Some(record.clone());
        Ok(Some(record))
    }
}
