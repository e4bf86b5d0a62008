//! A rate that is effective before trades already held: just those trades are rated again whose terms it turns, by the
//! terms before the entry and by those as of it, and the differences go where the amounts stand. Who is whose invitee
//! stays as it is.

use std::collections::BTreeMap;

use ledger::{AccountId, Position, ReadError};
use schemas::{Body, Day, Timestamp, Trade, Usd};

use super::sharing::{Stretch, of_families, of_stretches};
use crate::attribution::Attribution;
use crate::codes::CodeId;
use crate::context::Context;
use crate::family::{add, negated, sums_of};
use crate::history::PRESENT;
use crate::parents::Follower;
use crate::rating::{Figures, Rated, rate_by};
use crate::slices::{SUMS, Sums};
use crate::state::State;
use crate::terms::TurnedSpan;
use crate::totals::Totals;

/// A family, and when its terms are others as of the entry.
struct TurnedFamily {
    attribution: Attribution,
    referrer: (AccountId, CodeId),
    spans: Vec<TurnedSpan>,
}

/// By how much the amounts of trades change.
#[derive(Default)]
struct Differences {
    days: BTreeMap<Day, Sums>,
    totals: Totals,
    /// Whether what stands posted differs.
    posted: bool,
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
        if mutants::mutant!("family-forgotten-on-a-late-rate") {
            heads.pop();
        }
        self.in_groups(&heads, context, |state, group| {
            let families = of_families(context, group, |head| state.turned_family(head, position, from))?;
            let families: Vec<TurnedFamily> = families.into_iter().flatten().collect();
            let stretches = state.stretches_of_turned(&families, context);
            let prepared = of_stretches(context, &stretches, |stretch| {
                state.differences(&families[stretch.family], stretch, context)
            })?;
            let mut noted = None;
            for (stretch, differences) in stretches.iter().zip(prepared) {
                let family = &families[stretch.family];
                state.take_differences(family, &differences);
                if differences.posted
                    && !mutants::mutant!("late-rate-posts-nothing")
                    && noted.replace(stretch.family) != Some(stretch.family)
                {
                    state.late.insert(position, family.attribution.head);
                }
            }
            Ok(())
        })
    }

    /// A family of which any trade may come to something else as of an entry.
    fn turned_family(&self, head: AccountId, entry: Position, from: Timestamp) -> Option<TurnedFamily> {
        let last = self.family_last_activity(head);
        if last < from {
            return None;
        }
        // A rate of a sub-account holds for no trade: the rates are those of the major account behind it.
        let attribution = self.attribution(head, PRESENT).filter(|attribution| attribution.head == head)?;
        let referrer = attribution.referrer()?;
        let spans = self.turned(&attribution, entry, from, last);
        (!spans.is_empty()).then_some(TurnedFamily { attribution, referrer, spans })
    }

    /// The events of the members of these families that traded late enough; those that are too early by their positions
    /// alone are left out.
    fn stretches_of_turned(&self, families: &[TurnedFamily], context: Context<'_>) -> Vec<Stretch<Follower>> {
        let mut stretches = Vec::new();
        for (at, family) in families.iter().enumerate() {
            for member in self.followers(family.attribution.head, PRESENT) {
                let Some(from) = family.spans.first().map(|first| first.from) else { continue };
                if self.account(member.account).last_activity >= from {
                    let behind = self.event_times.all_before(from);
                    stretches.extend(self.stretches(at, member.account, member, behind, context));
                }
            }
        }
        stretches
    }

    /// Prepares: by how much the trades of a stretch change.
    fn differences(
        &self,
        family: &TurnedFamily,
        stretch: &Stretch<Follower>,
        context: Context<'_>,
    ) -> Result<Differences, ReadError> {
        let Follower { account, since } = stretch.member;
        let attribution = Attribution { since, ..family.attribution };
        let row = self.account(account);
        let from = family.spans.first().map_or(since, |first| first.from.max(since));
        let mut differences = Differences::default();
        for position in self.positions_of(account, &stretch.events).rev() {
            let event = context.reader.event(position)?;
            let Body::Trade(trade) = &event.body else { continue };
            if row.all_before(event.time, from) {
                break;
            }
            if event.time < since {
                continue;
            }
            let after = family.spans.partition_point(|span| span.from <= event.time);
            let span = family.spans[..after].last().filter(|span| event.time < span.until);
            let Some(turn) = span.and_then(|span| span.turn(trade.product.group())) else { continue };
            let rate = |terms| rate_by(&attribution, family.referrer, &Figures::of(trade), event.time, terms);
            let (before, after) = (rate(&turn.before), rate(&turn.after));
            if (before.commission, before.rebate) != (after.commission, after.rebate) {
                self.add_difference(position, trade, event.time, (&before, &after), &mut differences);
            }
        }
        Ok(differences)
    }

    fn add_difference(
        &self,
        position: Position,
        trade: &Trade<'_>,
        time: Timestamp,
        (before, after): (&Rated, &Rated),
        differences: &mut Differences,
    ) {
        let sums = difference(trade, before, after);
        add(differences.days.entry(time.day()).or_insert([Usd::ZERO; SUMS]), &sums);
        match self.reversal_of(position, PRESENT) {
            Some(reversal) => {
                add(differences.days.entry(reversal.time.day()).or_insert([Usd::ZERO; SUMS]), &negated(&sums));
            }
            None => {
                differences.totals.commission += after.commission - before.commission;
                differences.totals.rebate += after.rebate - before.rebate;
                differences.posted = true;
            }
        }
    }

    /// Commits: puts the differences where the amounts stand.
    fn take_differences(&mut self, family: &TurnedFamily, differences: &Differences) {
        let (head, (_, code)) = (family.attribution.head, family.referrer);
        if differences.days.is_empty() {
            return;
        }
        let mut slice = self.slice_mut(&family.attribution, code);
        for (day, sums) in &differences.days {
            slice.add_sums(*day, sums);
        }
        drop(slice);
        self.add_totals(head, differences.totals);
    }
}

fn difference(trade: &Trade<'_>, before: &Rated, after: &Rated) -> Sums {
    let mut difference = sums_of(trade, after);
    add(&mut difference, &negated(&sums_of(trade, before)));
    difference
}
