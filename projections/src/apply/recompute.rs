//! Families whose earlier events come to something else now: the contribution as of the entry before goes out,
//! the one as of the entry comes in, and if what stands posted differs, that is remembered for the feed.

use std::collections::BTreeMap;

use ledger::{AccountId, Position, ReadError};
use schemas::{Day, Timestamp};

use super::sharing::{Stretch, of_families, of_stretches};
use crate::accounts::NEVER;
use crate::context::Context;
use crate::family::{Contribution, DayContribution, Family, negated};
use crate::parents::Follower;
use crate::slices::{Count, Slice};
use crate::state::State;
use crate::totals::Totals;

/// A family before an entry and as of it; none where it was or is none.
struct Around {
    before: Option<Family>,
    after: Option<Family>,
}

/// An account of a family, and from when on it counts; none where it did or does not belong to it.
#[derive(Clone, Copy)]
struct Member {
    account: AccountId,
    before: Option<Timestamp>,
    after: Option<Timestamp>,
}

/// What a family contributes, or what some of its events add to that, before an entry and as of it.
pub(super) struct Contributions {
    before: Contribution,
    pub(super) after: Contribution,
    /// Whether what stands posted differs.
    pub(super) posted: bool,
}

impl State {
    /// Recomputes families for the entry at `position`, which is already among the facts.
    pub(super) fn recompute(
        &mut self,
        mut heads: Vec<AccountId>,
        position: Position,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        heads.sort_unstable();
        heads.dedup();
        self.in_groups(&heads, context, |state, group| {
            let around =
                |head| Around { before: state.family(head, position - 1), after: state.family(head, position) };
            let families = of_families(context, group, around)?;
            let contributions = state.contributions(families, context)?;
            for (head, contributions) in group.iter().zip(contributions) {
                state.replace(*head, &contributions.before, &contributions.after);
                if contributions.posted && !mutants::mutant!("late-registration-posts-nothing") {
                    state.late.insert(position, *head);
                }
            }
            Ok(())
        })
    }

    /// Prepares what an account and its followers add to the family that they join.
    pub(super) fn contribution_of_joined(
        &self,
        account: AccountId,
        upto: Position,
        context: Context<'_>,
    ) -> Result<Option<Contributions>, ReadError> {
        let joined = Around { before: None, after: self.joined(account, upto) };
        Ok(self.contributions(vec![joined], context)?.pop())
    }

    /// Prepares: what each family contributes. Each event is read once for both sides.
    fn contributions(&self, families: Vec<Around>, context: Context<'_>) -> Result<Vec<Contributions>, ReadError> {
        let mut stretches = Vec::new();
        for (at, family) in families.iter().enumerate() {
            for member in family.members() {
                stretches.extend(self.stretches(at, member.account, member, 0, context));
            }
        }
        let prepared = of_stretches(context, &stretches, |stretch| {
            self.contributions_of(&families[stretch.family], stretch, context)
        })?;
        let mut contributions: Vec<Contributions> = families.into_iter().map(Around::without_events).collect();
        for (stretch, more) in stretches.iter().zip(prepared) {
            let of_family = &mut contributions[stretch.family];
            of_family.before.add_more(more.before, context.reader)?;
            of_family.after.add_more(more.after, context.reader)?;
            of_family.posted |= more.posted;
        }
        Ok(contributions)
    }

    /// What a stretch of the events of a member adds.
    fn contributions_of(
        &self,
        family: &Around,
        stretch: &Stretch<Member>,
        context: Context<'_>,
    ) -> Result<Contributions, ReadError> {
        let Member { account, before, after } = stretch.member;
        let mut sum = Around { before: None, after: None }.without_events();
        for position in self.positions_of(account, &stretch.events) {
            let event = context.reader.event(position)?;
            let add = |side: &Option<Family>, since: Option<Timestamp>, sum: &mut Contribution| {
                let (Some(family), Some(since)) = (side, since) else { return Ok(None) };
                self.add_event(family, Follower { account, since }, position, &event, context.reader, sum)
            };
            let stood = add(&family.before, before, &mut sum.before)?;
            let stands = add(&family.after, after, &mut sum.after)?;
            sum.posted |= stood != stands;
        }
        Ok(sum)
    }

    /// Commits: takes out what a family contributed, and puts in what it contributes.
    fn replace(&mut self, head: AccountId, before: &Contribution, after: &Contribution) {
        self.add_to_slice(head, before, false);
        self.add_to_slice(head, after, true);
        let counter = &mut self.counters.trades_before_registration;
        *counter = *counter + after.trades_before_registration - before.trades_before_registration;
        for (member, vip) in &after.vip {
            self.account_mut(*member).vip = Some(*vip);
        }
        let row = self.account_mut(head);
        row.first_trade = after.first_trade;
        let (before, after) = (before.totals, after.totals);
        let difference = Totals {
            commission: after.commission - before.commission,
            rebate: after.rebate - before.rebate,
            volume: after.volume - before.volume,
        };
        self.add_totals(head, difference);
    }

    fn add_to_slice(&mut self, head: AccountId, contribution: &Contribution, up: bool) {
        let Some((code, country)) = contribution.slice else { return };
        let ordinal = self.ordinal(head, code);
        let mut slice = self.codes.slice_mut(code, country);
        slice.add_days(&contribution.days, ordinal, up);
        let firsts = [
            (Count::Registered, contribution.registered),
            (Count::Verified, contribution.verified),
            (Count::Deposited, contribution.deposited),
            (Count::FirstTrade, contribution.first_trade),
        ];
        for (what, moment) in firsts {
            if moment != NEVER {
                slice.count(moment.day(), what, up);
            }
        }
    }
}

impl Around {
    /// All who belong to it on either side.
    fn members(&self) -> Vec<Member> {
        let before = self.before.iter().flat_map(|family| &family.members);
        let after = self.after.iter().flat_map(|family| &family.members);
        let before = before.map(|one| Member { account: one.account, before: Some(one.since), after: None });
        let after = after.map(|one| Member { account: one.account, before: None, after: Some(one.since) });
        let mut members: Vec<Member> = before.chain(after).collect();
        members.sort_by_key(|member| member.account);
        members.dedup_by(|further, member| {
            let is_same = further.account == member.account;
            if is_same {
                member.after = further.after;
            }
            is_same
        });
        members
    }

    /// What it contributes before any event is looked at.
    fn without_events(self) -> Contributions {
        let of = |side: Option<Family>| side.map_or_else(Contribution::nothing, |family| family.contribution);
        Contributions { before: of(self.before), after: of(self.after), posted: false }
    }
}

impl Slice {
    /// Adds what an invitee's family did, day by day, or takes it out again.
    pub(super) fn add_days(&mut self, days: &BTreeMap<Day, DayContribution>, ordinal: u32, up: bool) {
        for (day, of_day) in days {
            let sums = if up { of_day.sums } else { negated(&of_day.sums) };
            self.add_sums(*day, &sums);
            if of_day.traded {
                self.set_traded(*day, ordinal, up);
            }
        }
    }

    /// A first moved to an earlier moment, or came to be: its count moves with it.
    pub(super) fn move_first(&mut self, what: Count, before: Timestamp, after: Timestamp) {
        if before == after {
            return;
        }
        if before != NEVER {
            self.count(before.day(), what, false);
        }
        if after != NEVER {
            self.count(after.day(), what, true);
        }
    }
}
