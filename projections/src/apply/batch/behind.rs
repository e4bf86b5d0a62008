//! What is applied behind a batch: trades taken back, which are found where all trades stand, and what no amount hangs on.

use ledger::{AccountId, Position, ReadError};
use schemas::Body;

use super::by_account::{ByAccount, Group};
use crate::context::Context;
use crate::state::State;

impl State {
    /// Applies those events of batched accounts that come behind all, in their order. The index has them, and their
    /// accounts' rows tell of them.
    pub(super) fn apply_behind(
        &mut self,
        groups: &[Group],
        sorted: &ByAccount,
        context: Context<'_>,
    ) -> Result<(), ReadError> {
        let mut behind: Vec<(Position, AccountId)> = Vec::new();
        for group in groups {
            let events = sorted.events(group).iter().filter(|event| event.says.is_behind());
            behind.extend(events.map(|event| (event.position, group.account)));
        }
        behind.sort_unstable_by_key(|(position, _)| *position);
        for (position, account) in behind {
            let event = context.reader.event(position)?;
            match &event.body {
                Body::Reversal(data) => self.take_back(position, account, &event, data, context)?,
                Body::Note(_)
                | Body::Join(_)
                | Body::Application(_)
                | Body::Registration(_)
                | Body::Kyc(_)
                | Body::Deposit(_)
                | Body::Trade(_)
                | Body::Vip(_)
                | Body::Affiliate(_)
                | Body::Code(_)
                | Body::Rebate(_)
                | Body::Program(_)
                | Body::Offer(_)
                | Body::Campaign(_) => self.apply_body(position, account, &event, context)?,
            }
        }
        Ok(())
    }
}
