//! Events that come next, looked at together before they are applied one by one: each needs rows of its account, its
//! code and its cell that lie far apart in memory, and asked for together the waits for them overlap.
//!
//! Nothing is decided here; a figure never depends on it.

use std::hint::black_box;

use ledger::{AccountId, Position};
use schemas::{Event, StreamKey};

use crate::accounts::AccountRow;
use crate::codes::CodeId;
use crate::state::State;

/// How many events are looked at together.
pub(super) const EVENTS_AHEAD: usize = 32;

impl State {
    /// Reads what applying these events will read first.
    pub(super) fn look_ahead(&self, events: &[(Position, Event<'_>)]) {
        let mut accounts = [None; EVENTS_AHEAD];
        for (account, (_, event)) in accounts.iter_mut().zip(events) {
            if let StreamKey::Account(uid) = event.stream() {
                *account = self.index.account(uid);
            }
        }
        let mut codes: [Option<CodeId>; EVENTS_AHEAD] = [None; EVENTS_AHEAD];
        for (code, account) in codes.iter_mut().zip(accounts) {
            let Some(account) = account else { continue };
            black_box(self.index.last_recent(account));
            // A row lies on two lines of the cache: its end is read too.
            black_box(self.row(account).map(|row| row.totals[0]));
            *code = self.row(account).and_then(|row| row.registered).and_then(|registered| registered.code());
        }
        let mut owners = [None; EVENTS_AHEAD];
        for (owner, code) in owners.iter_mut().zip(codes) {
            let Some(code) = code else { continue };
            let row = self.codes.get(code);
            *owner = row.owner;
            black_box(row.terms.first(Position::MAX).map(|fact| fact.position));
            black_box(row.slices.first().map(|(country, _)| *country));
        }
        for (code, owner) in codes.iter().zip(owners) {
            if let Some(code) = code {
                for (_, slice) in self.codes.get(*code).slices.iter().take(2) {
                    black_box(slice.last_sum());
                }
            }
            if let Some(owner) = owner {
                black_box(self.row(owner).map(|row| row.uid));
                black_box(
                    self.affiliates.get(&owner).and_then(|history| history.first(Position::MAX)).map(|fact| fact.time),
                );
            }
        }
    }

    fn row(&self, account: AccountId) -> Option<&AccountRow> {
        self.accounts.get(account.index())
    }
}
