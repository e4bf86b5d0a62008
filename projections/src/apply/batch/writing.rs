//! What a batch comes to, written: the cells, the rows of accounts and the index. None of the three needs another, so
//! they are written at the same time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ledger::column::{Column, Shards};
use ledger::{AccountId, Index};
use schemas::Usd;

use super::amounts::{Amounts, Change};
use super::by_account::{ByAccount, Group, sorted};
use crate::accounts::AccountRow;
use crate::codes::Codes;
use crate::context::Workers;
use crate::family::sums_of_amounts;
use crate::state::State;

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
        let (codes, rows, index) = (Mutex::new(codes), Mutex::new((accounts, wide_totals)), Mutex::new(index));
        workers.each(3, &|part| match part {
            0 => write_cells(&mut locked(&codes), &amounts),
            1 => {
                let (accounts, wide_totals) = &mut *locked(&rows);
                write_rows(accounts, wide_totals, &amounts);
            }
            _ => write_index(&mut locked(&index), groups, sorted),
        });
    }
}

/// Each is locked by one part alone.
fn locked<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Code by code, so that each is fetched from memory once.
fn write_cells(codes: &mut Codes, amounts: &[Amounts]) {
    let changes: Vec<&Change> = amounts.iter().flat_map(|amounts| &amounts.changes).collect();
    let order = sorted(changes.iter().map(|change| change.code.0).collect(), codes.len());
    let mut by_code: Vec<&Change> = order.into_iter().map(|at| changes[at as usize]).collect();
    for of_code in by_code.chunk_by_mut(|one, other| one.code == other.code) {
        // Days in their order, as they are packed when they are long past.
        of_code.sort_unstable_by_key(|change| change.time);
        for change in of_code {
            let usd = |amount: i64| Usd(i128::from(amount));
            let (commission, rebate) = (usd(change.commission), usd(change.rebate));
            let sums = sums_of_amounts(change.group, change.vip_level, usd(change.volume), commission, rebate);
            codes.slice_mut(change.code, change.country).add_trade(change.time.day(), change.ordinal, &sums);
        }
    }
    for moved in amounts.iter().flat_map(|amounts| &amounts.firsts) {
        codes.slice_mut(moved.code, moved.country).move_first(moved.what, moved.before, moved.after);
    }
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
