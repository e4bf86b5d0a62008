//! Which rows changed between two states of one ledger.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{AccountId, EventReader, ReadError};
use roaring::RoaringBitmap;
use schemas::{Uid, Usd};

use super::parts::{lists_apart, parts_apart};
use super::terms::standings;
use super::{PublishedCell, PublishedChange, PublishedCode, TRADERS_A_ROW};
use crate::codes::CodeId;
use crate::history::{History, PRESENT};
use crate::slices::{Count, Slice, Sum, WholeDay};
use crate::state::State;

impl State {
    /// Gives each row that is not as it was in an earlier state of the same ledger, in no promised order, none twice. The
    /// ledger is read where an invitee has a VIP level that is stamped after the state was recorded.
    ///
    /// # Errors
    /// Those of who takes them, and of the ledger: the first one ends it.
    pub fn each_published<E: From<ReadError>>(
        &self,
        before: &State,
        reader: &dyn EventReader,
        take: &mut dyn FnMut(PublishedChange<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for code in self.codes_touched(before) {
            self.each_owner_changed(before, code, take)?;
            self.each_cell_changed(before, code, take)?;
        }
        for head in self.invitees_touched(before) {
            self.each_invitee_changed(before, AccountId(head), reader, take)?;
        }
        for (account, history) in self.affiliates.entries_apart(&before.affiliates) {
            let held = before.affiliates.get(account);
            // Standings only come: as many are the same ones.
            if held.map_or(0, History::len) != history.len() {
                let (was, is) = (held.map_or_else(Vec::new, standings), standings(history));
                for (part, before, now) in lists_apart(&was, &is) {
                    take(PublishedChange::Standings { uid: self.uid(*account), part, before, now })?;
                }
            }
        }
        self.each_promotion_changed(before, take)?;
        if before.program.len() != self.program.len() {
            for (part, before, now) in lists_apart(&before.published_rules(), &self.published_rules()) {
                take(PublishedChange::Rules { part, before, now })?;
            }
        }
        Ok(())
    }

    /// The codes of which something may be another: their own row, or who stands above their owner.
    fn codes_touched(&self, before: &State) -> BTreeSet<CodeId> {
        let is_same = |code: usize| {
            let was = before.codes.rows.get(code);
            was.is_some_and(|was| was.is_same(&self.codes.rows[code]))
        };
        let changed = self.codes.rows.rows_apart(&before.codes.rows).filter(|code| !is_same(*code));
        let mut touched: BTreeSet<CodeId> = changed.map(|code| CodeId(code as u32)).collect();
        if before.accounts.is_empty() {
            return touched;
        }
        for account in self.accounts.rows_apart(&before.accounts) {
            let (is, was) = (&self.accounts[account].registered, before.accounts.get(account));
            if *is != was.and_then(|was| was.registered) {
                let below = self.descendants(AccountId(account as u32), PRESENT);
                touched.extend(below.into_iter().flat_map(|member| self.codes.named_owner(member)));
            }
        }
        touched
    }

    fn each_owner_changed<E>(
        &self,
        before: &State,
        code: CodeId,
        take: &mut dyn FnMut(PublishedChange<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (was, is) = (before.published_code(code), self.published_code(code));
        let owners: BTreeSet<_> = was.iter().chain(&is).map(|(owner, _)| *owner).collect();
        let text = &*self.codes.get(code).text;
        for owner in owners {
            for (part, before, now) in parts_apart(of_owner(was.as_ref(), owner), of_owner(is.as_ref(), owner)) {
                take(PublishedChange::Code { owner, code: text, part, before, now })?;
            }
        }
        Ok(())
    }

    fn each_invitee_changed<E: From<ReadError>>(
        &self,
        before: &State,
        head: AccountId,
        reader: &dyn EventReader,
        take: &mut dyn FnMut(PublishedChange<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some((code, is)) = self.published_invitee(head, reader)? else { return Ok(()) };
        let was = before.published_invitee(head, reader)?.map(|(_, was)| was);
        let Some(place) = self.place_among_invitees(code, head) else { return Ok(()) };
        for (part, before, now) in parts_apart(was.as_ref(), Some(&is)) {
            take(PublishedChange::Invitee { code: &self.codes.get(code).text, place, part, before, now })?;
        }
        Ok(())
    }

    fn each_cell_changed<E>(
        &self,
        before: &State,
        code: CodeId,
        take: &mut dyn FnMut(PublishedChange<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let nothing = Slice::default();
        let row = self.codes.get(code);
        let was = before.codes.rows.get(code.0 as usize);
        for (country, slice) in &row.slices {
            let held = was.and_then(|was| was.slices.iter().find(|(held, _)| held == country)).map(|(_, slice)| slice);
            if held.is_some_and(|held| held.is_same(slice)) {
                continue;
            }
            for (day, was, is) in slice.days_apart(held.map_or(&nothing, |held| held)) {
                for (chunk, before, now) in rows_apart(&was, &is) {
                    take(PublishedChange::Cell { code: &row.text, country: *country, day, chunk, before, now })?;
                }
            }
        }
        Ok(())
    }
}

/// A code, where it is this owner's.
fn of_owner(code: Option<&(Uid, PublishedCode)>, owner: Uid) -> Option<&PublishedCode> {
    code.filter(|(of, _)| *of == owner).map(|(_, code)| code)
}

/// The rows of a day that are another, each as it was and as it is.
fn rows_apart(was: &WholeDay, is: &WholeDay) -> Vec<(u16, PublishedCell, PublishedCell)> {
    let (traded_before, traded) = (by_chunk(&was.traders), by_chunk(&is.traders));
    let chunks: BTreeSet<u16> = traded_before.keys().chain(traded.keys()).copied().chain([0]).collect();
    let nobody = RoaringBitmap::new();
    let rows = chunks.into_iter().filter_map(|chunk| {
        let (before, now) = (traded_before.get(&chunk).unwrap_or(&nobody), traded.get(&chunk).unwrap_or(&nobody));
        let has_figures = chunk == 0;
        let is_same = before == now && (!has_figures || (was.sums == is.sums && was.counts == is.counts));
        (!is_same).then(|| (chunk, cell(was, has_figures, before), cell(is, has_figures, now)))
    });
    rows.collect()
}

fn by_chunk(traders: &RoaringBitmap) -> BTreeMap<u16, RoaringBitmap> {
    let mut chunks: BTreeMap<u16, RoaringBitmap> = BTreeMap::new();
    for place in traders {
        // Below 2^16, as both have 32 bits.
        chunks.entry((place / TRADERS_A_ROW) as u16).or_default().insert(place);
    }
    chunks
}

fn cell(day: &WholeDay, has_figures: bool, traders: &RoaringBitmap) -> PublishedCell {
    let mut written = Vec::new();
    if !traders.is_empty() {
        // Writing into a Vec cannot fail.
        let _ = traders.serialize_into(&mut written);
    }
    if !has_figures {
        return PublishedCell { traders: written, ..PublishedCell::default() };
    }
    let sum = |what: Sum| Usd(day.sums[what as usize]);
    let count = |what: Count| day.counts[what as usize];
    PublishedCell {
        spot_commission: sum(Sum::SpotCommission),
        futures_commission: sum(Sum::FuturesCommission),
        shared_commission: sum(Sum::SharedCommission),
        spot_volume: sum(Sum::SpotVolume),
        futures_volume: sum(Sum::FuturesVolume),
        total_volume: sum(Sum::TotalVolume),
        referrals: count(Count::Registered),
        verified: count(Count::Verified),
        deposited: count(Count::Deposited),
        first_trades: count(Count::FirstTrade),
        traders: written,
    }
}

/// The same in the order in which a slice has it.
pub(super) fn whole_day(day_cell: &PublishedCell, traders: RoaringBitmap) -> WholeDay {
    let PublishedCell {
        spot_commission,
        futures_commission,
        shared_commission,
        spot_volume,
        futures_volume,
        total_volume,
        referrals,
        verified,
        deposited,
        first_trades,
        traders: _,
    } = day_cell;
    let mut day = WholeDay { traders, ..WholeDay::default() };
    for (what, sum) in [
        (Sum::SpotCommission, spot_commission),
        (Sum::FuturesCommission, futures_commission),
        (Sum::SharedCommission, shared_commission),
        (Sum::SpotVolume, spot_volume),
        (Sum::FuturesVolume, futures_volume),
        (Sum::TotalVolume, total_volume),
    ] {
        day.sums[what as usize] = sum.0;
    }
    for (what, count) in [
        (Count::Registered, referrals),
        (Count::Verified, verified),
        (Count::Deposited, deposited),
        (Count::FirstTrade, first_trades),
    ] {
        day.counts[what as usize] = *count;
    }
    day
}

#[cfg(test)]
mod tests {
    use schemas::Day;

    use super::super::SliceRows;
    use super::*;
    use crate::views::Metrics;

    fn day_of(traders: &[u32], volume: i128) -> WholeDay {
        let mut day = WholeDay { traders: traders.iter().copied().collect(), ..WholeDay::default() };
        day.sums[Sum::TotalVolume as usize] = volume;
        day
    }

    /// What a slice that is made of rows comes to.
    fn metrics_of(cells: Vec<(Day, PublishedCell)>) -> Metrics {
        let mut metrics = Metrics::default();
        let slice = super::super::restoring::slice_of(SliceRows { country: None, cells }.cells).expect("bitmaps");
        slice.add_metrics(Day(20_000), Day(20_001), &mut metrics);
        metrics
    }

    #[test]
    fn who_traded_is_in_rows_of_65_536_places_each_and_only_those_that_changed_are_rows() {
        let last = TRADERS_A_ROW - 1;
        let was = day_of(&[3, last, 140_000], 500);
        let all = rows_apart(&WholeDay::default(), &was);
        assert_eq!(all.iter().map(|(chunk, ..)| *chunk).collect::<Vec<u16>>(), [0, 2]);
        let is = day_of(&[3, last, TRADERS_A_ROW, 140_000], 500);
        let apart = rows_apart(&was, &is);
        assert_eq!(apart.iter().map(|(chunk, ..)| *chunk).collect::<Vec<u16>>(), [1]);
        assert_eq!(apart[0].1, PublishedCell::default(), "nobody of these had traded");
        assert_eq!(apart[0].2.total_volume, Usd::ZERO, "what the day comes to is in the first row");
        let volume = rows_apart(&is, &day_of(&[3, last, TRADERS_A_ROW, 140_000], 600));
        assert_eq!(volume.iter().map(|(chunk, ..)| *chunk).collect::<Vec<u16>>(), [0]);
        assert!(rows_apart(&is, &is).is_empty());

        // Of two days, with one who traded on both.
        let both = [(20_000, &is), (20_001, &day_of(&[3, 150_000], 100))];
        let cells = both.iter().flat_map(|(day, whole)| {
            let rows = rows_apart(&WholeDay::default(), whole).into_iter();
            rows.map(|(_, _, now)| (Day(*day), now)).collect::<Vec<_>>()
        });
        let metrics = metrics_of(cells.collect());
        assert_eq!((metrics.traded, metrics.total_volume), (5, Usd(600)));
    }
}
