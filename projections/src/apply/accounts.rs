//! Registrations, and the firsts of an invitee: verified, deposited.

use ledger::{AccountId, EventReader, Position, ReadError};
use schemas::{AccountType, Registration, Timestamp};

use crate::accounts::{AccountRow, EntryRef, Registered};
use crate::history::PRESENT;
use crate::slices::Count;
use crate::state::State;

impl State {
    pub(super) fn apply_registration(
        &mut self,
        position: Position,
        account: AccountId,
        time: Timestamp,
        data: &Registration<'_>,
        reader: &dyn EventReader,
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
        let is_first_event = self.index.positions(account).len() == 1;
        let owns_codes = !self.codes.named_owner(account).is_empty();
        if is_first_event && !self.account(account).has_children && (is_major || !owns_codes) {
            if is_major {
                self.count_registered(account, time);
            }
            return Ok(());
        }
        let touched = self.touched_by_registration(account);
        self.recompute(touched, position, reader)
    }

    /// Counts a new invitee that nothing was known of before.
    fn count_registered(&mut self, account: AccountId, time: Timestamp) {
        let Some(attribution) = self.attribution(account, PRESENT) else { return };
        let Some((_, code)) = attribution.referrer() else { return };
        self.ordinal(account, code);
        self.slice_mut(&attribution, code).count(time.day(), Count::Registered, true);
    }

    /// The families that a registration may change: the account's own, and those of the invitees whose code is
    /// owned by an account that the chain of parents now leads from.
    fn touched_by_registration(&self, account: AccountId) -> Vec<AccountId> {
        let mut touched: Vec<AccountId> = self.major(account, PRESENT).map(|major| major.head).into_iter().collect();
        for member in self.descendants(account, PRESENT) {
            for code in self.codes.named_owner(member) {
                touched.extend_from_slice(&self.codes.get(*code).invitees);
            }
        }
        touched
    }

    pub(super) fn apply_verified(&mut self, account: AccountId, time: Timestamp) {
        self.apply_first(account, time, Count::Verified, |row| &mut row.first_verified, |row| row.first_verified);
    }

    pub(super) fn apply_deposit(&mut self, account: AccountId, time: Timestamp) {
        self.apply_first(account, time, Count::Deposited, |row| &mut row.first_deposit, |row| row.first_deposit);
    }

    fn apply_first(
        &mut self,
        account: AccountId,
        time: Timestamp,
        what: Count,
        held: impl Fn(&mut AccountRow) -> &mut Timestamp,
        pick: impl Fn(&AccountRow) -> Timestamp,
    ) {
        if time >= pick(self.account(account)) {
            return;
        }
        let attribution = self.attribution(account, PRESENT);
        let before = attribution.map(|attribution| self.family_moment(attribution.head, PRESENT, &pick));
        *held(self.account_mut(account)) = time;
        let (Some(attribution), Some(before)) = (attribution, before) else { return };
        let Some((_, code)) = attribution.referrer() else { return };
        let after = self.family_moment(attribution.head, PRESENT, &pick);
        self.slice_mut(&attribution, code).move_first(what, before, after);
    }
}
