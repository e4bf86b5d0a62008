//! Offers with a referrer's progress in several ledgers: what each condition has come to adds up, and what is met follows.

use schemas::{Threshold, Uid};

use super::super::offers::{by_id, question, reached_and_next};
use super::{Apart, as_of, next_cursor, same};
use crate::views::{ConditionProgress, List, OfferRow, TierProgress};

/// One list of those of all ledgers, by their number; `is_of_the_past` says whether they were asked as of a moment.
///
/// # Errors
/// If they do not say the same offers: one has not read yet what another has, or its day is another.
pub fn offers_together(uid: Uid, parts: Vec<List<OfferRow>>, is_of_the_past: bool) -> Result<List<OfferRow>, Apart> {
    let told: Vec<_> = parts.iter().map(|part| (part.total, part.next_cursor.is_some())).collect();
    same("how many offers run", &told)?;
    same(
        "the offers that run",
        &parts.iter().map(|part| part.rows.iter().map(offered).collect()).collect::<Vec<Vec<_>>>(),
    )?;
    let Some((total, more)) = told.first().copied() else { return Err(Apart::None) };
    let mut rows: Vec<OfferRow> = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        if number == 0 {
            rows.clone_from(&part.rows);
            continue;
        }
        for (row, other) in rows.iter_mut().zip(&part.rows) {
            add(row, other).ok_or(Apart::Differ { number, what: "what an offer measures" })?;
        }
    }
    rows.iter_mut().for_each(judge);
    let last = rows.last().map(|row| by_id(&row.id)).filter(|_| more);
    let next_cursor = next_cursor(&question(uid), last, &parts, is_of_the_past);
    Ok(List { rows, total, next_cursor, as_of: as_of(&parts) })
}

/// All of an offer that no ledger says otherwise: the row of one who has come to nothing.
fn offered(row: &OfferRow) -> OfferRow {
    let nothing = |condition: &ConditionProgress| ConditionProgress {
        current: condition.target,
        met: false,
        ..condition.clone()
    };
    let tier = |tier: &TierProgress| TierProgress {
        conditions: tier.conditions.iter().map(nothing).collect(),
        met: false,
        ..tier.clone()
    };
    OfferRow { tiers: row.tiers.iter().map(tier).collect(), reached: None, next: None, ..row.clone() }
}

/// Adds what another ledger's conditions have come to; none where one counts what the other measures in USD.
fn add(row: &mut OfferRow, other: &OfferRow) -> Option<()> {
    let tiers = row.tiers.iter_mut().zip(&other.tiers);
    for (condition, other) in tiers.flat_map(|(tier, other)| tier.conditions.iter_mut().zip(&other.conditions)) {
        condition.current = match (condition.current, other.current) {
            (Threshold::Count(one), Threshold::Count(other)) => Threshold::Count(one.checked_add(other)?),
            (Threshold::Usd(one), Threshold::Usd(other)) => Threshold::Usd(one + other),
            (Threshold::Count(_), Threshold::Usd(_)) | (Threshold::Usd(_), Threshold::Count(_)) => return None,
        };
    }
    Some(())
}

/// Says what is met by the sums.
fn judge(row: &mut OfferRow) {
    for tier in &mut row.tiers {
        for condition in &mut tier.conditions {
            condition.met = condition.current >= condition.target;
        }
        tier.met = tier.conditions.iter().all(|condition| condition.met);
    }
    (row.reached, row.next) = reached_and_next(&row.tiers);
}
