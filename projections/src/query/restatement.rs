//! Restatement (SPEC 6): which entries between two positions changed what one period comes to.

mod changes;
mod entry;
mod turns;

pub use self::entry::RestatedTrade;

use std::collections::BTreeMap;

use ledger::Position;
use schemas::{Timestamp, Uid, Usd};

use self::changes::{Changes, EntryChange};
use super::metrics::RANGE_DAYS;
use super::page::{Order, PageRequest, Place, SortValue, Sorting, page};
use super::{QueryError, RangeRequest, View};
use crate::codes::CodeId;
use crate::history::PRESENT;
use crate::views::{Earned, Restatement, RestatementRow, RestatingEvent};

impl View<'_> {
    /// `GET /v1/restatement`: what was learned after the position `since`, up to this view's, about a range of days
    /// of a referrer, or of one of its codes. Without a range it is the last 30 days up to `present`.
    ///
    /// # Errors
    /// If the code is not in the referrer's list of codes as this view has it, the range ends before it begins, `since` lies
    /// after this view's position, or the cursor is not this list's.
    pub fn restatement(
        &self,
        uid: Uid,
        range: RangeRequest,
        code: Option<&str>,
        since: Position,
        present: Timestamp,
        request: &PageRequest,
    ) -> Result<Restatement, QueryError> {
        let asked = range;
        let range = asked.resolve(present, RANGE_DAYS)?;
        let until = self.state.position;
        if since > until {
            let detail = format!("position {since} lies after the last one asked about, {until}");
            return Err(QueryError::Invalid { field: "as_of", detail });
        }
        let (codes_now, codes_ever) = self.codes_restated(uid, code)?;
        let mut entries = BTreeMap::new();
        if let Some(referrer) = self.account(uid) {
            let mut changes = Changes::new(self, referrer, range, since);
            for code in codes_ever {
                changes.add_code(code)?;
            }
            entries = changes.into_entries();
        }
        let metrics = self.sum(&codes_now, range);
        let after = Earned { commission: metrics.total_rewards, rebate: metrics.shared_commission };
        let sum = |amount: fn(&EntryChange) -> Usd| entries.values().map(amount).sum();
        let difference = Earned { commission: sum(|change| change.commission), rebate: sum(|change| change.rebate) };
        let before =
            Earned { commission: after.commission - difference.commission, rebate: after.rebate - difference.rebate };
        let rows = entries.into_iter().map(|(position, change)| {
            let value = Some(SortValue::Number(i128::from(position)));
            (Place { value, keys: Vec::new() }, (position, change))
        });
        let sorting = Sorting { value: Order::Ascending, keys: Order::Ascending };
        let question = ("restatement", uid, range, code, since);
        let list =
            page(rows, sorting, request, &question, self, |(position, change)| self.restatement_row(position, change))?;
        let is_empty = list.total == 0 && before.is_nothing() && after.is_nothing();
        let hint = self.hint(asked, range, is_empty, (Some(uid), code))?;
        let code = code.map(str::to_owned);
        Ok(Restatement { uid, from: range.from, to: range.to, code, before, after, difference, hint, list })
    }

    /// The codes that are the referrer's, and those that may have been at any position up to this view's: a code
    /// leaves an owner that turns out to be a sub-account.
    fn codes_restated(&self, uid: Uid, code: Option<&str>) -> Result<(Vec<CodeId>, Vec<CodeId>), QueryError> {
        if let Some(text) = code {
            // In the list of codes as of the end; of what was earned by it all counts, from before its time too.
            let code = self.code_in_force(uid, text)?;
            return Ok((vec![code], vec![code]));
        }
        let Some(referrer) = self.account(uid) else { return Ok((Vec::new(), Vec::new())) };
        let members = self.state.descendants(referrer, PRESENT).into_iter();
        let ever = members.flat_map(|member| self.state.codes.named_owner(member).iter().copied());
        Ok((self.state.codes_of(referrer, PRESENT), ever.collect()))
    }

    fn restatement_row(&self, position: Position, change: EntryChange) -> Result<RestatementRow, QueryError> {
        let event = self.reader.event(position)?;
        Ok(RestatementRow {
            position,
            recorded_at: self.reader.recorded_at(position)?,
            event: RestatingEvent {
                source: event.source.to_string(),
                id: event.id.to_string(),
                event_type: event.event_type().name(),
                time: event.time,
            },
            trades: change.trades,
            commission: change.commission,
            rebate: change.rebate,
        })
    }
}
