//! A rate that is effective before trades already held: just those trades are rated again, as of the entry before
//! and as of the entry, and the differences go where the amounts stand. Who is whose invitee stays as it is.

use ledger::{AccountId, Position, ReadError};
use schemas::{Body, Timestamp, Trade, Usd};

use crate::attribution::Attribution;
use crate::context::Context;
use crate::family::sums_of;
use crate::history::PRESENT;
use crate::rating::Rated;
use crate::slices::{SUMS, Sums};
use crate::state::State;
use crate::totals::Totals;

/// A trade whose amounts changed.
struct Change {
    position: Position,
    time: Timestamp,
    before: Rated,
    after: Rated,
    difference: Sums,
}

impl State {
    /// Rates again the trades of families from a moment on, for the entry at `position`, which is already among the
    /// facts.
    pub(super) fn rerate(
        &mut self,
        mut heads: Vec<AccountId>,
        position: Position,
        from: Timestamp,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        heads.sort_unstable();
        heads.dedup();
        for head in heads {
            let mut posted_differs = false;
            for member in self.descendants(head, PRESENT) {
                let Some(attribution) = self.attribution(member, PRESENT) else { continue };
                for change in self.changes(member, &attribution, position, from, context)? {
                    posted_differs |= self.take_change(&attribution, &change);
                }
            }
            if posted_differs {
                self.late.insert(position, head);
            }
        }
        Ok(())
    }

    /// The trades of an account, from a moment on, that the entry changes.
    fn changes(
        &self,
        member: AccountId,
        attribution: &Attribution,
        entry: Position,
        from: Timestamp,
        context: Context<'_>,
    ) -> Result<Vec<Change>, ReadError> {
        let row = self.account(member);
        let mut changes = Vec::new();
        for position in self.index.positions(member).rev() {
            let event = context.reader.event(position)?;
            let Body::Trade(trade) = &event.body else { continue };
            if row.all_before(event.time, from) {
                break;
            }
            if event.time < from {
                continue;
            }
            let before = self.rate(Some(attribution), trade, event.time, entry - 1);
            let after = self.rate(Some(attribution), trade, event.time, entry);
            if (before.commission, before.rebate) != (after.commission, after.rebate) {
                let difference = difference(trade, &before, &after);
                changes.push(Change { position, time: event.time, before, after, difference });
            }
        }
        Ok(changes)
    }

    /// Puts the difference where the trade's amounts stand; says whether what stands posted differs.
    fn take_change(&mut self, attribution: &Attribution, change: &Change) -> bool {
        let Some((_, code)) = change.after.referrer else { return false };
        let reversed_on = self.reversal_of(change.position, PRESENT).map(|reversal| reversal.time.day());
        self.slice_mut(attribution, code).add_sums(change.time.day(), &change.difference);
        match reversed_on {
            Some(day) => {
                self.slice_mut(attribution, code).add_sums(day, &crate::family::negated(&change.difference));
                false
            }
            None => {
                let difference = Totals {
                    commission: change.after.commission - change.before.commission,
                    rebate: change.after.rebate - change.before.rebate,
                    volume: Usd::ZERO,
                };
                self.add_totals(attribution.head, difference);
                true
            }
        }
    }
}

fn difference(trade: &Trade<'_>, before: &Rated, after: &Rated) -> Sums {
    let (before, after) = (sums_of(trade, before), sums_of(trade, after));
    let mut difference = [Usd::ZERO; SUMS];
    for (at, amount) in difference.iter_mut().enumerate() {
        *amount = after[at] - before[at];
    }
    difference
}
