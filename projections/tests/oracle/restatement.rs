//! Restatement (SPEC 6): what stands dated in a range, entry by entry, by portraits made anew as of each.

use std::collections::{BTreeMap, BTreeSet};

use schemas::{Day, Metric, Timestamp, Uid};
use serde_json::{Value, json};

use super::hint::{days_held, hinted};
use super::metrics::{Figure, figure};
use super::range::Span;
use super::{Answer, Entry, Known, Position, Refusal, usd, with};

const DEFAULT_DAYS: i32 = 30;

/// An amount of a trade, or of what takes it back: whose, which of the two, and its day.
type Amount = (Position, bool, Day);

/// Commission and rebate, not both 0, by what they are amounts of.
type Amounts = BTreeMap<Amount, (i128, i128)>;

impl<'a> Known<'a> {
    /// `GET /v1/restatement` as of the last position: the whole list of what was learned after `since`; the default
    /// range ends on the day of `present`.
    pub fn restatement(
        &self,
        uid: Uid,
        from: Option<Day>,
        to: Option<Day>,
        code: Option<&str>,
        since: Position,
        present: Timestamp,
    ) -> Answer {
        let span = Span::asked(from, to, DEFAULT_DAYS, present.day())?;
        // In the list of codes as of the last position, whose moment is now.
        self.must_own(uid, code)?;
        let mut before = self.up_to(since).amounts(uid, code, span);
        let mut rows = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.position > since) {
            let after = self.up_to(entry.position).amounts(uid, code, span);
            rows.extend(row(entry, &before, &after));
            before = after;
        }
        let (before, after) = (self.up_to(since).earned(uid, code, span), self.earned(uid, code, span));
        let shown =
            |(commission, rebate): (i128, i128)| json!({ "commission": usd(commission), "rebate": usd(rebate) });
        let answer = json!({
            "uid": uid, "code": code, "before": shown(before), "after": shown(after),
            "difference": shown((after.0 - before.0, after.1 - before.1)),
        });
        let is_empty = rows.is_empty() && before == (0, 0) && after == (0, 0);
        let answer = with(with(self.list(rows), answer), span.shown());
        Ok(hinted(answer, (from, to), is_empty, days_held(&self.portraits(uid, code))))
    }

    /// What was earned: the two metrics of the overview.
    fn earned(self, uid: Uid, code: Option<&str>, span: Span) -> (i128, i128) {
        let invitees = self.portraits(uid, code);
        let units = |metric| match figure(metric, &invitees, span) {
            Figure::Usd(units) => units,
            Figure::Count(_) => unreachable!("what is earned is USD"),
        };
        (units(Metric::TotalRewards), units(Metric::SharedCommission))
    }

    fn amounts(self, uid: Uid, code: Option<&str>, span: Span) -> Amounts {
        let portraits = self.portraits(uid, code);
        let movements = portraits.iter().flat_map(|portrait| &portrait.movements);
        let dated = movements.filter(|movement| span.holds(movement.time));
        dated
            .map(|movement| {
                let amount = (movement.rated.entry.position, movement.is_trade(), movement.time.day());
                (amount, (movement.commission(), movement.rebate()))
            })
            .filter(|(_, amounts)| *amounts != (0, 0))
            .collect()
    }
}

/// The row of an entry, if it changed anything.
fn row(entry: &Entry, before: &Amounts, after: &Amounts) -> Option<Value> {
    let keys = before.keys().chain(after.keys());
    let changed: BTreeSet<&Amount> = keys.filter(|key| before.get(key) != after.get(key)).collect();
    let trades: BTreeSet<Position> = changed.iter().map(|(trade, _, _)| *trade).collect();
    let sum = |amounts: &Amounts, pick: fn(&(i128, i128)) -> i128| amounts.values().map(pick).sum::<i128>();
    let difference = |pick: fn(&(i128, i128)) -> i128| usd(sum(after, pick) - sum(before, pick));
    let event = &entry.event;
    (!trades.is_empty()).then(|| {
        json!({
            "position": entry.position,
            "recorded_at": entry.recorded_at,
            "event": {
                "source": event.source, "id": event.id, "type": event.event_type().name(), "time": event.time,
            },
            "trades": trades.len(),
            "commission": difference(|amounts| amounts.0),
            "rebate": difference(|amounts| amounts.1),
        })
    })
}
