//! How far an entry reaches: how much of what is held already has to be looked at when it is applied. It is told before,
//! from the state as it stands, so that one that reaches far is not applied while everybody waits.

use ledger::AccountId;
use schemas::{Body, Event, StreamKey, Timestamp};

use crate::state::State;
use crate::steps::{Room, Steps};

/// Before every event.
const EVER: Timestamp = Timestamp(i64::MIN);

impl State {
    /// About how many steps it takes to apply this event next: rows of accounts and entries of the ledger that are looked
    /// at. At least 1, and never less than it takes but for a constant factor; `limit` where it is more, and no more than
    /// that is looked at to tell it.
    #[must_use]
    pub fn reach(&self, event: &Event<'_>, limit: u64) -> u64 {
        let mut steps = Steps::new(self, limit);
        // Where there is no room left, the limit is told.
        let _ = self.add_reach(event, &mut steps);
        steps.told()
    }

    fn add_reach(&self, event: &Event<'_>, steps: &mut Steps<'_>) -> Room {
        steps.add(1)?;
        let account = match event.stream() {
            StreamKey::Account(uid) => self.index.account(uid),
            StreamKey::Name(_) | StreamKey::Platform => None,
        };
        match &event.body {
            Body::Trade(_) | Body::Kyc(_) | Body::Deposit(_) | Body::Reversal(_) | Body::Vip(_) => {
                account.map_or(Room::Continue(()), |account| self.add_activity(account, steps))
            }
            Body::Registration(data) => {
                if let Some(parent) = data.parent_uid.and_then(|parent| self.index.account(parent)) {
                    steps.add(1)?;
                    steps.attribution(parent)?;
                }
                let code = data.code.as_deref().and_then(|code| self.codes.find(code));
                if let Some(owner) = code.and_then(|code| self.codes.get(code).owner) {
                    steps.chain(owner)?;
                }
                account.map_or(Room::Continue(()), |account| self.add_registered(account, steps))
            }
            Body::Code(data) => {
                let Some(code) = self.codes.find(&data.code) else { return Room::Continue(()) };
                let row = self.codes.get(code);
                let first = row.terms.first(crate::history::PRESENT);
                let is_in_order = first.is_some_and(|first| first.time < event.time)
                    && row.last_registration.is_none_or(|last| last < event.time);
                if is_in_order { Room::Continue(()) } else { steps.invitees(code, Some(EVER)) }
            }
            Body::Rebate(_) => account.map_or(Room::Continue(()), |account| steps.family(account, Some(event.time))),
            Body::Affiliate(_) => account.map_or(Room::Continue(()), |account| {
                steps.codes_under(account, &mut |steps, code| steps.invitees(code, Some(event.time)))
            }),
            Body::Program(_) => {
                for account in (0..self.accounts.len() as u32).map(AccountId) {
                    steps.add(1)?;
                    let registered = self.account(account).registered;
                    if registered.is_some_and(|at| at.parent().is_none() && at.code().is_some()) {
                        steps.attribution(account)?;
                        steps.family(account, Some(event.time))?;
                    }
                }
                Room::Continue(())
            }
            Body::Note(_) | Body::Offer(_) | Body::Campaign(_) | Body::Join(_) | Body::Application(_) => {
                Room::Continue(())
            }
        }
    }

    /// What an account does looks up its chain of parents and that of who earns from it, and at the reversals that wait for
    /// a trade of it.
    fn add_activity(&self, account: AccountId, steps: &mut Steps<'_>) -> Room {
        let row = self.account(account);
        if row.has_pending_reversals {
            steps.add(self.pending_reversals.get(&account).map_or(0, Vec::len) as u64)?;
        }
        if row.registered.is_some() { steps.attribution(account) } else { Room::Continue(()) }
    }

    /// An account of which something is known registers: what it and its followers did counts now, and whose the
    /// invitees of their codes are may change.
    fn add_registered(&self, account: AccountId, steps: &mut Steps<'_>) -> Room {
        steps.family(account, Some(EVER))?;
        steps.codes_under(account, &mut |steps, code| steps.invitees(code, Some(EVER)))
    }
}
