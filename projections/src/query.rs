//! The questions of SPEC 4 as methods of [`View`]: a state, the ledger to read trades from, and a moment.

mod account;
mod amounts;
mod applications;
mod books;
mod changes;
mod codes;
mod cohorts;
mod columns;
mod cursor;
mod daily;
mod entry;
mod explain;
mod feed;
mod forgone;
mod hint;
mod invitee;
mod largest_referrers;
mod links;
mod metrics;
mod offers;
mod page;
mod platform;
mod posting_account;
mod posting_walk;
mod range;
mod rated_trades;
mod referral_rows;
mod referrals;
mod referrer_list;
mod referrers;
mod restatement;
mod reward_trades;
mod rewards;
mod search;
mod status;
mod together;
mod trade_rules;
mod walk;
mod weight;

pub use amounts::{AmountKey, Amounts, AmountsAsked, By};
pub use books::Books;
pub use codes::{CODES_MAX, CodeSplit};
pub use cohorts::CohortFilter;
pub use cursor::{read_cursor, write_cursor};
pub use daily::DailyRow;
pub use feed::{FeedFilter, FeedPiece, FeedWalk};
pub use forgone::{ForgoneBy, ForgoneFilter, ForgoneKind};
pub use largest_referrers::Referrer;
pub use links::Links;
pub use metrics::{Interval, RANGE_DAYS};
pub use page::{LIMIT_DEFAULT, LIMIT_MAX, Order, PageRequest, cursor_of_one, position_of_cursor, positions_of_cursor};
pub use posting_account::PostingAccount;
pub use posting_walk::{Budget, EntryPosting, Pause, PostingWalk, Visit};
pub use range::{DateRange, RangeRequest};
pub use rated_trades::{PostingMade, RateSet, RatedTrade};
pub use referrals::{ReferralFilter, ReferralSort};
pub use referrer_list::ReferrerSort;
pub use restatement::RestatedTrade;
pub use reward_trades::RewardTrade;
pub use rewards::EarnedRecord;
pub use search::ENTRIES_LOOKED_AT_MAX;
pub use together::{
    Apart, DaySums, NotOne, code_together, codes_together, cohorts_together, countries_together, days_in_doubt,
    offers_together, overview_together, referrals_together, referrers_together, rewards_together, series_together,
};
pub use weight::Weighs;

use ledger::{AccountId, EventReader, Position, ReadError};
use schemas::{AffiliateStatus, Timestamp, Uid};

use crate::state::State;
use crate::views::AsOf;

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// What was named is not there, or not this referrer's.
    #[error("{what} {name} is not there, or not this referrer's")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A parameter is wrong.
    #[error("{field}: {detail}")]
    Invalid {
        /// The parameter's name.
        field: &'static str,
        /// What is wrong, and what is expected.
        detail: String,
    },
    /// The ledger could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// A state at a moment: everything that can be asked.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The projections.
    pub state: &'a State,
    /// The ledger, to read trades again.
    pub reader: &'a dyn EventReader,
    /// "Now": what holds is asked at this moment (SPEC 3).
    pub now: Timestamp,
    /// How links to share are written.
    pub links: &'a Links,
    /// Whether the state is asked about as of its position, which the cursors of its lists then keep, and not as
    /// the present that goes on (SPEC 6).
    pub is_past: bool,
}

impl View<'_> {
    /// What the answers reflect.
    #[must_use]
    pub fn as_of(&self) -> AsOf {
        self.state.as_of()
    }

    /// Whether this referrer is an approved affiliate now.
    #[must_use]
    pub fn is_approved_affiliate(&self, referrer: Uid) -> bool {
        self.state.find_account(referrer).is_some_and(|account| {
            let latest = self.state.affiliates.get(&account).and_then(|history| history.at(self.now, u64::MAX));
            latest.is_some_and(|fact| fact.value.status == AffiliateStatus::Approved)
        })
    }

    /// The position that cursors keep: none where the present is asked.
    fn kept_position(&self) -> Option<Position> {
        self.is_past.then_some(self.state.position)
    }

    fn account(&self, uid: Uid) -> Option<AccountId> {
        self.state.find_account(uid)
    }
}
