//! Who earns by each code and at which base rates: looked up once a batch, in a table that the cache holds, where an account
//! would follow pointers to it.

use std::sync::OnceLock;

use ledger::AccountId;
use schemas::{ProductGroup, Timestamp};

use crate::attribution::Attribution;
use crate::codes::CodeId;
use crate::history::PRESENT;
use crate::state::State;
use crate::terms::{BaseInForce, Terms, TermsInForce};

/// The rates of codes as everything stands, each found where it is first asked for.
pub(super) struct Rates<'s> {
    state: &'s State,
    /// About when the trades of the batch are.
    about: Timestamp,
    codes: Vec<OnceLock<Option<Earner>>>,
}

/// Who earns by a code.
#[derive(Clone, Copy, Debug)]
struct Earner {
    referrer: AccountId,
    base: BaseInForce,
}

impl<'s> Rates<'s> {
    pub(super) fn new(state: &'s State, about: Timestamp) -> Rates<'s> {
        Rates { state, about, codes: (0..state.codes.len()).map(|_| OnceLock::new()).collect() }
    }

    fn earner(&self, code: CodeId) -> Option<&Earner> {
        let Rates { state, about, codes } = self;
        let earner = codes[code.0 as usize].get_or_init(|| {
            let referrer = state.code_owner(code, PRESENT)?;
            Some(Earner { referrer, base: state.base_in_force(referrer, *about, PRESENT) })
        });
        earner.as_ref()
    }

    /// What an account's trades count as, as everything stands.
    pub(super) fn attribution(&self, account: AccountId) -> Option<Attribution> {
        self.state.attribution_by(account, PRESENT, |code| Some(self.earner(code)?.referrer))
    }

    /// The terms of a family at a moment. Those found last are kept, as they hold for most trades.
    pub(super) fn terms(
        &self,
        attribution: &Attribution,
        (referrer, code): (AccountId, CodeId),
        group: ProductGroup,
        time: Timestamp,
        last: &mut Option<TermsInForce>,
    ) -> Terms {
        let held = match last.filter(|held| held.holds_at(time)) {
            Some(held) => held,
            None => {
                let base = self.earner(code).map(|earner| earner.base).filter(|base| base.holds_at(time));
                let base = base.unwrap_or_else(|| self.state.base_in_force(referrer, time, PRESENT));
                *last.insert(self.state.terms_in_force(&base, attribution, code, time, PRESENT))
            }
        };
        held.of(group)
    }
}
