//! The rates in force at a moment (SPEC 2): the program's rules, a referrer's base, an invitee's rebate.

use schemas::{AffiliateStatus, ProductGroup, Program, Rate, Timestamp, Uid};

use super::order::{earliest, latest};
use super::{Entry, Known};

/// A referrer's standing, base rates and futures window; `event` is the affiliate or program event they come from,
/// `None` for what is built in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base<'a> {
    pub status: Option<AffiliateStatus>,
    pub spot_rate: Rate,
    pub futures_rate: Rate,
    pub futures_window_days: Option<u16>,
    pub event: Option<&'a Entry>,
}

impl Base<'_> {
    pub(super) fn rate(&self, group: ProductGroup) -> Rate {
        match group {
            ProductGroup::Spot => self.spot_rate,
            ProductGroup::Futures => self.futures_rate,
        }
    }

    pub(super) fn is_suspended(&self) -> bool {
        self.status == Some(AffiliateStatus::Suspended)
    }
}

/// An invitee's rebate rates as agreed, uncapped; `event` is the rebate or code event they come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Agreed<'a> {
    pub spot_rate: Rate,
    pub futures_rate: Rate,
    pub event: &'a Entry,
}

impl Agreed<'_> {
    pub(super) fn rate(&self, group: ProductGroup) -> Rate {
        match group {
            ProductGroup::Spot => self.spot_rate,
            ProductGroup::Futures => self.futures_rate,
        }
    }
}

impl<'a> Known<'a> {
    /// The platform's rules at a moment, and the event that set them.
    pub(super) fn program(self, at: Timestamp) -> (Program, Option<&'a Entry>) {
        match latest(self.programs().filter(|(entry, _)| entry.event.time <= at)) {
            Some((entry, program)) => (program.clone(), Some(entry)),
            None => (Program::BUILT_IN, None),
        }
    }

    /// The base of a referrer at a moment: its latest affiliate event, else the program's defaults.
    pub(super) fn base(self, referrer: Uid, at: Timestamp) -> Base<'a> {
        let own = self.affiliates().filter(|(entry, data)| data.uid == referrer && entry.event.time <= at);
        match latest(own) {
            Some((entry, data)) => Base {
                status: Some(data.status),
                spot_rate: data.spot_rate,
                futures_rate: data.futures_rate,
                futures_window_days: data.futures_window_days,
                event: Some(entry),
            },
            None => {
                let (program, event) = self.program(at);
                Base {
                    status: None,
                    spot_rate: program.default_spot_rate,
                    futures_rate: program.default_futures_rate,
                    futures_window_days: program.default_futures_window_days,
                    event,
                }
            }
        }
    }

    /// The rebate of an invitee at a moment: its latest rebate event, else what its code had at its registration,
    /// else what its code had first. `None` without a code that exists.
    pub(super) fn agreed(self, invitee: Uid, at: Timestamp) -> Option<Agreed<'a>> {
        let own = self.rebates().filter(|(entry, data)| data.uid == invitee && entry.event.time <= at);
        if let Some((event, data)) = latest(own) {
            return Some(Agreed { spot_rate: data.spot_rebate_rate, futures_rate: data.futures_rebate_rate, event });
        }
        let (registered, registration) = self.registration(invitee)?;
        let code = registration.code.as_deref()?;
        let states = || self.code_states().filter(|(_, state)| state.code == code);
        let at_registration = latest(states().filter(|(entry, _)| entry.event.time <= registered.event.time));
        let (event, state) = at_registration.or_else(|| earliest(states()))?;
        Some(Agreed { spot_rate: state.spot_rebate_rate, futures_rate: state.futures_rebate_rate, event })
    }

    /// Whether the referrer's latest affiliate event, up to now, says approved.
    pub(super) fn is_approved_affiliate(self, referrer: Uid) -> bool {
        self.base(referrer, self.now).status == Some(AffiliateStatus::Approved)
    }
}
