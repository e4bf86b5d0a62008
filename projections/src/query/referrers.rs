//! Every referrer, and what is listed of each: invitees and codes one by one, for who reads all of them.

use ledger::{AccountId, ReadError};
use schemas::Uid;

use super::{DateRange, View};
use crate::codes::CodeId;
use crate::history::PRESENT;
use crate::views::{CodeRow, ReferralRow};

impl View<'_> {
    /// Everyone whose codes can bring invitees, ascending by uid.
    #[must_use]
    pub fn referrers(&self) -> Vec<Uid> {
        let owners = self.state.codes.iter().filter_map(|(code, _)| self.state.code_owner(code, PRESENT));
        let mut uids: Vec<Uid> = owners.map(|owner| self.state.uid(owner)).collect();
        uids.sort_unstable();
        uids.dedup();
        uids
    }

    /// Gives the row of each invitee of a referrer that registered in the range, ascending by uid.
    ///
    /// # Errors
    /// If the ledger cannot be read; and what `visit` refuses.
    pub fn each_referral<E: From<ReadError>>(
        &self,
        referrer: Uid,
        range: DateRange,
        visit: &mut dyn FnMut(ReferralRow) -> Result<(), E>,
    ) -> Result<(), E> {
        for (head, code) in self.invitees_by_uid(referrer) {
            let invitee = self.invitee(head, code).filter(|invitee| range.contains(invitee.registered.time.day()));
            if let Some(invitee) = invitee {
                visit(self.referral_row(&invitee)?)?;
            }
        }
        Ok(())
    }

    /// Gives the row of each code in force of a referrer that was created in the range, ascending by code.
    ///
    /// # Errors
    /// What `visit` refuses.
    pub fn each_code<E>(
        &self,
        referrer: Uid,
        range: DateRange,
        visit: &mut dyn FnMut(CodeRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let default = self.default_code(referrer);
        for code in self.codes_by_text(referrer) {
            if self.created_at(code).is_some_and(|first| range.contains(first.time.day())) {
                visit(self.code_row(code, default == Some(code)))?;
            }
        }
        Ok(())
    }

    /// The codes whose invitees are this referrer's, ascending by their text.
    pub(super) fn codes_by_text(&self, referrer: Uid) -> Vec<CodeId> {
        let account = self.account(referrer);
        let mut codes = account.map_or_else(Vec::new, |account| self.state.codes_of(account, PRESENT));
        codes.sort_unstable_by(|one, other| self.state.codes.get(*one).text.cmp(&self.state.codes.get(*other).text));
        codes
    }

    /// The invitees of a referrer, each with its code, ascending by uid.
    pub(super) fn invitees_by_uid(&self, referrer: Uid) -> Vec<(AccountId, CodeId)> {
        let codes = self.codes_by_text(referrer).into_iter();
        let mut invitees: Vec<(AccountId, CodeId)> =
            codes.flat_map(|code| self.invitees_of(code).map(move |invitee| (invitee, code))).collect();
        invitees.sort_unstable_by_key(|(invitee, _)| self.state.uid(*invitee));
        invitees
    }
}
