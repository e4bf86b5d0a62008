//! Restatement held against the oracle, and against the overviews as of its two ends.

use projections::query::{PageRequest, RangeRequest};
use projections::views::Restatement;
use schemas::{Day, Timestamp, Uid, Usd};

use super::Projected;
use super::questions::{everything, same, shown};
use crate::oracle::{Oracle, Position};

/// What is asked between two positions.
#[derive(Clone, Debug)]
pub struct Restated {
    pub uid: Uid,
    pub from: Option<Day>,
    pub to: Option<Day>,
    pub code: Option<&'static str>,
    pub since: Position,
    pub until: Position,
}

/// Asks both; `projected` is as of `until`.
pub fn check_restatement(oracle: &Oracle, projected: &Projected, present: Timestamp, asked: &Restated) {
    let Restated { uid, from, to, code, since, until } = asked.clone();
    let (range, everything) = (RangeRequest { from, to }, everything());
    let now = oracle.entries()[until as usize - 1].recorded_at;
    let real = projected.at(now).restatement(uid, range, code, since, present, &everything);
    let expected = oracle.as_of(until).restatement(uid, from, to, code, since, present);
    same(&format!("restatement {asked:?}"), shown(real.clone()), expected);
    let Ok(real) = real else { return };
    check_ends(oracle, projected, asked, &real);
    check_pages(projected, now, present, asked, &real);
    check_trades(projected, now, present, asked, &real);
}

/// The trades of each row are as many as it says, and add up to it; an entry without a row has none.
fn check_trades(projected: &Projected, now: Timestamp, present: Timestamp, asked: &Restated, real: &Restatement) {
    let range = RangeRequest { from: asked.from, to: asked.to };
    // The last entry may have a row or none.
    let ends = (asked.since < asked.until).then_some(asked.until);
    for entry in real.list.rows.iter().map(|row| row.position).chain(ends) {
        let view = projected.at(now);
        let trades = view.restated_trades(asked.uid, range, asked.code, entry, present).expect("an entry");
        let (count, commission, rebate) = match real.list.rows.iter().find(|row| row.position == entry) {
            Some(row) => (row.trades, row.commission, row.rebate),
            None => (0, Usd(0), Usd(0)),
        };
        assert_eq!(trades.len() as u64, count, "the trades of entry {entry}, {asked:?}");
        let sums: (Usd, Usd) =
            (trades.iter().map(|trade| trade.commission).sum(), trades.iter().map(|trade| trade.rebate).sum());
        assert_eq!(sums, (commission, rebate), "the trades of entry {entry}, {asked:?}");
    }
}

/// What was earned before and after is what the overviews say, and the rows add up to the difference.
fn check_ends(oracle: &Oracle, projected: &Projected, asked: &Restated, real: &Restatement) {
    let range = RangeRequest { from: Some(real.from), to: Some(real.to) };
    let end_of_time = Timestamp(i64::MAX / 2);
    let earned = |projected: &Projected| {
        // Later than any code's time, so that each of the referrer's is there; one that is not yet earned nothing.
        let overview = projected.at(end_of_time).overview(asked.uid, range, asked.code);
        overview
            .map_or((Usd(0), Usd(0)), |overview| (overview.metrics.total_rewards, overview.metrics.shared_commission))
    };
    let before = Projected::of(&oracle.entries()[..asked.since as usize]);
    assert_eq!((real.before.commission, real.before.rebate), earned(&before), "before, {asked:?}");
    assert_eq!((real.after.commission, real.after.rebate), earned(projected), "after, {asked:?}");
    let rows = &real.list.rows;
    let sums: (Usd, Usd) = (rows.iter().map(|row| row.commission).sum(), rows.iter().map(|row| row.rebate).sum());
    assert_eq!(sums, (real.difference.commission, real.difference.rebate), "the rows, {asked:?}");
    assert_eq!(real.before.commission + sums.0, real.after.commission, "{asked:?}");
    assert_eq!(real.before.rebate + sums.1, real.after.rebate, "{asked:?}");
}

/// Pages of two rows come to the whole list.
fn check_pages(projected: &Projected, now: Timestamp, present: Timestamp, asked: &Restated, whole: &Restatement) {
    let range = RangeRequest { from: asked.from, to: asked.to };
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let request = PageRequest { limit: 2, cursor };
        let view = projected.at(now);
        let page = view.restatement(asked.uid, range, asked.code, asked.since, present, &request).expect("a page");
        assert_eq!((page.difference, page.list.total), (whole.difference, whole.list.total));
        rows.extend(page.list.rows);
        cursor = page.list.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(rows, whole.list.rows, "pages of {asked:?}");
}
