//! Registrations, and the firsts of an invitee: verified, deposited.

use ledger::{AccountId, Position, ReadError};
use schemas::{AccountType, Registration, Timestamp};

use crate::accounts::{EntryRef, Registered};
use crate::context::Context;
use crate::firsts::First;
use crate::history::PRESENT;
use crate::parents::Follower;
use crate::slices::Count;
use crate::state::State;

impl State {
    pub(super) fn apply_registration(
        &mut self,
        position: Position,
        account: AccountId,
        time: Timestamp,
        data: &Registration<'_>,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        let code = data.code.as_deref().map(|code| self.codes.intern(code));
        let parent = data.parent_uid.map(|parent| self.intern(parent));
        let kinds = (data.account_type, data.relationship, data.country);
        let registered = Registered::of(time, EntryRef::of(position), kinds, code, parent);
        self.account_mut(account).registered = Some(registered);
        if let Some(parent) = parent {
            self.children.entry(parent).or_default().push(account);
            self.account_mut(parent).has_children = true;
        }
        let is_major = data.account_type == AccountType::Major;
        if let Some(code) = code.filter(|_| is_major) {
            self.codes.add_invitee(code, account);
            let row = self.codes.get_mut(code);
            row.last_registration = row.last_registration.max(Some(time));
        }
        let is_first_event = !self.index.has_several(account);
        let owns_codes = !self.codes.named_owner(account).is_empty();
        if is_first_event && !self.account(account).has_children && (is_major || !owns_codes) {
            if is_major {
                self.count_registered(account, time);
            }
            return Ok(());
        }
        let mut touched = self.invitees_of_codes_under(account);
        match self.major(account, PRESENT).map(|major| major.head) {
            Some(head) if head != account && !touched.contains(&head) => self.join(head, account, position, context)?,
            Some(head) => {
                self.keep_firsts_of(account);
                touched.push(head);
            }
            None => {}
        }
        self.recompute(touched, position, context)
    }

    /// Counts a new invitee that nothing was known of before.
    fn count_registered(&mut self, account: AccountId, time: Timestamp) {
        let Some(attribution) = self.attribution(account, PRESENT) else { return };
        let Some((_, code)) = attribution.referrer() else { return };
        self.ordinal(account, code);
        self.slice_mut(&attribution, code).count(time.day(), Count::Registered, true);
    }

    /// The invitees whose code is owned by an account that follows this one: a registration may change whose they are.
    fn invitees_of_codes_under(&self, account: AccountId) -> Vec<AccountId> {
        let mut invitees = Vec::new();
        for member in self.descendants(account, PRESENT) {
            for code in self.codes.named_owner(member) {
                invitees.extend(&self.codes.get(*code).invitees);
            }
        }
        invitees
    }

    /// An account was verified, or made a deposit that counts.
    pub(super) fn apply_first(&mut self, account: AccountId, time: Timestamp, first: First) {
        if time >= *first.of_row(self.account_mut(account)) {
            return;
        }
        let attribution = self.attribution(account, PRESENT);
        let before = attribution.map(|attribution| self.family_first(attribution.head, first));
        *first.of_row(self.account_mut(account)) = time;
        let (Some(attribution), Some(before)) = (attribution, before) else { return };
        if attribution.head != account {
            self.keep_first(attribution.head, Follower { account, since: attribution.since }, first);
        }
        let Some((_, code)) = attribution.referrer() else { return };
        let after = self.family_first(attribution.head, first);
        self.slice_mut(&attribution, code).move_first(first.count(), before, after);
    }
}
