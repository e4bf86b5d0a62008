//! Applications that wait for an answer. An affiliate event of the user, later in the order of equals, is one.

use ledger::{AccountId, ReadError};
use schemas::{Body, Timestamp, Uid};

use super::page::{Order, PageRequest, Place, SortValue, Sorting, page};
use super::{QueryError, View};
use crate::history::{Fact, PRESENT};
use crate::views::{ApplicationRow, List};

/// What is known of who waits without reading the ledger.
struct Waiting {
    account: AccountId,
    since: Timestamp,
    times: u64,
    latest: u64,
}

impl View<'_> {
    /// The users who applied up to now and have no affiliate event since, of whatever time: who waits longest first.
    ///
    /// # Errors
    /// If the cursor is not this list's, or the ledger cannot be read.
    pub fn applications(&self, request: &PageRequest) -> Result<List<ApplicationRow>, QueryError> {
        let waiting = self.state.applications.keys().filter_map(|account| self.waiting(*account));
        let places = waiting.map(|waiting| {
            let uid = self.state.uid(waiting.account);
            let value = Some(SortValue::Number(waiting.since.0.into()));
            (Place { value, keys: vec![SortValue::Number(uid.0.into())] }, waiting)
        });
        let sorting = Sorting { value: Order::Ascending, keys: Order::Ascending };
        page(places, sorting, request, &"applications", self, |waiting| Ok(self.application_row(&waiting)?))
    }

    /// How many users wait for an answer.
    #[must_use]
    pub fn applications_waiting(&self) -> usize {
        self.state.applications.keys().filter(|account| self.waiting(**account).is_some()).count()
    }

    /// Since when a user waits for an answer to its application; none where it does not.
    #[must_use]
    pub fn application_waiting_since(&self, uid: Uid) -> Option<Timestamp> {
        self.account(uid).and_then(|account| self.waiting(account)).map(|waiting| waiting.since)
    }

    fn waiting(&self, account: AccountId) -> Option<Waiting> {
        let answers = self.state.affiliates.get(&account);
        let answered = answers.and_then(|history| history.iter(PRESENT).next_back()).map(Fact::order_key);
        let applications = self.state.applications.get(&account)?.iter(PRESENT);
        let mut open = applications
            .filter(|fact| fact.time <= self.now && answered.is_none_or(|answered| fact.order_key() > answered));
        let first = open.next()?;
        let (times, latest) = open.fold((1, first.position), |(times, _), fact| (times + 1, fact.position));
        Some(Waiting { account, since: first.time, times, latest })
    }

    fn application_row(&self, waiting: &Waiting) -> Result<ApplicationRow, ReadError> {
        let event = self.reader.event(waiting.latest)?;
        let message = match &event.body {
            Body::Application(data) => data.message.to_string(),
            // The state keeps a position here only for an application.
            Body::Registration(_)
            | Body::Kyc(_)
            | Body::Deposit(_)
            | Body::Trade(_)
            | Body::Reversal(_)
            | Body::Vip(_)
            | Body::Affiliate(_)
            | Body::Code(_)
            | Body::Rebate(_)
            | Body::Note(_)
            | Body::Program(_)
            | Body::Offer(_)
            | Body::Campaign(_)
            | Body::Join(_) => String::new(),
        };
        Ok(ApplicationRow {
            uid: self.state.uid(waiting.account),
            waiting_since: waiting.since,
            times: waiting.times,
            message,
            position: waiting.latest,
        })
    }
}
