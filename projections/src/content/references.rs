//! Whether all that a state's parts name by its number is there: parts are read one by one, and some name what comes later.

use ledger::AccountId;

use crate::state::State;

/// Whether every account and every code that is named is one of the state's.
pub(super) fn are_all_there(state: &State) -> bool {
    let (accounts, codes) = (state.accounts.len(), state.codes.len());
    let is_account = |account: &AccountId| (account.0 as usize) < accounts;
    let registered = || state.accounts.iter().filter_map(|row| row.registered.as_ref());
    registered().filter_map(|registered| registered.parent()).all(|parent| is_account(&parent))
        && registered().filter_map(|registered| registered.code()).all(|code| (code.0 as usize) < codes)
        && state.codes.by_owner.keys().all(is_account)
        && state.joins.values().flat_map(|joined| joined.iter()).all(|account| is_account(&account))
        && state.late.by_head.keys().all(is_account)
        && state.pending_reversals.keys().all(is_account)
}
