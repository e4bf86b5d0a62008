//! How much is looked at to plan an excerpt, told beforehand and cheaply: by it is decided whether it is planned while the
//! state stands still, or of a copy.

use ledger::AccountId;
use schemas::Uid;

use crate::history::{History, PRESENT};
use crate::state::State;
use crate::steps::{Room, Steps};

impl State {
    /// About how many steps it takes to plan an excerpt about a referrer as of any position ([`State::plan_excerpt`]), and
    /// to answer a question about that one as everything stands; `limit` where it is more, and no more than that is looked
    /// at to tell it. A step is a row, an event or a fact.
    #[must_use]
    pub fn weight_of_excerpt(&self, referrer: Uid, limit: u64) -> u64 {
        let mut steps = Steps::new(self, limit);
        // Where there is no room left, the limit is told.
        let _ = self.add_excerpt(referrer, &mut steps);
        steps.told()
    }

    fn add_excerpt(&self, referrer: Uid, steps: &mut Steps<'_>) -> Room {
        steps.add(self.program.len() as u64)?;
        self.offers.values().try_for_each(|offer| steps.add(offer.len() as u64))?;
        self.campaigns.values().try_for_each(|campaign| steps.add(campaign.len() as u64))?;
        let Some(referrer) = self.find_account(referrer) else { return Room::Continue(()) };
        self.add_whole_family(referrer, steps)?;
        steps.codes_under(referrer, &mut |steps, code| {
            let row = self.codes.get(code);
            steps.add(row.terms.len() as u64)?;
            row.invitees.iter().try_for_each(|invitee| self.add_whole_family(*invitee, steps))
        })?;
        self.add_above(referrer, steps)
    }

    /// A major account and all that follow it, with all that they did and the entries that changed what that came to.
    fn add_whole_family(&self, head: AccountId, steps: &mut Steps<'_>) -> Room {
        steps.walk_down(head, &mut |steps, member| {
            steps.add(self.late.by_head.get(&member).map_or(0, |late| late.len()) as u64)?;
            steps.events_of(member)
        })
    }

    /// Who stands above, and may earn from it, with the facts about them.
    fn add_above(&self, referrer: AccountId, steps: &mut Steps<'_>) -> Room {
        // Those chains are told before they are gathered.
        steps.attribution(referrer)?;
        for above in self.chain_above(referrer, PRESENT) {
            steps.add(self.facts_about(above))?;
            let owner = self.code_of(above, PRESENT).and_then(|(_, owner)| owner);
            for at in owner.into_iter().flat_map(|owner| self.chain_above(owner, PRESENT)) {
                steps.add(self.facts_about(at))?;
            }
        }
        Room::Continue(())
    }

    fn facts_about(&self, account: AccountId) -> u64 {
        let facts = self.affiliates.get(&account).map_or(0, History::len)
            + self.rebates.get(&account).map_or(0, History::len)
            + self.notes.get(&account).map_or(0, History::len)
            + self.applications.get(&account).map_or(0, History::len)
            + self.late.by_head.get(&account).map_or(0, |late| late.len());
        facts as u64
    }
}
