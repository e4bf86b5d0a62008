//! How much a question about a referrer looks at, told beforehand and cheaply: by it is decided whether it is asked while
//! the state stands still for it, or of a copy.

use ledger::AccountId;
use schemas::{Timestamp, Uid};

use crate::codes::CodeId;
use crate::history::History;
use crate::state::State;
use crate::steps::{Room, Steps};

/// So many cells take about as long to add up as one row or entry takes to be looked at.
const CELLS_A_STEP: u64 = 8;

/// What of a referrer a question looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighs {
    /// Its codes, one by one, and each event of them and of its standing.
    Codes,
    /// The days of its codes and countries.
    Cells,
    /// Its invitees with their sub-accounts, one by one.
    Invitees,
    /// All that its invitees and itself did, event by event.
    Events,
}

impl State {
    /// About how many steps it takes to look at this of a referrer; `limit` where it is more, and no more than that is
    /// looked at to tell it. A step is a row or an entry that is read. 0 where nothing is known of the uid.
    #[must_use]
    pub fn weight_of(&self, referrer: Uid, what: Weighs, limit: u64) -> u64 {
        let mut steps = Steps::new(self, limit);
        if let Some(account) = self.find_account(referrer) {
            // Where there is no room left, the limit is told.
            let _ = self.add_weight(account, what, &mut steps);
        }
        steps.told()
    }

    fn add_weight(&self, account: AccountId, what: Weighs, steps: &mut Steps<'_>) -> Room {
        let ever = Some(Timestamp(i64::MIN));
        if what == Weighs::Events {
            steps.family(account, ever)?;
        }
        // What was ever said of its standing and of its codes is told one by one, too.
        steps.add(self.affiliates.get(&account).map_or(0, History::len) as u64)?;
        steps.codes_under(account, &mut |steps, code| {
            steps.add(self.codes.get(code).terms.len() as u64)?;
            self.add_weight_of_code(code, what, steps)
        })
    }

    fn add_weight_of_code(&self, code: CodeId, what: Weighs, steps: &mut Steps<'_>) -> Room {
        let ever = Some(Timestamp(i64::MIN));
        match what {
            Weighs::Codes => Room::Continue(()),
            Weighs::Cells => {
                for (_, slice) in &self.codes.get(code).slices {
                    steps.add(1 + slice.len() as u64 / CELLS_A_STEP)?;
                }
                Room::Continue(())
            }
            Weighs::Invitees => steps.invitees(code, None),
            Weighs::Events => steps.invitees(code, ever),
        }
    }
}
