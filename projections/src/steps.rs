//! Steps told beforehand, up to a limit: how many rows of accounts and entries of the ledger something will look at. It
//! is told by looking at no more of them than the limit, so that to ask is cheap whatever the answer.

use std::ops::ControlFlow;

use ledger::AccountId;
use schemas::Timestamp;

use crate::codes::CodeId;
use crate::parents::{Above, end_of_chain};
use crate::state::State;

/// Whether there is room for more steps: the walk ends where there is none.
pub(crate) type Room = ControlFlow<()>;

/// Steps that were told so far. Beyond the limit nothing more is looked at.
pub(crate) struct Steps<'s> {
    state: &'s State,
    told: u64,
    limit: u64,
}

impl<'s> Steps<'s> {
    pub(crate) fn new(state: &'s State, limit: u64) -> Steps<'s> {
        Steps { state, told: 0, limit }
    }

    /// What was told; the limit where there is more.
    pub(crate) fn told(&self) -> u64 {
        self.told.min(self.limit)
    }

    pub(crate) fn add(&mut self, steps: u64) -> Room {
        self.told = self.told.saturating_add(steps);
        if self.told < self.limit { Room::Continue(()) } else { Room::Break(()) }
    }

    /// An account and all that follow it, one step each; and of those that traded then or later, where `active_from` is
    /// given, each event that may be of then or later.
    pub(crate) fn family(&mut self, head: AccountId, active_from: Option<Timestamp>) -> Room {
        let of_member = &mut |steps: &mut Steps<'s>, member| {
            steps.events_ahead_of(member)?;
            active_from.map_or(Room::Continue(()), |from| steps.events_since(member, from))
        };
        if self.state.account(head).has_children {
            return self.walk_down(head, of_member);
        }
        self.add(1)?;
        of_member(self, head)
    }

    /// The events of an account that may be of a moment or later, if it traded then or later.
    fn events_since(&mut self, account: AccountId, from: Timestamp) -> Room {
        let state = self.state;
        if state.account(account).last_activity < from {
            return Room::Continue(());
        }
        let behind = state.event_times.all_before(from);
        if behind == 0 {
            return self.events_of(account);
        }
        let left = usize::try_from(self.limit - self.told()).unwrap_or(usize::MAX);
        self.add(state.positions_behind(account, behind).take(left).count() as u64)
    }

    /// The events of an account whose VIP level is of an event ahead of time: its level now is looked for among them.
    fn events_ahead_of(&mut self, account: AccountId) -> Room {
        let is_ahead = self.state.account(account).vip.is_some_and(|mark| Some(mark.time) > self.state.recorded_at);
        if is_ahead { self.events_of(account) } else { Room::Continue(()) }
    }

    /// The events of an account.
    pub(crate) fn events_of(&mut self, account: AccountId) -> Room {
        self.add(self.state.index.positions(account).len() as u64)
    }

    /// An account and all that follow it, one step each, in no promised order.
    pub(crate) fn walk_down(
        &mut self,
        from: AccountId,
        of_member: &mut dyn FnMut(&mut Steps<'s>, AccountId) -> Room,
    ) -> Room {
        let state = self.state;
        let mut waiting = vec![from];
        while let Some(member) = waiting.pop() {
            self.add(1)?;
            of_member(self, member)?;
            if state.account(member).has_children {
                for child in state.children.get(&member).into_iter().flatten() {
                    // Told here, and again when it is looked at: twice is bounded as well.
                    self.add(1)?;
                    waiting.extend(Some(*child).filter(|child| *child != from));
                }
            }
        }
        Room::Continue(())
    }

    /// An account and those above it, up its chain of parents, which may turn back on itself.
    pub(crate) fn chain(&mut self, account: AccountId) -> Room {
        let state = self.state;
        let mut room = Room::Continue(());
        end_of_chain(account, |at| {
            room = self.add(1);
            let parent = || state.account(at).registered.and_then(|registered| registered.parent());
            if room.is_break() { None } else { parent().map(Above::Parent) }
        });
        room
    }

    /// Whose invitee an account is: its chain of parents, and that of each owner of a code that one of them registered
    /// with.
    pub(crate) fn attribution(&mut self, account: AccountId) -> Room {
        let state = self.state;
        let mut room = Room::Continue(());
        end_of_chain(account, |at| {
            let registered = state.account(at).registered;
            let owner =
                registered.and_then(|registered| registered.code()).and_then(|code| state.codes.get(code).owner);
            room = self.add(1);
            if room.is_continue()
                && let Some(owner) = owner
            {
                room = self.chain(owner);
            }
            if room.is_break() { None } else { registered?.parent().map(Above::Parent) }
        });
        room
    }

    /// The families of all that registered with a code. Who earns from each is found up the chain of the code's owner.
    pub(crate) fn invitees(&mut self, code: CodeId, active_from: Option<Timestamp>) -> Room {
        let row = self.state.codes.get(code);
        let before = self.told;
        row.owner.map_or(Room::Continue(()), |owner| self.chain(owner))?;
        let chain = self.told - before;
        for invitee in &row.invitees {
            self.add(chain)?;
            self.family(*invitee, active_from)?;
        }
        Room::Continue(())
    }

    /// Does something for each code whose owner is an account or one that follows it.
    pub(crate) fn codes_under(
        &mut self,
        account: AccountId,
        of_code: &mut dyn FnMut(&mut Steps<'s>, CodeId) -> Room,
    ) -> Room {
        let state = self.state;
        self.walk_down(account, &mut |steps, member| {
            for code in state.codes.named_owner(member) {
                steps.add(1)?;
                of_code(steps, *code)?;
            }
            Room::Continue(())
        })
    }
}
