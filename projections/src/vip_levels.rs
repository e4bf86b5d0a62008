//! Every event of an account that says its VIP level. A state keeps the latest one alone; where that one is stamped in the
//! future, what holds until then stands in the others.

use ledger::{AccountId, EventReader, ReadError};
use schemas::{Body, Event};

use crate::accounts::{EntryRef, VipMark};
use crate::history::PRESENT;
use crate::rating::WhyNothing;
use crate::state::State;

impl State {
    /// Gives each mark of an account with its event, in order of arrival; trades before the registration bear none. All
    /// events of the account are read.
    pub(crate) fn each_vip_mark(
        &self,
        member: AccountId,
        reader: &dyn EventReader,
        take: &mut dyn FnMut(VipMark, &Event<'_>) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let attribution = self.attribution(member, PRESENT);
        for position in self.index.positions(member) {
            let event = reader.event(position)?;
            let level = match &event.body {
                Body::Vip(data) => data.vip_level,
                Body::Trade(data) => {
                    let rated = self.rate(attribution.as_ref(), data, event.time, PRESENT);
                    match rated.reason {
                        Some(WhyNothing::NotRegistered | WhyNothing::BeforeRegistration) => continue,
                        Some(_) | None => data.vip_level,
                    }
                }
                Body::Registration(_)
                | Body::Kyc(_)
                | Body::Deposit(_)
                | Body::Reversal(_)
                | Body::Affiliate(_)
                | Body::Code(_)
                | Body::Rebate(_)
                | Body::Note(_)
                | Body::Program(_)
                | Body::Offer(_)
                | Body::Campaign(_)
                | Body::Join(_)
                | Body::Application(_) => continue,
            };
            take(VipMark { time: event.time, position: EntryRef::of(position), level }, &event)?;
        }
        Ok(())
    }
}
