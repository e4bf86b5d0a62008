//! Codes of several ledgers: all say the same of each, and who registered with it and what they earned adds up.

use schemas::{Uid, Usd};

use super::super::codes::{place_of, question};
use super::{Apart, as_of, next_cursor, same};
use crate::views::{AsOf, CodeDetail, CodeRow, List};

/// One list of those of all ledgers, by their number; `is_of_the_past` says whether they were asked as of a moment.
///
/// # Errors
/// If they do not say the same codes.
pub fn codes_together(uid: Uid, parts: Vec<List<CodeRow>>, is_of_the_past: bool) -> Result<List<CodeRow>, Apart> {
    let told: Vec<_> = parts.iter().map(|part| (part.total, part.next_cursor.is_some(), part.rows.len())).collect();
    same("how many codes there are", &told)?;
    let Some((total, more, count)) = told.first().copied() else { return Err(Apart::None) };
    let of_one = |at: usize| parts.iter().filter_map(|part| part.rows.get(at)).collect::<Vec<_>>();
    let rows = (0..count).map(|at| row_together(&of_one(at))).collect::<Result<Vec<CodeRow>, _>>()?;
    let last = rows.last().map(|row| place_of(&row.code)).filter(|_| more);
    let next_cursor = next_cursor(&question(uid), last, &parts, is_of_the_past);
    Ok(List { rows, total, next_cursor, as_of: as_of(&parts) })
}

/// The same of one code.
///
/// # Errors
/// If they do not say the same of it.
pub fn code_together(parts: &[CodeDetail]) -> Result<CodeDetail, Apart> {
    let row = row_together(&parts.iter().map(|part| &part.row).collect::<Vec<_>>())?;
    let event_time = parts.iter().filter_map(|part| part.as_of.event_time).max();
    Ok(CodeDetail { row, as_of: AsOf { position: 0, event_time } })
}

fn row_together(rows: &[&CodeRow]) -> Result<CodeRow, Apart> {
    let without_sums = |row: &&CodeRow| CodeRow { referrals: 0, commission: Usd::ZERO, ..(*row).clone() };
    let held: Vec<CodeRow> = rows.iter().map(without_sums).collect();
    same("what holds of a code", &held)?;
    let row = held.into_iter().next().ok_or(Apart::None)?;
    let referrals = rows.iter().map(|row| row.referrals).sum();
    Ok(CodeRow { referrals, commission: rows.iter().map(|row| row.commission).sum(), ..row })
}
