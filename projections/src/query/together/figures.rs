//! Overviews and series of several ledgers. An invitee with all that it does lies in one of them, so figures add up, those
//! that count who traded in a range too.

use super::super::DateRange;
use super::{Apart, latest, same};
use crate::views::{Hint, Metrics, Overview, Point, Series, SeriesBefore};
use schemas::Day;

/// One overview of those of all ledgers, by their number.
///
/// # Errors
/// If they are not the answers to one question.
pub fn overview_together(parts: &[Overview]) -> Result<Overview, Apart> {
    let Some(first) = parts.first() else { return Err(Apart::None) };
    let range = one_range(parts.iter().map(|part| (part.from, part.to)))?;
    same("whom they count", &parts.iter().map(|part| (part.uid, &part.code)).collect::<Vec<_>>())?;
    let mut metrics = Metrics::default();
    parts.iter().for_each(|part| add(&mut metrics, &part.metrics));
    let is_empty = metrics == Metrics::default();
    let hint = hint_together(range, is_empty, parts.iter().filter_map(|part| part.hint.as_ref()));
    Ok(Overview { metrics, hint, as_of: latest(parts.iter().map(|part| part.as_of)), ..first.clone() })
}

/// One series of those of all ledgers, by their number.
///
/// # Errors
/// If they are not the answers to one question.
pub fn series_together(parts: &[Series]) -> Result<Series, Apart> {
    let Some(first) = parts.first() else { return Err(Apart::None) };
    let range = one_range(parts.iter().map(|part| (part.from, part.to)))?;
    let asked = |part: &Series| (part.uid, part.code.clone(), part.interval);
    same("whom they count", &parts.iter().map(asked).collect::<Vec<_>>())?;
    let points = points_together(parts.iter().map(|part| &part.points[..]))?;
    let before = before_together(parts)?;
    let is_empty = points.iter().all(|point| point.metrics == Metrics::default());
    let hint = hint_together(range, is_empty, parts.iter().filter_map(|part| part.hint.as_ref()));
    Ok(Series { points, before, hint, as_of: latest(parts.iter().map(|part| part.as_of)), ..first.clone() })
}

fn before_together(parts: &[Series]) -> Result<Option<SeriesBefore>, Apart> {
    let range = |part: &Series| part.before.as_ref().map(|before| (before.from, before.to));
    same("the days before", &parts.iter().map(range).collect::<Vec<_>>())?;
    let Some((from, to)) = parts.first().and_then(range) else { return Ok(None) };
    let all = || parts.iter().filter_map(|part| part.before.as_ref());
    let mut metrics = Metrics::default();
    all().for_each(|before| add(&mut metrics, &before.metrics));
    let points = points_together(all().map(|before| &before.points[..]))?;
    Ok(Some(SeriesBefore { from, to, metrics, points }))
}

fn points_together<'p>(parts: impl Iterator<Item = &'p [Point]> + Clone) -> Result<Vec<Point>, Apart> {
    let dates = |points: &[Point]| points.iter().map(|point| point.date).collect::<Vec<Day>>();
    same("the days that they count", &parts.clone().map(dates).collect::<Vec<_>>())?;
    let mut sums: Vec<Point> = Vec::new();
    for points in parts {
        if sums.is_empty() {
            sums = points.to_vec();
            continue;
        }
        sums.iter_mut().zip(points).for_each(|(sum, point)| add(&mut sum.metrics, &point.metrics));
    }
    Ok(sums)
}

/// The days that all of them count.
pub(super) fn one_range(parts: impl Iterator<Item = (Day, Day)>) -> Result<DateRange, Apart> {
    let ranges: Vec<(Day, Day)> = parts.collect();
    same("the days that they count", &ranges)?;
    ranges.first().map(|(from, to)| DateRange { from: *from, to: *to }).ok_or(Apart::None)
}

/// What is said where none of them holds anything in a range that nobody gave. A day on which one of them holds something holds
/// something in all together: what is taken back in one is none of what another holds, and who traded counts.
pub(super) fn hint_together<'h>(
    used: DateRange,
    is_empty: bool,
    hints: impl Iterator<Item = &'h Hint> + Clone,
) -> Option<Hint> {
    let from = hints.clone().map(|hint| hint.from).min().filter(|_| is_empty)?;
    Some(Hint::of(used, DateRange { from, to: hints.map(|hint| hint.to).max()? }))
}

/// Adds another ledger's figures.
pub(super) fn add(metrics: &mut Metrics, other: &Metrics) {
    let Metrics {
        total_rewards,
        spot_commission,
        futures_commission,
        shared_commission,
        total_referrals,
        verified,
        deposited,
        first_time_trade,
        traded,
        spot_volume,
        futures_volume,
        total_volume,
    } = other;
    metrics.total_rewards += *total_rewards;
    metrics.spot_commission += *spot_commission;
    metrics.futures_commission += *futures_commission;
    metrics.shared_commission += *shared_commission;
    metrics.total_referrals += total_referrals;
    metrics.verified += verified;
    metrics.deposited += deposited;
    metrics.first_time_trade += first_time_trade;
    metrics.traded += traded;
    metrics.spot_volume += *spot_volume;
    metrics.futures_volume += *futures_volume;
    metrics.total_volume += *total_volume;
}
