//! What a batch comes to, written: the cells, the rows of accounts and the index. None of the three needs another, so
//! they are written at the same time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ledger::column::{Column, Shards};
use ledger::{AccountId, Index};
use schemas::Usd;

use super::amounts::{Amounts, Change};
use super::by_account::{ByAccount, Group, sorted};
use crate::accounts::AccountRow;
use crate::codes::CodesPart;
use crate::context::Workers;
use crate::family::{add, sums_of_amounts};
use crate::slices::{SUMS, Sums};
use crate::state::State;

/// Parts of the codes a worker: some codes are much busier than others.
const CODE_PARTS_A_WORKER: usize = 4;

impl State {
    /// Writes what the events of batched accounts come to.
    pub(super) fn write_batch(
        &mut self,
        groups: &[Group],
        sorted: &ByAccount,
        amounts: Vec<Amounts>,
        workers: &dyn Workers,
    ) {
        self.counters.trades_before_registration +=
            amounts.iter().map(|amounts| amounts.trades_before_registration).sum::<u64>();
        let State { accounts, wide_totals, index, codes, .. } = self;
        let mut changes = by_code(&amounts, codes.len());
        let (rows, index) = (Mutex::new((accounts, wide_totals)), Mutex::new(index));
        codes.in_parts(workers.count() * CODE_PARTS_A_WORKER, |parts| {
            let cells = divided(parts, &mut changes);
            workers.each(cells.len() + 2, &|part| match part {
                0 => write_index(&mut locked(&index), groups, sorted),
                1 => {
                    let (accounts, wide_totals) = &mut *locked(&rows);
                    write_rows(accounts, wide_totals, &amounts);
                }
                _ => write_cells(&mut locked(&cells[part - 2])),
            });
        });
        for moved in amounts.iter().flat_map(|amounts| &amounts.firsts) {
            self.codes.slice_mut(moved.code, moved.country).move_first(moved.what, moved.before, moved.after);
        }
    }
}

/// Each is locked by one part alone.
fn locked<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A change, and the cell that it belongs to: at hand where it is sorted.
type OfCell<'a> = (u64, &'a Change);

/// All changes, code by code.
fn by_code(amounts: &[Amounts], code_count: usize) -> Vec<OfCell<'_>> {
    let changes: Vec<OfCell<'_>> =
        amounts.iter().flat_map(|amounts| &amounts.changes).map(|change| (change.cell(), change)).collect();
    let order = sorted(changes.iter().map(|(_, change)| change.code.0).collect(), code_count);
    order.into_iter().map(|at| changes[at as usize]).collect()
}

/// Some codes, and what is added to their cells.
struct CellsPart<'c, 'd, 'a> {
    codes: CodesPart<'c>,
    changes: &'d mut [OfCell<'a>],
}

/// Divides the changes as the codes are.
fn divided<'c, 'd, 'a>(
    parts: Vec<CodesPart<'c>>,
    mut changes: &'d mut [OfCell<'a>],
) -> Vec<Mutex<CellsPart<'c, 'd, 'a>>> {
    let mut divided = Vec::with_capacity(parts.len());
    for codes in parts {
        let end = changes.partition_point(|(_, change)| change.code < codes.end());
        let (of_part, rest) = changes.split_at_mut(end);
        changes = rest;
        divided.push(Mutex::new(CellsPart { codes, changes: of_part }));
    }
    divided
}

/// Country by country, so that each slice is fetched from memory once, and day by day, so that each cell is.
fn write_cells(part: &mut CellsPart<'_, '_, '_>) {
    let CellsPart { codes, changes } = part;
    for of_code in changes.chunk_by_mut(|(_, one), (_, other)| one.code == other.code) {
        of_code.sort_unstable_by_key(|(cell, _)| *cell);
        for of_slice in of_code.chunk_by(|(_, one), (_, other)| one.country == other.country) {
            let (_, first) = of_slice[0];
            let mut slice = codes.slice_mut(first.code, first.country).expect("the changes are of this part's codes");
            // Days in their order, as they are packed when they are long past.
            for of_day in of_slice.chunk_by(|(_, one), (_, other)| one.day == other.day) {
                let (_, first) = of_day[0];
                slice.add_trades(first.day, of_day.iter().map(|(_, change)| change.ordinal), &sums_of_all(of_day));
            }
        }
    }
}

/// What trades of one cell add to it.
fn sums_of_all(changes: &[OfCell<'_>]) -> Sums {
    let mut sums = [Usd::ZERO; SUMS];
    for (_, change) in changes {
        let usd = |amount: i64| Usd(i128::from(amount));
        let (commission, rebate) = (usd(change.commission), usd(change.rebate));
        add(&mut sums, &sums_of_amounts(change.group, change.vip_level, usd(change.volume), commission, rebate));
    }
    sums
}

fn write_rows(accounts: &mut Column<AccountRow>, wide_totals: &mut Shards<AccountId, [i128; 3]>, amounts: &[Amounts]) {
    for amounts in amounts {
        for (account, row) in &amounts.rows {
            accounts[account.index()] = row.clone();
        }
        for (head, totals) in &amounts.totals {
            totals.add_to(*head, &mut accounts[head.index()].totals, wide_totals);
        }
    }
}

fn write_index(index: &mut Index, groups: &[Group], sorted: &ByAccount) {
    for group in groups {
        let events = sorted.events(group).iter().map(|event| (event.mark, event.position));
        index.insert_of_account(group.account, events);
    }
}
