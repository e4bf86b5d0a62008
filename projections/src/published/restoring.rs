//! A state made of the rows of one referrer: it answers overview, series and countries about it, by the code that answers
//! them of a ledger.

use std::borrow::Cow;

use ledger::Position;
use roaring::RoaringBitmap;
use schemas::{Body, Code, Country, Day, Event, Rate, Timestamp, Uid};

use super::changes::whole_day;
use super::{PublishedCell, PublishedStanding};
use crate::slices::Slice;
use crate::state::State;

/// The rows of one referrer.
#[derive(Clone, Debug, Default)]
pub struct ReferrerRows {
    /// The latest event time in the ledgers that they are of.
    pub event_time: Option<Timestamp>,
    /// Its codes.
    pub codes: Vec<CodeRows>,
    /// Its standings.
    pub standings: Vec<PublishedStanding>,
}

/// A code with its cells.
#[derive(Clone, Debug, Default)]
pub struct CodeRows {
    /// The code.
    pub code: String,
    /// The time of its first event.
    pub created_at: Timestamp,
    /// Its cells, by ledger and country: an invitee is counted in one ledger alone.
    pub slices: Vec<SliceRows>,
}

/// The cells of one code and one country, of one ledger.
#[derive(Clone, Debug, Default)]
pub struct SliceRows {
    /// The country; none where it is unknown.
    pub country: Option<Country>,
    /// The cells with their days, of each day one for each chunk, in any order.
    pub cells: Vec<(Day, PublishedCell)>,
}

/// Who traded is written in a way that is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("who traded on {day} is no roaring bitmap")]
pub struct UnreadableTraders {
    /// The day.
    pub day: Day,
}

/// What of an event stands in no row, and in no answer that is made of rows.
const UNTOLD: Cow<'static, str> = Cow::Borrowed("");
/// Where it stood in its ledger is not told either.
const SOMEWHERE: Position = 1;

impl ReferrerRows {
    /// A state with this referrer in it, and nobody else. Its position is 0: that of the answers is for who made it of
    /// rows to say.
    ///
    /// # Errors
    /// If who traded cannot be read.
    pub fn state(self, referrer: Uid) -> Result<State, UnreadableTraders> {
        let mut state = State::new();
        let account = state.intern(referrer);
        for CodeRows { code, created_at, slices } in self.codes {
            let number = state.codes.intern(&code);
            state.codes.set_owner(number, account);
            let data = Code {
                code: code.into(),
                owner_uid: referrer,
                spot_rebate_rate: Rate::ZERO,
                futures_rebate_rate: Rate::ZERO,
                note: UNTOLD,
                is_default: false,
            };
            let first = Event { source: UNTOLD, id: UNTOLD, time: created_at, body: Body::Code(data) };
            state.insert_fact(SOMEWHERE, &first);
            for SliceRows { country, cells } in slices {
                let slice = slice_of(cells)?;
                // Two of one country stand beside each other: whoever adds up adds both.
                state.codes.uncounted_mut(number).slices.push((country, ledger::column::Shared::new(slice)));
            }
        }
        for PublishedStanding { time, source, id, standing } in self.standings {
            let event = Event { source: source.into(), id: id.into(), time, body: Body::Affiliate(standing) };
            state.insert_fact(SOMEWHERE, &event);
        }
        state.codes.count_held();
        state.event_time = self.event_time;
        Ok(state)
    }
}

pub(super) fn slice_of(mut cells: Vec<(Day, PublishedCell)>) -> Result<Slice, UnreadableTraders> {
    cells.sort_by_key(|(day, _)| *day);
    let mut slice = Slice::default();
    for (day, cell) in cells {
        let traders = if cell.traders.is_empty() {
            RoaringBitmap::new()
        } else {
            RoaringBitmap::deserialize_from(&cell.traders[..]).map_err(|_| UnreadableTraders { day })?
        };
        slice.add_whole_day(day, whole_day(&cell, traders));
    }
    Ok(slice)
}
