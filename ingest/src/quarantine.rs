//! What operators do with the quarantine: choose, look at, try again, replace, discard.

use ledger::{
    Actor, Batch, CommitRefusal, LedgerError, Outcome, QuarantineFilter, QuarantineId, QuarantineRow, QuarantineState,
    QuarantinedEvent,
};
use schemas::Timestamp;
use schemas::json::read_event;

use crate::handle::Handle;
use crate::work::Stopped;

/// So many rows are looked at while the state stands still.
const ROWS_TOGETHER: usize = 1_024;

/// Of many events, so many are tried in one frame, or as many as have so many bytes.
const FRAME_EVENTS_MAX: usize = 1_000;
const FRAME_BYTES_MAX: usize = 8 << 20;

/// Why nothing was done to a quarantined event.
#[derive(Debug, thiserror::Error)]
pub enum QuarantineError {
    /// Nothing is in quarantine under this number, or it was replaced, or is to be discarded a second time.
    #[error("nothing is in quarantine under number {} that this could be done to", id.0)]
    NotThere {
        /// The number.
        id: QuarantineId,
    },
    /// The ledger is only read here.
    #[error("the ledger is only read here: ask the daemon that writes it")]
    ReadOnly,
    /// Nothing is taken but from sources, for this reason.
    #[error("{0}")]
    Closed(String),
    /// The ledger refused it.
    #[error(transparent)]
    Refused(CommitRefusal),
    /// Its bytes cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The ledger takes nothing more.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Who does something to quarantined events, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Who, in words.
    pub by: String,
    /// Why; may be empty but for a discard.
    pub why: String,
    /// The same, as it is kept of all that is done.
    pub actor: Option<Actor>,
}

/// What was done to one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acted {
    /// Its row before.
    pub before: QuarantineRow,
    /// What became of the event that was tried; `None` of a discard.
    pub outcome: Option<Outcome>,
    /// When.
    pub at: Timestamp,
}

impl Handle {
    fn must_be_open(&self) -> Result<(), QuarantineError> {
        match self.closed_because().filter(|_| !self.is_read_only()) {
            Some(why) => Err(QuarantineError::Closed(why)),
            None => Ok(()),
        }
    }

    /// The quarantined events that are chosen, after a number, oldest first; at most so many. Their bytes are not
    /// read. The state stands still for a piece at a time, however many are looked at.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn quarantine_rows(
        &self,
        filter: &QuarantineFilter,
        after: Option<QuarantineId>,
        limit: usize,
    ) -> Result<Vec<QuarantineRow>, LedgerError> {
        let reader = self.reader();
        let (mut chosen, mut after) = (Vec::new(), after);
        loop {
            let piece: Vec<QuarantineRow> =
                self.read(|view| view.quarantine().after(after).take(ROWS_TOGETHER).collect());
            let Some(last) = piece.last() else { return Ok(chosen) };
            after = Some(last.id);
            for row in piece {
                if reader.is_chosen(filter, &row)? {
                    chosen.push(row);
                    if chosen.len() == limit {
                        return Ok(chosen);
                    }
                }
            }
        }
    }

    /// Tries quarantined events again, in this order, also those that were discarded. What became of each, in the
    /// same order: accepted, a duplicate, or quarantined under its number as before, and open. Many are tried in
    /// several frames.
    ///
    /// # Errors
    /// If one of them is not in quarantine: then none is tried, unless another operator was quicker; the first ones
    /// may have been tried then. Or if the ledger cannot be read or takes nothing.
    pub fn redrive(&self, ids: &[QuarantineId], operator: &Operator) -> Result<Vec<Acted>, QuarantineError> {
        self.must_be_open()?;
        let mut acted = Vec::with_capacity(ids.len());
        for piece in self.pieces(ids, may_be_tried)? {
            let mut batch = self.batch_by(operator);
            for row in &piece {
                let QuarantinedEvent { raw, origin, .. } = self.reader().quarantined(row.location)?;
                batch.redrive_by(row.id, &operator.by, &operator.why);
                push(&mut batch, raw, origin);
            }
            let at = batch.received_at();
            let outcomes = self.do_acts(batch)?;
            let done = piece.into_iter().zip(outcomes);
            acted.extend(done.map(|(before, outcome)| Acted { before, outcome: Some(outcome), at }));
        }
        Ok(acted)
    }

    /// Says of quarantined events that they are not wanted. They stay as they are, and are listed as discarded.
    ///
    /// # Errors
    /// As [`Handle::redrive`]; what is discarded already is refused too.
    pub fn discard(&self, ids: &[QuarantineId], operator: &Operator) -> Result<Vec<Acted>, QuarantineError> {
        let mut acted = Vec::with_capacity(ids.len());
        for piece in self.pieces(ids, |row| row.state == QuarantineState::Open)? {
            let mut batch = self.batch_by(operator);
            piece.iter().for_each(|row| batch.discard(row.id, &operator.by, &operator.why));
            let at = batch.received_at();
            self.do_acts(batch)?;
            acted.extend(piece.into_iter().map(|before| Acted { before, outcome: None, at }));
        }
        Ok(acted)
    }

    /// Puts another event in the place of a quarantined one. It is judged as any event: if it is accepted or a
    /// duplicate, the old one is replaced; else it is quarantined itself, and the old one stays.
    ///
    /// # Errors
    /// As [`Handle::redrive`].
    pub fn replace(&self, id: QuarantineId, mended: &[u8], operator: &Operator) -> Result<Acted, QuarantineError> {
        self.must_be_open()?;
        let before = self.pieces(&[id], may_be_tried)?.into_iter().flatten().next();
        let before = before.ok_or(QuarantineError::NotThere { id })?;
        let mut batch = self.batch_by(operator);
        batch.replace(id, &operator.by, &operator.why);
        push(&mut batch, mended.to_vec(), format!("instead of quarantined event {} by {}", id.0, operator.by));
        let at = batch.received_at();
        let outcome = Some(self.do_acts(batch)?.pop().ok_or(Stopped)?);
        Ok(Acted { before, outcome, at })
    }

    fn batch_by(&self, operator: &Operator) -> Batch {
        let mut batch = self.batch();
        batch.set_actor(operator.actor.clone());
        batch
    }

    /// The rows of these numbers, in pieces that a frame takes.
    fn pieces(
        &self,
        ids: &[QuarantineId],
        may: impl Fn(&QuarantineRow) -> bool,
    ) -> Result<Vec<Vec<QuarantineRow>>, QuarantineError> {
        let (mut pieces, mut piece, mut bytes) = (Vec::new(), Vec::new(), 0);
        for id in ids {
            let row = self.read(|view| view.quarantine().get(*id)).filter(&may);
            let row = row.ok_or(QuarantineError::NotThere { id: *id })?;
            bytes += row.location.length as usize;
            if piece.len() == FRAME_EVENTS_MAX || (bytes > FRAME_BYTES_MAX && !piece.is_empty()) {
                pieces.push(std::mem::take(&mut piece));
                bytes = row.location.length as usize;
            }
            piece.push(row);
        }
        if !piece.is_empty() {
            pieces.push(piece);
        }
        Ok(pieces)
    }
}

fn may_be_tried(row: &QuarantineRow) -> bool {
    row.state != QuarantineState::Replaced
}

fn push(batch: &mut Batch, raw: Vec<u8>, origin: String) {
    match read_event(&raw, batch.received_at()) {
        Ok(event) => batch.push_event(&event, &raw, || origin),
        Err(rejection) => batch.push_rejected(rejection, raw, origin),
    }
}
