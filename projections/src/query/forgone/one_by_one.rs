//! What was withheld and taken back, trade by trade, for exports: in an order that hangs on no amount, so that little is held.

use std::collections::HashSet;

use ledger::{AccountId, Position};
use schemas::Uid;

use super::super::{DateRange, QueryError, View};
use super::Listed;
use crate::codes::CodeId;
use crate::views::ForgoneTrade;

impl View<'_> {
    /// Gives each trade that something was withheld of, and each reversal of one, of those who registered with a code of this
    /// referrer, itself too: by the invitee's uid, then in the order of the ledger, each trade before what takes it back. Held
    /// are those of one invitee.
    ///
    /// # Errors
    /// If the ledger cannot be read; and what `visit` refuses.
    pub fn each_withheld_trade<E: From<QueryError>>(
        &self,
        referrer: Uid,
        range: DateRange,
        visit: &mut dyn FnMut(ForgoneTrade) -> Result<(), E>,
    ) -> Result<(), E> {
        let codes = self.codes_asked(Some(referrer), None)?;
        let mut invitees: Vec<AccountId> =
            codes.iter().flat_map(|code| self.state.codes.get(*code).invitees.iter().copied()).collect();
        invitees.sort_unstable_by_key(|invitee| self.state.uid(*invitee));
        for invitee in invitees {
            let mut listed = Vec::new();
            self.each_withheld_of(invitee, None, range, &mut |found| listed.push(Listed::of(found)))
                .map_err(QueryError::from)?;
            listed.sort_unstable_by_key(|listed| (listed.trade, listed.reversal));
            for listed in listed {
                visit(self.forgone_trade(listed)?)?;
            }
        }
        Ok(())
    }

    /// Goes through the trades that are taken back in the range, in the order of the ledger, and gives the position of each,
    /// with what was taken back, if that is something and the trade is of this referrer's invitees, or of anybody's where none is
    /// given. Held are the positions.
    ///
    /// # Errors
    /// If the ledger cannot be read; and what `visit` refuses.
    pub fn each_clawback_trade<E: From<QueryError>>(
        &self,
        referrer: Option<Uid>,
        range: DateRange,
        visit: &mut dyn FnMut(Position, Option<ForgoneTrade>) -> Result<(), E>,
    ) -> Result<(), E> {
        let codes: HashSet<CodeId> = self.codes_asked(referrer, None)?.into_iter().collect();
        for taken_back in self.taken_back(range) {
            let mut listed = None;
            self.clawback(taken_back, &codes, &mut |found| listed = Some(Listed::of(found)))
                .map_err(QueryError::from)?;
            let clawback = listed.map(|listed| self.forgone_trade(listed)).transpose()?;
            visit(taken_back.trade, clawback)?;
        }
        Ok(())
    }
}
